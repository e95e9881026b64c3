"""Counters of the firmware by cause: every drop and every error has its name here."""

from __future__ import annotations

from firmware.network.outcomes import ANSWERED, SENT, TAKEN


class Statistics:
    """Named counters; a counter exists once it has counted."""

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}

    def count(self, name: str, by: int = 1) -> None:
        self.counters[name] = self.counters.get(name, 0) + by

    def __getitem__(self, name: str) -> int:
        return self.counters.get(name, 0)


NO_DROPS = frozenset((
    "copied_ahead_bytes", "receive_checksums_in_software", "replies_waited_for_frame",
    "retransmissions_waited_for_copy", "retransmitted_bytes", "tcp_challenge_acks", "tcp_congestion_marks",
    "tcp_congestion_reductions", "tcp_fast_retransmissions", "tcp_out_of_order", "tcp_path_mtu_raised",
    "tcp_path_mtu_reduced", "tcp_resets_received", "tcp_resets_sent", "tcp_retransmission_limit",
    "tcp_retransmission_timeouts", "tcp_retransmissions", "tcp_syn_cookies_received", "tcp_syn_cookies_sent",
    "tcp_urgent_marks", "tcp_window_probes", "transmit_ring_full",
)) | ANSWERED | TAKEN | SENT
"""Counters of the firmware and of the stack that do not tell of something lost or refused."""
