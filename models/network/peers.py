"""The peers that may be at the other end of the link, by the name that a bench's settings give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firmware.network.ipv6_layer import Ipv6Config
from models.host.host import Interface
from models.network.peer import Peer, PeerSettings
from models.network.peer_names import PEERS, RECORDED, TAP, recording_of
from models.settings import BenchSettings


def peer_for(
    settings: BenchSettings, interface: Interface, card_mac: str, card_addresses: tuple[str, ...], out: Path
) -> Any:
    """The peer that `settings.peer` names, with the addresses of `interface`; at the link's other end is the card.

    What it leaves of itself goes to `out`, the folder of the run. Raises what the peer raises when it cannot be had
    (LwipUnavailable, LinuxUnavailable, RecordingError, RecordingUnusable, OSError), ValueError for no peer.
    """
    address6 = interface.ipv6_address if interface.ipv6 else None
    if settings.peer == "simulated":
        ipv6 = Ipv6Config(address=address6) if address6 is not None else None
        return Peer(PeerSettings(mac=interface.mac, address=interface.address, ipv6=ipv6), seed=settings.seed)
    if settings.peer == "lwip":
        from models.network.lwip.peer import LwipPeer, LwipSettings

        return LwipPeer(
            LwipSettings(mac=interface.mac, address=interface.address, address6=address6, mtu=settings.mtu),
            seed=settings.seed,
        )
    if settings.peer == "linux":
        from models.network.linux.peer import LinuxPeer, LinuxSettings

        return LinuxPeer(
            LinuxSettings(mac=interface.mac, address=interface.address, address6=address6, mtu=settings.mtu),
            seed=settings.seed,
            out=out,
        )
    if settings.peer == "card":
        from models.network.card_peer import CardPeer

        return CardPeer(settings, interface)
    if settings.peer.startswith((TAP, RECORDED)):
        from models.network.tap import LiveLine, RecordedLine, TapPeer

        if settings.peer.startswith(TAP):
            return TapPeer(LiveLine(settings.peer.removeprefix(TAP), out))
        return TapPeer(RecordedLine(Path(settings.peer.removeprefix(RECORDED))))
    recording = recording_of(settings.peer)
    if recording is not None:
        from models.network.replay import ReplayPeer

        return ReplayPeer(recording, card_mac, card_addresses)
    raise ValueError(f"no peer {settings.peer!r}; there are {', '.join(PEERS)}")
