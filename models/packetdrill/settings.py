"""Settings of HL-TCP that a script asks for: sysctls as Linux names them, and those that only HL-TCP has.

`sysctl -q net.ipv4.tcp_sack=0` changes what HL-TCP has under that name; `sysctl hl_tcp.<name>=<value>` a field of
TcpConfig (times in ns, or with a unit: 200ms, 1s). What changes nothing that a script could see is taken note of and
left alone; anything else is unsupported.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import shlex
from collections.abc import Callable
from typing import Any

from firmware.tcp.config import LARGEST_RECEIVE_BUFFER, MILLISECOND, SECOND, TcpConfig
from models.packetdrill.script import Unsupported

Changes = dict[str, Any]
FIELDS = {field.name: field for field in dataclasses.fields(TcpConfig)}

#: what `../common/defaults.sh` of the public suites means: Linux's timers and buffers
LINUX_DEFAULTS: Changes = {
    "rto_min": 200 * MILLISECOND,
    "peer_delayed_ack": 200 * MILLISECOND,
    "receive_buffer": 15728640,
    "delayed_ack": 40 * MILLISECOND,
    "ecn": False,
    "ecn_accept": False,
}

#: these change nothing that a script sees of HL-TCP
WITHOUT_EFFECT = frozenset(f"net.ipv4.{name}" for name in (
    "tcp_wmem", "tcp_no_metrics_save", "tcp_autocorking", "tcp_limit_output_bytes", "tcp_moderate_rcvbuf",
    "tcp_min_tso_segs", "tcp_tso_win_divisor", "tcp_slow_start_after_idle", "tcp_invalid_ratelimit",
    "tcp_available_congestion_control", "tcp_workaround_signed_windows", "tcp_adv_win_scale", "tcp_mem",
    "tcp_max_tw_buckets", "tcp_abort_on_overflow", "tcp_max_syn_backlog", "tcp_pacing_ss_ratio",
    "tcp_pacing_ca_ratio", "tcp_min_snd_mss", "tcp_stdurg", "tcp_fastopen", "tcp_notsent_lowat", "tcp_reordering",
    "tcp_app_win", "ip_local_port_range", "tcp_comp_sack_nr", "tcp_comp_sack_delay_ns", "tcp_shrink_window",
    "tcp_max_reordering", "tcp_dsack", "tcp_recovery", "tcp_synack_retries", "tcp_fack",
)) | frozenset(("net.core.netdev_max_backlog", "net.core.default_qdisc", "net.core.somaxconn", "net.core.rmem_max",
                "net.core.wmem_max", "net.core.rmem_default", "net.core.wmem_default"))
_COMMANDS_WITHOUT_EFFECT = ("tc", "ip", "echo", "sleep", "true", "sync", "ethtool", "ifconfig")


def _seconds(name: str) -> Callable[[int], Changes]:
    return lambda value: {name: value * SECOND}


def _ecn(value: int) -> Changes:
    """Linux: 0 never, 1 asks and agrees, 2 only agrees."""
    if value > 2:
        raise Unsupported("accurate ECN")
    return {"ecn": value == 1, "ecn_accept": value != 0}


_SYSCTLS: dict[str, Callable[[int], Changes]] = {
    "tcp_timestamps": lambda value: {"timestamps": value != 0},
    "tcp_sack": lambda value: {"sack": value != 0},
    "tcp_window_scaling": lambda value: {"window_scaling": value != 0},
    "tcp_early_retrans": lambda value: {"tail_loss_probe": value != 0},
    "tcp_fin_timeout": _seconds("fin_wait_2"),
    "tcp_keepalive_time": _seconds("keepalive_idle"),
    "tcp_keepalive_intvl": _seconds("keepalive_interval"),
    "tcp_keepalive_probes": lambda value: {"keepalive_count": value},
    "tcp_rto_min_us": lambda value: {"rto_min": value * 1000},
    "tcp_challenge_ack_limit": lambda value: {"challenge_acks_per_second": value},
    "tcp_retries1": lambda value: {"r1_retransmissions": value},
    "tcp_ecn": _ecn,
    "tcp_syn_retries": lambda value: {"r2_syn": (2 ** (value + 1) - 1) * SECOND},
    "tcp_frto": lambda value: {"frto": value != 0},
    "tcp_syncookies": lambda value: {"syn_cookies": value != 0},
    "tcp_mtu_probing": lambda value: {"black_hole_detection": value != 0},
}


def changes(command: str) -> Changes:
    """Changes of TcpConfig for a shell command. Raises Unsupported for one that cannot be followed."""
    found: Changes = {}
    for line in re.split(r"[\n;]|&&", command.replace("\\\n", " ")):
        line = line.strip()
        if line and not line.startswith("#"):
            found.update(_line(line))
    return found


def _line(line: str) -> Changes:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        raise Unsupported(f"command `{line}`") from None
    if not words:
        return {}
    name = words[0].rsplit("/", 1)[-1]
    if name == "defaults.sh":
        return dict(LINUX_DEFAULTS)
    if name in _COMMANDS_WITHOUT_EFFECT or name.startswith("sysctl_restore"):
        return {}
    if name in ("sysctl", "set_sysctls.py"):
        found: Changes = {}
        for word in words[1:]:
            if word.startswith("-") or word in (">", "/dev/null", "2>&1"):
                continue
            key, separator, value = word.partition("=")
            if not separator:
                raise Unsupported(f"command `{line}`")
            found.update(_sysctl(key.replace("/proc/sys/", "").replace("/", "."), value))
        return found
    raise Unsupported(f"command `{line}`")


def _sysctl(key: str, value: str) -> Changes:
    if key.startswith("hl_tcp."):
        return _own(key.removeprefix("hl_tcp."), value)
    if key in WITHOUT_EFFECT:
        return {}
    name = key.removeprefix("net.ipv4.")
    if name == "tcp_rmem":
        return {"receive_buffer": min(int(value.split()[-1]), LARGEST_RECEIVE_BUFFER)}
    if name == "tcp_congestion_control":
        return {"congestion": value}
    if name in _SYSCTLS and re.fullmatch(r"\d+", value):
        return _SYSCTLS[name](int(value))
    raise Unsupported(f"sysctl {key}={value}")


_UNITS = {"ns": 1, "us": 1000, "ms": MILLISECOND, "s": SECOND}


def _own(name: str, value: str) -> Changes:
    field = FIELDS.get(name)
    if field is None:
        raise Unsupported(f"HL-TCP setting {name}")
    if isinstance(field.default, bool):
        return {name: value not in ("0", "false", "off")}
    if isinstance(field.default, str):
        return {name: value}
    match = re.fullmatch(r"(\d+)(ns|us|ms|s)?", value)
    if match is None:
        raise Unsupported(f"value {value} of HL-TCP setting {name}")
    return {name: int(match.group(1)) * _UNITS[match.group(2) or "ns"]}


def configured(config: TcpConfig, wanted: Changes) -> TcpConfig:
    """The configuration with changes. Raises Unsupported for values that HL-TCP refuses."""
    try:
        return dataclasses.replace(config, **wanted)
    except ValueError as error:
        raise Unsupported(str(error)) from None


@dataclasses.dataclass(frozen=True)
class Options:
    """Options at the top of a script."""

    tolerance_ns: int = 4 * MILLISECOND
    ipv6: bool = False
    """--ip_version=ipv6: sockets and packets of IPv6, and addresses of it where the script gives none."""
    local_address: str = "192.168.0.1"
    remote_address: str = "192.0.2.1"
    gateway: str = "192.168.0.254"
    bind_port: int = 8080
    connect_port: int = 8080
    mtu: int = 1500
    remote_isn: int = 0x7FFFF000
    """Added to every sequence number of the script's side: half of the space is soon crossed."""
    leftover: bool = False
    """True: packets that no line expects do not matter when the script ends."""
    timestamp_tick_ns: int = MILLISECOND
    """What HL-TCP's timestamps count; 0: their values do not matter."""
    any_push: bool = False
    """True: PSH on data does not matter (Linux has it wherever it cuts a large send)."""


IPV6_ADDRESSES = {"local_address": "fd3d:a0b:17d6::1", "remote_address": "fd3d:fa7b:d17d::1",
                  "gateway": "fd3d:a0b:17d6:8888::1"}
"""Those of packetdrill; the prefix of the link has 48 bits."""
IPV6_PREFIX_LENGTH = 48

_IGNORED_OPTIONS = frozenset((
    "ip_version", "netmask_ip", "wire_protocol", "non_fatal", "speed", "init_scripts", "dry_run",
    "verbose", "v", "debug", "send_omit_free", "use_expect", "strict_segments", "local_ipv6", "remote_ipv6",
    "mss", "tolerance_percent",
))


def options(given: tuple[tuple[str, str, int], ...]) -> Options:
    """Raises Unsupported."""
    values: Changes = {}
    for name, value, _ in given:
        try:
            if name == "tolerance_usecs":
                values["tolerance_ns"] = int(value) * 1000
            elif name in ("local_ip", "remote_ip", "gateway_ip"):
                key = {"local_ip": "local_address", "remote_ip": "remote_address", "gateway_ip": "gateway"}[name]
                values[key] = str(ipaddress.ip_address(value.split("/")[0]))
            elif name in ("bind_port", "connect_port", "mtu", "remote_isn"):
                values[name] = int(value, 0)
            elif name == "tcp_ts_tick_usecs":
                values["timestamp_tick_ns"] = int(value) * 1000
            elif name == "leftover":
                values["leftover"] = value == "ignore"
            elif name == "ip_version" and value == "ipv6":
                values["ipv6"] = True
                for key, address in IPV6_ADDRESSES.items():
                    values.setdefault(key, address)
            elif name == "ip_version" and value != "ipv4":
                raise Unsupported(f"--ip_version={value}")
            elif name not in _IGNORED_OPTIONS:
                raise Unsupported(f"option --{name}")
        except ValueError:
            raise Unsupported(f"--{name}={value}") from None
    made = Options(**values)
    if any((":" in each) != made.ipv6 for each in (made.local_address, made.remote_address, made.gateway)):
        raise Unsupported("addresses of another IP version than the script's")
    return made
