"""The longest frames that the card can be built for (MAX_FRAME_BYTES), both ways."""

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as layout
from models.kernel import US, sleep
from models.network.ethernet_fcs import with_fcs
from tests.unit.card.stimuli import ETHERNET, MEMORY, PEER, STATION, Rig, stimulus
from tests.unit.card.test_transmit import EOP, IFCS, RS, legacy

LONGEST = 33792 - 4
DATA, BUFFERS = MEMORY + 0x40000, MEMORY + 0x80000
JUMBO = ethernet.RCTL_EN | ethernet.RCTL_SECRC | ethernet.RCTL_LPE | ethernet.RCTL_BSEX | 1 << ethernet.RCTL_BSIZE_LSB
"""Buffers of 16 KiB."""


def content(length: int, destination: bytes) -> bytes:
    return (destination + STATION + b"\x88\xb5" + bytes(range(251)) * 140)[:length]


@stimulus(max_frame_bytes=33792)
async def test_the_longest_frame_is_sent_and_no_longer_one(rig: Rig) -> None:
    await rig.start_ethernet()
    frame = content(LONGEST + 1, PEER)
    await rig.card.firmware.write(DATA, frame)
    await rig.transmit(legacy(DATA, LONGEST + 1, EOP | IFCS | RS), legacy(DATA, LONGEST, EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == 1)
    assert rig.frames[0][0] == with_fcs(frame[:LONGEST])
    assert await rig.statistic(ethernet.TXBADD) == 1


@stimulus(max_frame_bytes=33792)
async def test_the_longest_frame_is_received_and_no_longer_one(rig: Rig) -> None:
    await rig.start_ethernet(rctl=JUMBO)
    await rig.offer(*(BUFFERS + 0x4000 * index for index in range(6)))
    for length in (LONGEST + 1, LONGEST):
        rig.card.wire.send(with_fcs(content(length, STATION)))
    await sleep(700 * US)
    lengths = [await rig.rx_descriptor(index) for index in range(4)]
    assert [length for length, _, _ in lengths] == [0x4000, 0x4000, LONGEST - 0x8000, 0]
    assert lengths[2][2] & layout.STATUS_EOP
    assert await rig.card.firmware.read(BUFFERS, LONGEST) == content(LONGEST, STATION)
    assert await rig.get(ETHERNET + ethernet.ROC) == 1
