"""What a snippet sees of a connection: the tcpi_ names of TCP_INFO, and a few of HL-TCP's own in bytes."""

from __future__ import annotations

import dataclasses
from typing import Any

from firmware.tcp import info

CONSTANTS = {
    "TCP_ESTABLISHED": 1, "TCP_SYN_SENT": 2, "TCP_SYN_RECV": 3, "TCP_FIN_WAIT1": 4, "TCP_FIN_WAIT2": 5,
    "TCP_TIME_WAIT": 6, "TCP_CLOSE": 7, "TCP_CLOSE_WAIT": 8, "TCP_LAST_ACK": 9, "TCP_LISTEN": 10, "TCP_CLOSING": 11,
    "TCP_CA_Open": info.CA_OPEN, "TCP_CA_Disorder": info.CA_DISORDER, "TCP_CA_CWR": info.CA_CWR,
    "TCP_CA_Recovery": info.CA_RECOVERY, "TCP_CA_Loss": info.CA_LOSS,
    "TCPI_OPT_TIMESTAMPS": info.OPTION_TIMESTAMPS, "TCPI_OPT_SACK": info.OPTION_SACK,
    "TCPI_OPT_WSCALE": info.OPTION_WINDOW_SCALE, "TCPI_OPT_ECN": info.OPTION_ECN, "TCPI_OPT_ECN_SEEN": 16,
    "TCPI_OPT_SYN_DATA": 32, "TCP_INFINITE_SSTHRESH": info.INFINITE,
}


def names_of(connection: Any, now_ns: int) -> dict[str, int]:
    """The names and values for a connection."""
    found = {f"tcpi_{name}": value for name, value in dataclasses.asdict(info.tcp_info(connection, now_ns)).items()}
    found["tcpi_snd_wscale"] = found["tcpi_wscale"] & 15
    found["tcpi_rcv_wscale"] = found["tcpi_wscale"] >> 4
    found["tcpi_bytes_acked"] = max(0, min(connection.snd_una, connection.snd_end) - connection.iss - 1)
    found["tcpi_bytes_received"] = max(0, connection.rcv_nxt - connection.irs - 1)
    found["tcpi_notsent_bytes"] = max(0, connection.snd_end - max(connection.snd_nxt, connection.iss + 1))
    found["tcpi_snd_wnd"] = connection.snd_wnd
    found["tcpi_rcv_wnd"] = connection.rcv_wnd
    found["cwnd"] = connection.congestion.cwnd
    found["ssthresh"] = connection.congestion.ssthresh
    found["flight"] = connection.snd_nxt - connection.snd_una
    return found
