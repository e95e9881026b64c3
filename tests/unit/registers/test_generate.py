"""Registers are described once: generated files are current, named as agreed, and broken sources are reported."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
GENERATOR = ROOT / "hdl" / "registers" / "generate.py"

DEMO = """
enum command_e { OPEN = 3 { desc = "opens"; }; CLOSE = 4; };
addrmap demo {
    name = "Demo block";
    default sw = rw;
    reg {
        name = "Control";
        field { desc = "restarts"; onwrite = woclr; } RST[31:31] = 1;
        field { encode = command_e; } CMD[7:0] = 3;
    } CTRL @ 0x0;
    reg { field {} ADDRESS[32]; } TABLE[4] @ 0x100 += 8;
    regfile { reg { field {} GO[1]; } CSR @ 4; } CHANNEL[2] @ 0x200 += 0x40;
};
addrmap demo_descriptor {
    default sw = rw;
    reg { field {} LENGTH[16]; } WORD0 @ 0;
    reg { field {} X[1]; } WORD1 @ 4;
};
"""


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return load(GENERATOR, "hdl_registers_generate")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project with one description in it."""
    sources = tmp_path / "hdl" / "registers"
    sources.mkdir(parents=True)
    (sources / "demo.rdl").write_text(DEMO)
    return tmp_path


def test_the_generated_files_of_the_project_are_current() -> None:
    result = subprocess.run([sys.executable, str(GENERATOR), "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_python_constants_follow_the_description(generate: ModuleType, project: Path) -> None:
    assert generate.generate(project) == 0
    demo = load(project / "firmware" / "registers" / "demo.py", "demo_registers")
    assert (demo.CTRL, demo.CTRL_RESET, demo.SIZE_BYTES) == (0, 0x80000003, 0x248)
    assert (demo.CTRL_RST, demo.CTRL_RST_LSB, demo.CTRL_RST_WIDTH) == (1 << 31, 31, 1)
    assert (demo.CTRL_CMD, demo.CTRL_CMD_OPEN, demo.CTRL_CMD_CLOSE) == (0xFF, 3, 4)
    assert (demo.TABLE, demo.TABLE_STRIDE, demo.TABLE_COUNT) == (0x100, 8, 4)
    assert (demo.CHANNEL_BASE, demo.CHANNEL_STRIDE, demo.CHANNEL_COUNT) == (0x200, 0x40, 2)
    assert (demo.CHANNEL_CSR, demo.CHANNEL_CSR_GO) == (0x204, 1)
    assert (demo.__doc__ or "").startswith("Demo block.")
    descriptor = load(project / "firmware" / "registers" / "demo_descriptor.py", "demo_descriptor_registers")
    assert (descriptor.WORD1, descriptor.SIZE_BYTES, descriptor.WORD0_LENGTH) == (4, 8, 0xFFFF)


def test_verilog_constants_follow_the_description(generate: ModuleType, project: Path) -> None:
    generate.generate(project)
    lines = (project / "hdl" / "registers" / "generated" / "demo.vh").read_text().splitlines()
    for line in (
        "`define DEMO_CTRL 'h0",
        "`define DEMO_CTRL_RST_LSB 31",
        "`define DEMO_CTRL_CMD_WIDTH 8",
        "`define DEMO_CTRL_CMD_OPEN 'h3",
        "`define DEMO_TABLE_STRIDE 'h8",
        "`define DEMO_CHANNEL_CSR 'h204",
    ):
        assert line in lines
    assert "`ifndef DEMO_VH" in lines and lines[-1] == "`endif"


def test_the_page_shows_access_reset_and_values(generate: ModuleType, project: Path) -> None:
    generate.generate(project)
    page = (project / "docs" / "registers" / "demo.md").read_text()
    assert "| 31 | `RST` | w1c | 0x1 | restarts |" in page
    assert "3 = `OPEN` opens; 4 = `CLOSE`" in page
    assert "registers/demo_descriptor.md" in (project / "docs" / "registers.md").read_text()


def test_check_names_stale_and_orphaned_files_and_writes_nothing(
    generate: ModuleType, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.generate(project, check=True) == 1
    assert not (project / "firmware").exists()
    generate.generate(project)
    assert generate.generate(project, check=True) == 0
    header = project / "hdl" / "registers" / "generated" / "demo.vh"
    header.write_text(header.read_text().replace("'h204", "'h208"))
    capsys.readouterr()
    assert generate.generate(project, check=True) == 1
    assert capsys.readouterr().err == "stale, run `make registers`: hdl/registers/generated/demo.vh\n"
    source = project / "hdl" / "registers" / "demo.rdl"
    source.write_text(DEMO.split("addrmap demo_descriptor")[0])
    assert generate.generate(project, check=True) == 1
    assert generate.generate(project) == 0
    assert not (project / "firmware" / "registers" / "demo_descriptor.py").exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("addrmap broken { reg { field {} A[40]; } X @ 0; };", "bad.rdl:1: error: High bit"),
        ("addrmap broken { reg ", "bad.rdl:1"),
        ("addrmap demo { reg { field { sw = rw; } A[4]; } X @ 0; };", "addrmap demo is also defined in bad.rdl"),
        (
            "addrmap twice { default sw = rw; reg { field {} B[1]; } A @ 0; reg { field {} C[1]; } A_B @ 4; };",
            "two things are called A_B in Python",
        ),
        ("addrmap Upper { reg { field { sw = rw; } A[4]; } X @ 0; };", "lower case"),
    ],
)
def test_a_broken_file_is_named_and_the_others_are_generated(
    generate: ModuleType, project: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    generate.generate(project)
    (project / "hdl" / "registers" / "bad.rdl").write_text(text)
    (project / "hdl" / "registers" / "good.rdl").write_text(
        "addrmap good { reg { field { sw = rw; } A[4]; } X @ 0; };"
    )
    assert generate.generate(project) == 1
    assert complaint in capsys.readouterr().err
    assert (project / "firmware" / "registers" / "good.py").exists()
    # Its earlier output stays until the file can be read again.
    assert (project / "firmware" / "registers" / "demo.py").exists()
