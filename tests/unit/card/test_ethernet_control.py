"""The MAC's own registers: EEPROM, PHY and link."""

import pytest

from firmware.registers import ethernet
from firmware.registers import ethernet_rx as layout
from models.kernel import US, sleep
from models.network.ethernet_fcs import with_fcs
from tests.unit.card.driver_probe import Driver
from tests.unit.card.stimuli import ETHERNET, MEMORY, PEER, STATION, Rig, stimulus, udp
from tests.unit.card.test_transmit import EOP, IFCS, RS, legacy

DATA, BUFFERS = MEMORY + 0x40000, MEMORY + 0x80000
ADDRESS_WORDS = [int.from_bytes(STATION[at : at + 2], "little") for at in (0, 2, 4)]


@stimulus()
async def test_the_eeprom_reads_bit_by_bit_and_its_words_sum_up(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    words = await driver.read_eeprom(0, 64)
    assert sum(words) & 0xFFFF == 0xBABA
    assert words[:3] == ADDRESS_WORDS
    assert await driver.read_eeprom(0x0F) == [words[0x0F]]


@stimulus()
async def test_words_follow_one_another_while_the_clock_runs(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    await driver.select()
    await driver.shift_out(0b110, 3)
    await driver.shift_out(0x3E, 6)
    assert not await driver.get(ethernet.EECD) & ethernet.EECD_DO, "a zero stands before the data"
    words = [await driver.shift_in(16) for _ in range(4)]
    assert words[0] == 0 and words[2:] == ADDRESS_WORDS[:2], "address 3F is followed by 00"


@stimulus()
async def test_commands_that_write_do_no_harm(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    before = await driver.read_eeprom(0, 4)
    for opcode, address, data in ((0b100, 0b110000, None), (0b101, 1, 0xDEAD), (0b111, 1, None), (0b100, 0, None)):
        await driver.select()
        await driver.shift_out(opcode, 3)
        await driver.shift_out(address, 6)
        if data is not None:
            await driver.shift_out(data, 16)
        await driver.standby()
        assert await driver.get(ethernet.EECD) & ethernet.EECD_DO, "ready"
        await driver.release()
    assert await driver.read_eeprom(0, 4) == before
    # a command broken off by CS leaves nothing behind, bits before the start bit do not count
    await driver.select()
    await driver.shift_out(0b1101, 4)
    await driver.standby()
    await driver.shift_out(0b00110, 5)
    await driver.shift_out(1, 6)
    assert await driver.shift_in(16) == before[1]


@stimulus()
async def test_the_eeprom_is_granted_when_asked_for(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    assert await driver.get(ethernet.EECD) & (ethernet.EECD_PRES | ethernet.EECD_GNT) == ethernet.EECD_PRES
    await driver.put(ethernet.EECD, ethernet.EECD_REQ)
    assert await driver.get(ethernet.EECD) & ethernet.EECD_GNT
    await driver.put(ethernet.EECD, 0)
    assert not await driver.get(ethernet.EECD) & ethernet.EECD_GNT


@stimulus()
async def test_the_eeprom_reads_word_by_word_through_eerd(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    words = []
    for address in range(64):
        await driver.put(ethernet.EERD, ethernet.EERD_START | address << ethernet.EERD_ADDR_LSB)
        value = await driver.get(ethernet.EERD)
        assert value & ethernet.EERD_DONE
        words.append(value >> ethernet.EERD_DATA_LSB)
    assert sum(words) & 0xFFFF == 0xBABA and words[:3] == ADDRESS_WORDS
    await driver.put(ethernet.EERD, 5 << ethernet.EERD_ADDR_LSB)
    assert await driver.get(ethernet.EERD) >> ethernet.EERD_DATA_LSB == words[63], "without START nothing is read"


@stimulus()
async def test_the_station_address_is_loaded_from_the_eeprom(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)

    async def own_address() -> int:
        return await driver.get(ethernet.RA_RAL) | await driver.get(ethernet.RA_RAH) << 32

    expected = int.from_bytes(STATION, "little") | ethernet.RA_RAH_AV << 32
    assert await own_address() == expected
    await driver.put(ethernet.RA_RAL, 0x12345678)
    await driver.put(ethernet.RA_RAH, 0)
    assert await own_address() == 0x12345678
    await driver.put(ethernet.CTRL_EXT, ethernet.CTRL_EXT_EE_RST)
    assert await own_address() == expected
    assert not await driver.get(ethernet.CTRL_EXT) & ethernet.CTRL_EXT_EE_RST
    await driver.put(ethernet.RA_RAH, 0)
    await driver.reset()
    assert await own_address() == expected


@stimulus()
async def test_the_phy_shows_a_gigabit_link(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    values = {register: await driver.read_phy(register) for register in range(32)}
    assert (values[2], values[3] & 0xFFF0) == (0x0141, 0x0C30)
    assert values[1] & 0x24 == 0x24 and values[17] == 0xAC08 and values[0] == 0x1140
    for register in (4, 9, 16, 18, 20):
        await driver.write_phy(register, 0x5A5A)
        assert await driver.read_phy(register) == 0x5A5A
    for register in (1, 2, 3, 17):
        await driver.write_phy(register, 0)
        assert await driver.read_phy(register) == values[register]
    await driver.write_phy(0, 0x1340)
    assert await driver.read_phy(0) == 0x1140, "restart of autonegotiation clears itself"
    await driver.write_phy(0, 0x9140)
    assert [await driver.read_phy(register) for register in range(32)] == list(values.values())


@pytest.mark.parametrize(("phy", "operation"), [(0, 2), (2, 1), (31, 2), (1, 0), (1, 3)])
@stimulus()
async def test_an_mdi_access_that_nothing_answers_ends_with_an_error(rig: Rig, phy: int, operation: int) -> None:
    value = await Driver.of_firmware(rig).mdic(operation, 2, 0x1234, phy=phy)
    assert value & ethernet.MDIC_ERROR and value & ethernet.MDIC_DATA == 0x1234


@stimulus()
async def test_the_end_of_an_mdi_access_interrupts_when_asked_to(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    await driver.put(ethernet.IMS, ethernet.IMS_MDAC)
    await driver.read_phy(2)
    assert not rig.card.firmware.irq & 8
    await driver.mdic(2, 2, interrupt=True)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    assert await driver.get(ethernet.ICR) == ethernet.ICR_MDAC


@stimulus()
async def test_registers_read_back_their_fields_only(rig: Rig) -> None:
    """As a driver's register test expects it."""
    fields = {
        ethernet.FCAL: 0xFFFF_FFFF,
        ethernet.FCAH: 0xFFFF,
        ethernet.FCT: 0xFFFF,
        ethernet.VET: 0xFFFF,
        ethernet.FCTTV: 0xFFFF,
        ethernet.FCRTH: 0xFFF8,
        ethernet.FCRTL: 0x8000_FFF8,
        ethernet.TIPG: 0x3FFF_FFFF,
        ethernet.AIT: 0xFFFF,
        ethernet.TXCW: 0xFFFF_FFFF,
    }
    for offset, mask in fields.items():
        for pattern in (0x5A5A_5A5A, 0xA5A5_A5A5, 0, 0xFFFF_FFFF):
            await rig.put(ETHERNET + offset, pattern)
            assert await rig.get(ETHERNET + offset) == pattern & mask, hex(offset)


async def _link(driver: Driver) -> int:
    return await driver.get(ethernet.STATUS) & ethernet.STATUS_LU


@stimulus()
async def test_the_link_follows_the_wire_and_slu(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    await driver.put(ethernet.IMS, ethernet.IMS_LSC)
    assert not await _link(driver), "the MAC does not look before CTRL.SLU"
    await driver.put(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
    assert await _link(driver)
    assert await driver.get(ethernet.ICR) == ethernet.ICR_LSC
    rig.card.wire.set_link(False)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    assert await driver.get(ethernet.ICR) == ethernet.ICR_LSC
    assert not await _link(driver)
    assert await driver.read_phy(17) == 0x0008 and not await driver.read_phy(1) & 0x24
    rig.card.wire.set_link(True)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    assert await driver.get(ethernet.ICR) == ethernet.ICR_LSC
    assert await _link(driver)
    assert not await driver.read_phy(1) & 4, "a lost link is told once"
    assert await driver.read_phy(1) & 4
    await driver.put(ethernet.CTRL, ethernet.CTRL_FD)
    assert not await _link(driver)
    await driver.put(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU | ethernet.CTRL_PHY_RST)
    assert not await _link(driver)
    await driver.put(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
    assert await _link(driver)
    await driver.get(ethernet.ICR)
    await driver.write_phy(0, 0x1940)
    assert not await _link(driver), "powered down"
    assert await driver.get(ethernet.ICR) == ethernet.ICR_LSC
    await driver.write_phy(0, 0x1140)
    assert await _link(driver)


@stimulus()
async def test_speed_and_duplex_show_what_is_forced(rig: Rig) -> None:
    driver = Driver.of_firmware(rig)
    seen = []
    for forced in (0, ethernet.CTRL_FRCSPD, ethernet.CTRL_FRCSPD | 1 << ethernet.CTRL_SPEED_LSB, ethernet.CTRL_FRCDPX):
        await driver.put(ethernet.CTRL, ethernet.CTRL_SLU | forced)
        seen.append(await driver.get(ethernet.STATUS) & (ethernet.STATUS_SPEED | ethernet.STATUS_FD))
    assert seen == [0x81, 0x01, 0x41, 0x80]


@stimulus()
async def test_without_a_link_frames_wait_and_none_comes_in(rig: Rig) -> None:
    await rig.start_ethernet()
    await rig.offer(MEMORY + 0x40000)
    await rig.card.firmware.write(MEMORY + 0x8000, bytes(range(100)))
    rig.card.wire.set_link(False)
    await rig.until(lambda: rig.card.firmware.irq & 8)
    await rig.put(ETHERNET + ethernet.ICR, ethernet.ICR_LSC)
    await rig.transmit(*[legacy(MEMORY + 0x8000, 100, EOP | IFCS | RS)] * 3)
    rig.card.wire.send(udp(b"nobody hears this"))
    await sleep(60 * US)
    assert not rig.frames
    assert await rig.statistic(ethernet.TPR) == 0 and await rig.get(ETHERNET + ethernet.RDH) == 0
    assert await rig.get(ETHERNET + ethernet.TDH) == 3, "what is read waits in the packet buffer"
    rig.card.wire.set_link(True)
    await rig.until(lambda: len(rig.frames) == 3)
    assert rig.frames[0][0] == with_fcs(bytes(range(100)))
    rig.card.wire.send(udp(b"but this"))
    await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == 1)


@stimulus()
async def test_a_reset_without_a_link_discards_what_waits(rig: Rig) -> None:
    await rig.start_ethernet()
    rig.card.wire.set_link(False)
    await rig.transmit(legacy(MEMORY + 0x8000, 100, EOP | IFCS | RS))
    await rig.poll(ETHERNET + ethernet.TDH, lambda head: head == 1)
    await sleep(2 * US)
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_RST)
    await rig.poll(ETHERNET + ethernet.CTRL, lambda value: not value & ethernet.CTRL_RST)
    rig.card.wire.set_link(True)
    await rig.start_ethernet()
    await sleep(5 * US)
    assert not rig.frames


@stimulus()
async def test_the_phy_loops_back_what_is_sent(rig: Rig) -> None:
    """As a driver's self-test does it: nothing reaches the wire, nothing comes from there, partner or not."""
    await rig.start_ethernet()
    driver = Driver.of_firmware(rig)
    await rig.offer(*[BUFFERS + 0x800 * index for index in range(8)])
    await driver.write_phy(0, 0x4140)
    frames = [STATION + PEER + b"\x88\xb5" + bytes(range(size % 256)) * 6 for size in (8, 60, 200)]
    for index, frame in enumerate(frames):
        await rig.card.firmware.write(DATA + 0x1000 * index, frame)
    rig.card.wire.send(with_fcs(STATION + PEER + b"\x88\xb5" + bytes(60)))
    sends = [legacy(DATA + 0x1000 * index, len(frame), EOP | IFCS | RS) for index, frame in enumerate(frames)]
    await rig.transmit(*sends)
    await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == len(frames))
    for index, frame in enumerate(frames):
        length, _, status = await rig.rx_descriptor(index)
        assert length == max(60, len(frame)) and not status & layout.STATUS_CE
        assert (await rig.card.firmware.read(BUFFERS + 0x800 * index, len(frame))) == frame
    rig.card.wire.set_link(False)
    await sleep(2 * US)
    assert await rig.get(ETHERNET + ethernet.STATUS) & ethernet.STATUS_LU
    await rig.transmit(legacy(DATA, len(frames[0]), EOP | IFCS | RS))
    await rig.poll(ETHERNET + ethernet.RDH, lambda head: head == len(frames) + 1)
    assert not rig.frames
    assert await rig.statistic(ethernet.GPRC) == await rig.statistic(ethernet.GPTC) == len(frames) + 1
    rig.card.wire.set_link(True)
    await driver.write_phy(0, 0x1140)
    await rig.transmit(legacy(DATA, len(frames[0]), EOP | IFCS | RS))
    await rig.until(lambda: len(rig.frames) == 1)


@stimulus()
async def test_a_longer_gap_is_kept(rig: Rig) -> None:
    await rig.start_ethernet()
    gaps = []
    for ipgt in (0, 8, 30, 200):
        await rig.put(ETHERNET + ethernet.TIPG, ipgt)
        count = len(rig.frames)
        await rig.transmit(*[legacy(MEMORY + 0x8000, 700, EOP | IFCS | RS)] * 3)
        await rig.until(lambda count=count: len(rig.frames) == count + 3)
        first, second = rig.frames[-2:]
        gaps.append(round((second[1] - first[2]) / 8000))
    assert gaps == [12, 12, 34, 204]
