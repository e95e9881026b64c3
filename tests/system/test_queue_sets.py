"""Two queue sets on one wire: connections of the firmware, and frames and connections of the host, side by side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from firmware.drivers.steering import HOST as HOST_SET
from firmware.drivers.steering import Owner, Rule, Steering
from firmware.network.ethernet import mac
from firmware.processor import Bus, HardwareThread
from firmware.registers import ethernet
from models import kernel
from models.bench import HOST_ADDRESS, HOST_MAC, PEER_ADDRESS, PEER_MAC, Bench
from models.host.nic_driver import NicDriver
from models.network.link import Direction
from models.network.peer import Peer, PeerSettings
from models.ports import BusError
from tests.system.connection import connect
from tests.system.on_card import run

CARDS = (
    pytest.param({"card": "model"}, id="model"),
    pytest.param({"card": "icarus", "monitors": True}, id="icarus"),
    pytest.param({"card": "icarus", "pins": "cocotbext"}, id="cocotbext pins", marks=pytest.mark.nightly),
    pytest.param({"card": "verilator"}, id="verilator", marks=pytest.mark.nightly),
)
OWN_MAC, OWN_ADDRESS, OWN_PORT = "02:00:00:00:00:03", "10.0.0.3", 6001
"""Of the host's own stack, on its queue set."""
HOST_DATAGRAMS, FIRMWARE_DATAGRAMS = 7001, 7002
"""UDP ports of the firmware's address: the first is steered to the host."""
DATAGRAMS = 6
BYTES = 12 * 1460


class Tap:
    """A wire for the host's stack: keeps what comes for the firmware's address."""

    def __init__(self, nic: NicDriver) -> None:
        self.nic = nic
        self.arrived: Callable[[bytes], None] = lambda frame: None
        self.kept: list[bytes] = []
        nic.arrived = self._arrived

    async def transmit(self, frame: bytes) -> None:
        await self.nic.transmit(frame)

    def _arrived(self, frame: bytes) -> None:
        if frame[:6] == mac(HOST_MAC):
            self.kept.append(frame)
        else:
            self.arrived(frame)


def datagram(port: int, number: int) -> bytes:
    packet = IP(src=PEER_ADDRESS, dst=HOST_ADDRESS) / UDP(sport=9, dport=port) / bytes([number] * 100)
    return bytes(Ether(dst=HOST_MAC, src=PEER_MAC) / packet)


async def carry(bench: Bench, sender: object, receiver: object) -> None:
    """A stream from one socket to another, whole."""
    data = bench.rng.randbytes(BYTES)
    sending = kernel.spawn(sender.sendall(data), "sends")
    assert await receiver.recv_exactly(BYTES) == data
    await sending


async def side_by_side(bench: Bench) -> None:
    steering = Steering(Bus(bench.card.firmware, HardwareThread("steering", ideal=True)))
    nic = bench.host.queue_set()
    with pytest.raises(BusError):
        await nic.get(ethernet.STATUS)
    await steering.set_rule(0, Rule(HOST_SET, mac=mac(OWN_MAC)))
    await steering.set_rule(1, Rule(HOST_SET, protocol=17, destination_port=HOST_DATAGRAMS))
    await steering.share(Owner.BOTH, broadcast=True)
    await nic.start(mac(OWN_MAC))
    await nic.put(ethernet.RA_RAL + 8, int.from_bytes(mac(HOST_MAC)[:4], "little"))
    await nic.put(ethernet.RA_RAH + 8, int.from_bytes(mac(HOST_MAC)[4:], "little") | ethernet.RA_RAH_AV)
    tap = Tap(nic)
    own = Peer(PeerSettings(mac=OWN_MAC, address=OWN_ADDRESS), seed=bench.settings.seed + 1, wire=tap)
    own.start()

    senders: list[bytes] = []
    bench.link.tap_sent(
        lambda frame, _time, way, _note: senders.append(frame[6:12]) if way is Direction.A_TO_B else None
    )
    toe = await connect(bench)
    listener = await bench.peer.listen(OWN_PORT)
    accepting = kernel.spawn(listener.accept(), "peer accepts")
    own_socket = await own.connect((PEER_ADDRESS, OWN_PORT))
    peer_socket, _ = await accepting

    streams = [(toe.host, toe.peer), (toe.peer, toe.host), (own_socket, peer_socket), (peer_socket, own_socket)]
    carrying = [kernel.spawn(carry(bench, *ends), "a stream") for ends in streams]
    for number in range(DATAGRAMS):
        for port in (HOST_DATAGRAMS, FIRMWARE_DATAGRAMS):
            await bench.peer.wire.transmit(datagram(port, number))
        await kernel.sleep(20 * kernel.US)
    for each in carrying:
        await each

    assert tap.kept == [datagram(HOST_DATAGRAMS, number) for number in range(DATAGRAMS)]
    assert bench.firmware.drops()["udp_no_port"] == DATAGRAMS, "the others were the firmware's, which serves no UDP"
    turns = sum(one != other for one, other in zip(senders, senders[1:], strict=False))
    assert set(senders) == {mac(HOST_MAC), mac(OWN_MAC)} and turns > 8, "they have not sent side by side"
    statistics = nic.statistics
    assert senders.count(mac(OWN_MAC)) == statistics.frames_sent
    assert await nic.get(ethernet.TPT) == statistics.frames_sent
    assert await nic.get(ethernet.GPRC) == statistics.frames_received
    assert not statistics.receive_overruns and not statistics.receive_errors and not statistics.long_frames
    assert not bench.firmware.retransmissions
    assert not bench.host.memory.violations, "the card touched memory that was not given to it"

    # the firmware takes the wire back: its connection goes on, the host has no registers and gets no frame any more
    await steering.share(Owner.FIRMWARE)
    with pytest.raises(BusError):
        await nic.get(ethernet.STATUS)
    received = statistics.frames_received
    await carry(bench, toe.host, toe.peer)
    await bench.peer.wire.transmit(datagram(HOST_DATAGRAMS, 0))
    await kernel.sleep(50 * kernel.US)
    assert statistics.frames_received == received
    assert bench.firmware.drops()["udp_no_port"] == DATAGRAMS + 1
    await toe.close()


@pytest.mark.parametrize("settings", CARDS)
def test_host_and_firmware_share_the_wire(settings: dict[str, str], request: pytest.FixtureRequest, seed: int) -> None:
    run(side_by_side, request.node.name, seed=seed, queue_sets=2, **settings)
