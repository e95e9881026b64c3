"""The states of all connections, as the card's own table and Linux's `ss` have them."""

from __future__ import annotations

from firmware.tcp.states import State
from models.bench import Bench

_NAMES = {
    "ESTAB": "ESTABLISHED",
    "SYN-RECV": "SYN-RECEIVED",
}
"""Of `ss` where it does not use the RFC's names."""


async def states(bench: Bench) -> list[str]:
    """The states of `states_by_ports`, sorted."""
    return sorted((await states_by_ports(bench)).values())


async def states_by_ports(bench: Bench) -> dict[tuple[int, int], str]:
    """ "<state at the card>/<state in Linux>" of each connection, by the card's port and Linux's; "-" where one side
    knows nothing of it. Listening sockets are no connections.
    """
    stack = bench.firmware.stack
    assert stack is not None
    card = {
        (each.binding.local_port, each.binding.remote_port): each.state.name.replace("_", "-")
        for each in stack.table.connections.values()
        if each.state not in (State.CLOSED, State.LISTEN)
    }
    linux = {}
    for each in await bench.peer.connections():
        if each["state"] != "LISTEN":
            ports = tuple(int(each[end].rpartition(":")[2]) for end in ("peer", "local"))
            linux[ports] = _NAMES.get(each["state"], each["state"])
    return {ports: f"{card.get(ports, '-')}/{linux.get(ports, '-')}" for ports in {*card, *linux}}
