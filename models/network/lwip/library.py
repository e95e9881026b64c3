"""lwIP as the distribution packages it (liblwip-dev), loaded afresh for each peer and without its threads.

The package's library is built with an operating system's threads in mind (NO_SYS=0), but has none until `tcpip_init`
starts them. `lwip_init` and the raw API work without, on the caller's thread, and the only other thing that ties the
library to the machine is `sys_now()`. It is called through the library's linkage table, so that a function of that
name that is loaded before takes its place: the one in structures.c, which tells simulated time.
"""

from __future__ import annotations

import ctypes.util
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "out" / "build" / "lwip"
SOURCE = Path(__file__).with_name("structures.c")
INCLUDE = Path("/usr/include/lwip")
NAME = "liblwip.so.0"
PACKAGES = "liblwip-dev gcc libc6-dev"

_FUNCTIONS = """
struct netif; struct pbuf; struct tcp_pcb;
typedef signed char err_t;
typedef err_t (*netif_init_fn)(struct netif *);
typedef err_t (*netif_input_fn)(struct pbuf *, struct netif *);
typedef err_t (*netif_output_fn)(struct netif *, struct pbuf *, const void *);
typedef err_t (*netif_linkoutput_fn)(struct netif *, struct pbuf *);
typedef err_t (*tcp_accept_fn)(void *, struct tcp_pcb *, err_t);
typedef err_t (*tcp_recv_fn)(void *, struct tcp_pcb *, struct pbuf *, err_t);
typedef err_t (*tcp_sent_fn)(void *, struct tcp_pcb *, uint16_t);
typedef err_t (*tcp_connected_fn)(void *, struct tcp_pcb *, err_t);
typedef void (*tcp_err_fn)(void *, err_t);

void lwip_init(void);
uint32_t sys_timeouts_sleeptime(void);
void sys_check_timeouts(void);
struct netif *netif_add(struct netif *, const void *ip, const void *mask, const void *gateway, void *state,
                        netif_init_fn, netif_input_fn);
err_t netif_add_ip6_address(struct netif *, const void *, int8_t *index);
void netif_ip6_addr_set_state(struct netif *, int8_t index, uint8_t state);
void netif_set_default(struct netif *);
void netif_set_up(struct netif *);
void netif_set_link_up(struct netif *);
err_t etharp_output(struct netif *, struct pbuf *, const void *);
err_t ethip6_output(struct netif *, struct pbuf *, const void *);
err_t ethernet_input(struct pbuf *, struct netif *);
int ip4addr_aton(const char *, void *);
int ipaddr_aton(const char *, void *);
char *ipaddr_ntoa_r(const void *, char *, int);
struct pbuf *pbuf_alloc(int layer, uint16_t length, int type);
err_t pbuf_take(struct pbuf *, const void *, uint16_t);
uint16_t pbuf_copy_partial(const struct pbuf *, void *, uint16_t length, uint16_t offset);
uint8_t pbuf_free(struct pbuf *);
struct tcp_pcb *tcp_new_ip_type(uint8_t);
err_t tcp_bind(struct tcp_pcb *, const void *, uint16_t);
struct tcp_pcb *tcp_listen_with_backlog(struct tcp_pcb *, uint8_t);
err_t tcp_connect(struct tcp_pcb *, const void *, uint16_t, tcp_connected_fn);
void tcp_arg(struct tcp_pcb *, void *);
void tcp_accept(struct tcp_pcb *, tcp_accept_fn);
void tcp_recv(struct tcp_pcb *, tcp_recv_fn);
void tcp_sent(struct tcp_pcb *, tcp_sent_fn);
void tcp_err(struct tcp_pcb *, tcp_err_fn);
void tcp_recved(struct tcp_pcb *, uint16_t);
err_t tcp_write(struct tcp_pcb *, const void *, uint16_t, uint8_t);
err_t tcp_output(struct tcp_pcb *);
err_t tcp_shutdown(struct tcp_pcb *, int receive, int transmit);
err_t tcp_close(struct tcp_pcb *);
void tcp_abort(struct tcp_pcb *);
"""
"""Of lwIP 2.1 (lwip/tcp.h, netif.h, pbuf.h, timeouts.h, prot/etharp.h); pointers to ip_addr_t are void here."""

_STRUCTURES = """
void simulated_time(uint32_t milliseconds);
unsigned netif_bytes(void);
unsigned address_bytes(void);
void netif_describe(struct netif *, const uint8_t *mac, uint16_t mtu, netif_output_fn, netif_output_fn,
                    netif_linkoutput_fn, int ipv6);
const void *address6_of(const void *);
void any_address(void *);
const void *pbuf_bytes(const struct pbuf *);
unsigned pbuf_bytes_here(const struct pbuf *);
unsigned pbuf_bytes_in_all(const struct pbuf *);
unsigned tcp_room(const struct tcp_pcb *);
unsigned tcp_segments_queued(const struct tcp_pcb *);
unsigned tcp_most_segments(void);
unsigned tcp_port_here(const struct tcp_pcb *);
unsigned tcp_port_there(const struct tcp_pcb *);
const void *tcp_address_here(const struct tcp_pcb *);
const void *tcp_address_there(const struct tcp_pcb *);
void tcp_no_nagle(struct tcp_pcb *, int);
"""


class LwipUnavailable(Exception):
    """lwIP cannot be used here; the text is one line that says why and what to do."""


def why_not() -> str | None:
    """One line that says what is missing for lwIP; None when all is there."""
    missing = []
    if not (INCLUDE / "lwip" / "init.h").is_file() or _library() is None:
        missing.append("the library lwIP with its headers")
    if _compiler() is None:
        missing.append("a C compiler")
    try:
        import cffi  # noqa: F401 - asked for, not used
    except ImportError:
        missing.append("the Python package cffi (requirements.txt)")
    return f"{' and '.join(missing)} missing: apt-get install {PACKAGES}" if missing else None


def _compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


@functools.cache
def _library() -> Path | None:
    """Where the dynamic linker finds the library."""
    if ctypes.util.find_library("lwip") is None:
        return None
    for folder in (*Path("/usr/lib").glob("*-linux-gnu*"), *map(Path, ("/usr/lib64", "/usr/lib", "/usr/local/lib"))):
        if (folder / NAME).is_file():
            return (folder / NAME).resolve()
    return None


def _structures() -> Path:
    """Compile structures.c, once for each version of it and of the library's headers. Raises LwipUnavailable."""
    digest = hashlib.sha256(SOURCE.read_bytes())
    for header in ("lwipopts.h", "lwip/init.h", "lwip/opt.h", "lwip/netif.h", "lwip/pbuf.h", "lwip/tcp.h"):
        digest.update((INCLUDE / header).read_bytes())
    target = BUILD / f"structures-{digest.hexdigest()[:16]}.so"
    if not target.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}")  # others may be at it in another process
        command = [str(_compiler()), "-shared", "-fPIC", "-O1", f"-I{INCLUDE}", str(SOURCE), "-o", str(part)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            raise LwipUnavailable(f"lwIP's headers do not compile: {_first_error(result.stderr)}")
        part.replace(target)
    return target


def _first_error(text: str) -> str:
    lines = text.splitlines()
    return next((line for line in lines if "error" in line), lines[0] if lines else "no reason given")


@functools.cache
def _shared() -> tuple[Any, Any]:
    """The declarations, and the structures with the clock, of which one is enough."""
    import cffi

    ffi = cffi.FFI()
    ffi.cdef(_FUNCTIONS + _STRUCTURES)
    # global: its sys_now() must be found before the library's own
    structures = ffi.dlopen(str(_structures()), ffi.RTLD_NOW | ffi.RTLD_GLOBAL)
    return ffi, structures


class Library:
    """One copy of lwIP with state of its own: `functions` of the library, `structures`, and `ffi`."""

    def __init__(self, seed: int) -> None:
        """Raises LwipUnavailable."""
        reason = why_not()
        if reason is not None:
            raise LwipUnavailable(reason)
        import cffi

        self.ffi, self.structures = _shared()
        with tempfile.TemporaryDirectory(prefix="lwip-") as folder:
            # The linker gives the same file the same variables: a copy has its own, as after a power-on.
            copy = shutil.copy(_library(), Path(folder) / NAME)
            self.functions = self.ffi.dlopen(str(copy), self.ffi.RTLD_NOW | self.ffi.RTLD_LOCAL)
        libc = cffi.FFI()
        libc.cdef("void srand(unsigned);")
        libc.dlopen(None).srand(seed & 0xFFFFFFFF)  # LWIP_RAND() is rand(): local ports
        self.set_time(0)
        self.functions.lwip_init()
        self._check_clock()

    def set_time(self, milliseconds: int) -> None:
        """What lwIP's clock shows from now on (it wraps as the real one does)."""
        self.structures.simulated_time(milliseconds & 0xFFFFFFFF)

    def _check_clock(self) -> None:
        first = self.functions.sys_timeouts_sleeptime()
        self.set_time(10)
        if not 10 < first <= 1000 or self.functions.sys_timeouts_sleeptime() != first - 10:
            raise LwipUnavailable("the installed lwIP does not take its time from the simulation")
        self.set_time(0)
