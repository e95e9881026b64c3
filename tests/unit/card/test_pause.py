"""Pause frames: obeyed between frames, sent at the thresholds of the receive packet buffer, counted and filtered."""

import pytest

from firmware.registers import ethernet
from models.kernel import NS, US, now, sleep
from models.network.ethernet_fcs import with_fcs
from tests.unit.card.stimuli import ETHERNET, MEMORY, PEER, STATION, Rig, stimulus
from tests.unit.card.test_transmit import EOP, IFCS, RS, legacy

DATA, BUFFERS = MEMORY + 0x40000, MEMORY + 0x80000
PAUSE = bytes.fromhex("0180c2000001")
QUANTUM_PS = 512 * NS
UP = ethernet.CTRL_FD | ethernet.CTRL_SLU
EN_BAM = ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SECRC


def control(time: int, destination: bytes = PAUSE, opcode: int = 1, source: bytes = PEER) -> bytes:
    content = destination + source + b"\x88\x08" + opcode.to_bytes(2, "big") + time.to_bytes(2, "big")
    return with_fcs(content.ljust(60, b"\0"))


async def _start(rig: Rig, ctrl: int, rctl: int = EN_BAM) -> None:
    await rig.start_ethernet(rctl=rctl)
    await rig.put(ETHERNET + ethernet.FCAL, int.from_bytes(PAUSE[:4], "little"))
    await rig.put(ETHERNET + ethernet.FCAH, int.from_bytes(PAUSE[4:], "little"))
    await rig.put(ETHERNET + ethernet.FCT, 0x8808)
    await rig.put(ETHERNET + ethernet.FCTTV, 0x1234)
    await rig.put(ETHERNET + ethernet.CTRL, UP | ctrl)


async def _paused(rig: Rig) -> None:
    await rig.poll(ETHERNET + ethernet.STATUS, lambda status: bool(status & ethernet.STATUS_TXOFF))


@pytest.mark.parametrize("destination", [PAUSE, STATION])
@stimulus()
async def test_transmission_rests_as_long_as_it_is_told(rig: Rig, destination: bytes) -> None:
    await _start(rig, ethernet.CTRL_RFCE)
    rig.card.wire.send(control(100, destination))
    await _paused(rig)
    begin = now()
    await rig.transmit(*[legacy(DATA, 200, EOP | IFCS | RS)] * 3)
    await rig.until(lambda: len(rig.frames) == 3)
    assert 90 * QUANTUM_PS < rig.frames[0][1] - begin < 101 * QUANTUM_PS
    assert rig.frames[2][1] - rig.frames[0][1] < 5 * US
    assert not await rig.get(ETHERNET + ethernet.STATUS) & ethernet.STATUS_TXOFF
    assert await rig.statistic(ethernet.XOFFRXC) == 1 and await rig.statistic(ethernet.XONRXC) == 0


@stimulus()
async def test_a_frame_under_way_is_finished(rig: Rig) -> None:
    await _start(rig, ethernet.CTRL_RFCE)
    await rig.transmit(*[legacy(DATA, 4000, EOP | IFCS | RS)] * 2)
    await sleep(8 * US)
    rig.card.wire.send(control(200))
    await _paused(rig)
    await rig.until(lambda: len(rig.frames) == 1)
    await sleep(60 * US)
    assert len(rig.frames) == 1
    await rig.until(lambda: len(rig.frames) == 2)


@stimulus()
async def test_xon_ends_the_rest(rig: Rig) -> None:
    await _start(rig, ethernet.CTRL_RFCE)
    rig.card.wire.send(control(0xFFFF))
    await _paused(rig)
    await rig.transmit(legacy(DATA, 200, EOP | IFCS | RS))
    await sleep(100 * US)
    assert not rig.frames
    rig.card.wire.send(control(0))
    await rig.until(lambda: len(rig.frames) == 1)
    assert await rig.statistic(ethernet.XONRXC) == 1
    rig.card.wire.send(control(0xFFFF))
    await _paused(rig)
    await rig.put(ETHERNET + ethernet.CTRL, UP)
    await rig.transmit(legacy(DATA, 200, EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == 2)


@pytest.mark.parametrize("how", ["off", "damaged", "other type", "other address", "other opcode"])
@stimulus()
async def test_what_is_no_pause_frame_is_not_obeyed(rig: Rig, how: str) -> None:
    await _start(rig, 0 if how == "off" else ethernet.CTRL_RFCE)
    frame = {
        "off": control(0xFFFF),
        "damaged": control(0xFFFF)[:-1] + b"!",
        "other type": with_fcs(control(0xFFFF)[:12] + b"\x88\x09" + control(0xFFFF)[14:-4]),
        "other address": control(0xFFFF, PEER),
        "other opcode": control(0xFFFF, opcode=2),
    }[how]
    rig.card.wire.send(frame)
    await rig.poll(ETHERNET + ethernet.TPR, bool)
    await rig.transmit(legacy(DATA, 200, EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == 1)
    assert await rig.statistic(ethernet.XOFFRXC) == 0
    assert await rig.statistic(ethernet.FCRUC) == (how == "other opcode")


@pytest.mark.parametrize(
    ("rctl", "received"),
    [(0, [STATION]), (ethernet.RCTL_DPF, []), (ethernet.RCTL_PMCF | ethernet.RCTL_DPF, [STATION, PAUSE]),
     (ethernet.RCTL_MPE | ethernet.RCTL_DPF, [PAUSE])],
)  # fmt: skip
@stimulus()
async def test_which_control_frames_go_to_memory(rig: Rig, rctl: int, received: list[bytes]) -> None:
    await _start(rig, ethernet.CTRL_RFCE, EN_BAM | rctl)
    await rig.offer(*[BUFFERS + 0x800 * index for index in range(8)])
    seen = []
    for frame in (control(1, STATION), control(1), control(1, STATION, opcode=9), control(1, opcode=9)):
        rig.card.wire.send(frame)
        await rig.poll(ETHERNET + ethernet.TPR, bool)
        if await rig.statistic(ethernet.GPRC):
            seen.append((frame[:6], frame[15]))
    pauses = [address for address, opcode in seen if opcode == 1]
    others = [address for address, opcode in seen if opcode == 9]
    passed = bool(rctl & ethernet.RCTL_PMCF)
    assert others == ([STATION, PAUSE] if passed else [])
    assert pauses == ([] if passed else received)
    assert await rig.statistic(ethernet.FCRUC) == 2


@pytest.mark.parametrize("xon", [True, False])
@stimulus()
async def test_a_filling_buffer_asks_for_a_pause(rig: Rig, xon: bool) -> None:
    await _start(rig, ethernet.CTRL_TFCE)
    await rig.put(ETHERNET + ethernet.FCRTL, 0x0800 | (ethernet.FCRTL_XONE if xon else 0))
    await rig.put(ETHERNET + ethernet.FCRTH, 0x1000)
    await rig.put(ETHERNET + ethernet.TIPG, 8)
    filler = with_fcs(STATION + PEER + b"\x88\xb5" + bytes(1000))
    for count in range(6):
        rig.card.wire.send(filler)
        await rig.poll(ETHERNET + ethernet.TPR, bool)
        if count == 3:
            await sleep(5 * US)
            assert not rig.frames, "four frames are not more than 4 KiB"
    await rig.until(lambda: len(rig.frames) == 1)
    own = control(0x1234, source=STATION)
    assert rig.frames[0][0] == own, "once, however much comes"
    await rig.offer(*[BUFFERS + 0x800 * index for index in range(8)])
    await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == 6)
    await sleep(5 * US)
    expected = [own, control(0, source=STATION)] if xon else [own]
    assert [frame for frame, _, _ in rig.frames] == expected
    assert await rig.statistic(ethernet.XOFFTXC) == 1 and await rig.statistic(ethernet.XONTXC) == xon
    assert await rig.statistic(ethernet.TPT) == 0


@stimulus()
async def test_software_asks_for_a_pause(rig: Rig) -> None:
    await _start(rig, 0)
    enabled = ethernet.TCTL_EN | ethernet.TCTL_PSP
    await rig.put(ETHERNET + ethernet.TCTL, enabled | ethernet.TCTL_SWXOFF)
    await rig.until(lambda: len(rig.frames) == 1)
    assert rig.frames.pop()[0] == control(0x1234, source=STATION), "CTRL.TFCE is about the thresholds only"
    await rig.put(ETHERNET + ethernet.CTRL, UP | ethernet.CTRL_TFCE | ethernet.CTRL_RFCE)
    rig.card.wire.send(control(0xFFFF))
    await _paused(rig)
    await rig.transmit(legacy(DATA, 200, EOP | IFCS | RS))
    await rig.put(ETHERNET + ethernet.TCTL, enabled | ethernet.TCTL_SWXOFF)
    assert await rig.get(ETHERNET + ethernet.TCTL) == enabled
    await rig.until(lambda: len(rig.frames) == 1)
    assert rig.frames[0][0] == control(0x1234, source=STATION), "a pause does not hold pause frames"
    rig.card.wire.send(control(0))
    await rig.until(lambda: len(rig.frames) == 2)


@stimulus()
async def test_an_xoff_takes_back_the_xon_that_waits(rig: Rig) -> None:
    """Else the partner goes on while the packet buffer fills, and no further XOFF tells it to stop."""
    high, low = 2048, 1024
    await _start(rig, ethernet.CTRL_TFCE)
    await rig.put(ETHERNET + ethernet.FCRTH, high)
    await rig.put(ETHERNET + ethernet.FCRTL, low | ethernet.FCRTL_XONE)
    await rig.put(ETHERNET + ethernet.RCTL, ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_LPE)
    filler = with_fcs(STATION + PEER + b"\x88\xb5" + bytes(1000))
    for _ in range(3):
        rig.card.wire.send(filler)
    await rig.until(lambda: len(rig.frames) == 1)
    # while a long frame leaves, the buffer empties and fills again
    await rig.transmit(*[legacy(DATA, 8000, EOP | IFCS | RS)] * 2)
    await sleep(20 * US)
    await rig.offer(*[BUFFERS + 0x800 * index for index in range(3)])
    await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == 3)
    for _ in range(3):
        rig.card.wire.send(filler)
    await rig.until(lambda: len(rig.frames) >= 4)
    await sleep(5 * US)
    pauses = [frame for frame, _, _ in rig.frames if len(frame) == 64]
    assert pauses == [control(0x1234, source=STATION)] * 2
    assert await rig.statistic(ethernet.XOFFTXC) == 2 and await rig.statistic(ethernet.XONTXC) == 0


@stimulus()
async def test_a_pause_frame_goes_between_two_frames(rig: Rig) -> None:
    await _start(rig, ethernet.CTRL_TFCE)
    await rig.transmit(*[legacy(DATA, 2000, EOP | IFCS | RS)] * 2)
    await sleep(12 * US)
    await rig.put(ETHERNET + ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP | ethernet.TCTL_SWXOFF)
    await rig.until(lambda: len(rig.frames) == 3)
    assert [len(frame) for frame, _, _ in rig.frames] == [2004, 64, 2004]
