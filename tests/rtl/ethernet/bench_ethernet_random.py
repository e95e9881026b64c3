"""Random work for transmitter and receiver at once: every byte, length, status and count is compared."""

from __future__ import annotations

import os
import random
import struct
from collections import Counter, deque

import cocotb
from bench_ethernet_receive import own_address
from cocotb.handle import SimHandleBase
from ethernet_bench import FAULT, Bench
from random_arrivals import BUFFER, Arrival, Arrivals, Receiver
from random_sends import Send, Sends, written_back
from stalls import ethernet_test

from firmware.registers import ethernet, ethernet_rx

OPERATIONS = int(os.environ["OPERATIONS"])
"""Sends and arrivals together."""
BATCH = 12
"""Operations between two looks at memory."""
BATCHES = 4
"""With one setting of the receiver."""
TX_SIZE, RX_SIZE = 104, 40
TX_AREA, RX_AREA, AREA = 0x0000_5A5A_0002_0000, 0x40000, 0x20000
GUARD = 8
"""Bytes on either side of what is delivered that must not change."""
COUNTS = (
    ethernet.GPTC, ethernet.TSCTC, ethernet.TSCTFC, ethernet.TXBADD, ethernet.TXRDERR, ethernet.TXDESCERR,
    ethernet.TPR, ethernet.GPRC, ethernet.BPRC, ethernet.MPRC, ethernet.CRCERRS, ethernet.RXERRC, ethernet.RLEC,
    ethernet.RUC, ethernet.RFC, ethernet.ROC, ethernet.RJC, ethernet.MPC, ethernet.RXWRERR, ethernet.RXDESCERR,
    ethernet.WBERR,
)  # fmt: skip


class Work:
    """One controller under random work, and what is known of it."""

    def __init__(self, dut: SimHandleBase) -> None:
        self.dut = dut
        self.dice = random.Random(cocotb.RANDOM_SEED)
        self.bench = Bench(dut, self.dice)
        self.vlan_table = tuple(self.dice.getrandbits(32) for _ in range(128))
        self.sends = Sends(self.dice, int(dut.MAX_FRAME_BYTES.value) - 4)
        self.counted: Counter[int] = Counter()
        self.memory = bytearray(AREA)
        """The receive buffers as they should be."""
        self.buffers: dict[int, int] = {}
        """Address by descriptor; 0 and bad ones among them."""
        self.done = 0

    async def begin(self) -> None:
        await self.bench.start(TX_SIZE, RX_SIZE)
        await own_address(self.bench)
        for index, bits in enumerate(self.vlan_table):
            await self.bench.write(ethernet.VFTA + 4 * index, bits)
        await self.give(RX_SIZE - 1)

    async def set_receiver(self) -> Arrivals:
        """Another setting; the controller is idle."""
        dice = self.dice
        rctl = ethernet.RCTL_EN | 3 << ethernet.RCTL_BSIZE_LSB
        for bit in (ethernet.RCTL_SECRC, ethernet.RCTL_SBP, ethernet.RCTL_BAM, ethernet.RCTL_VFE):
            rctl |= bit * dice.getrandbits(1)
        rxcsum = dice.choice((0, 14, 15, 34, dice.randrange(56)))
        for bit in (ethernet.RXCSUM_IPOFL, ethernet.RXCSUM_TUOFL):
            rxcsum |= bit * (dice.random() < 0.8)
        vlan = self.sends.vlan_mode = bool(dice.getrandbits(1))
        await self.bench.write(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU | (ethernet.CTRL_VME if vlan else 0))
        await self.bench.write(ethernet.RXCSUM, rxcsum)
        await self.bench.write(ethernet.RCTL, rctl)
        return Arrivals(dice, Receiver(rctl, rxcsum, vlan, self.vlan_table, int(self.bench.dut.MAX_FRAME_BYTES.value)))

    async def give(self, count: int) -> None:
        """Receive descriptors; a few have no buffer, or one that cannot be written."""
        bench, dice = self.bench, self.dice
        ring = []
        for _ in range(count):
            address = RX_AREA + 64 + bench.rx_tail * (BUFFER + 32) + dice.randrange(8)
            address |= dice.choices((0, FAULT), (30, 1))[0]
            if dice.random() < 0.03:
                address = 0
            self.buffers[bench.rx_tail] = address
            ring.append(struct.pack("<QQ", address, 0))
            bench.rx_tail = (bench.rx_tail + 1) % RX_SIZE
        await bench.put_descriptors(bench.rx_ring, RX_SIZE, bench.rx_tail - count, ring)
        await bench.write(ethernet.RDT, bench.rx_tail)

    # ---- a batch

    async def batch(self, arrivals: Arrivals) -> None:
        sends, frames = [], []
        self.sends.begin(TX_AREA + self.dice.randrange(AREA // 2))
        for _ in range(BATCH):
            if self.dice.random() < 0.5:
                sends.append(self.sends.next())
            else:
                frames.append(arrivals.next())
        self.done += BATCH
        first, head = self.bench.tx_tail, self.bench.rx_head
        injecting = cocotb.start_soon(self._inject(frames))
        await self._send(sends)
        await injecting
        await self.bench.quiet()
        await self._check_sends(first, sends)
        await self._check_arrivals(frames)
        used = (self.bench.rx_head - head) % RX_SIZE
        if used:
            await self.give(used)
        for each in (*sends, *frames):
            self.counted += each.counted

    async def _inject(self, frames: list[Arrival]) -> None:
        for each in frames:
            await self.bench.inject(
                each.frame,
                bad_fcs=each.bad_fcs,
                error_at=each.error_at,
                gap=self.dice.choice((1, 8, 12, 12, 400)),
            )

    async def _send(self, sends: list[Send]) -> None:
        """Write all bytes, then the descriptors in one to three portions that end anywhere."""
        bench = self.bench
        await bench.poke(self.sends.base, bytes(self.sends.image))
        ring = [descriptor for send in sends for descriptor in send.descriptors]
        cuts = sorted(self.dice.choices(range(len(ring) + 1), k=self.dice.randrange(3)))
        for start, stop in zip([0, *cuts], [*cuts, len(ring)], strict=True):
            if start < stop:
                await bench.post(ring[start:stop])
        for number, send in enumerate(sends):
            for frame in send.frames:
                got = (await bench.wire_frame(400)).data
                assert got == frame, f"send {number} of {self.done}: {send}\ngot  {got.hex()}\nneed {frame.hex()}"

    async def _check_sends(self, first: int, sends: list[Send]) -> None:
        bench = self.bench
        assert not bench.frames, f"operation {self.done}: a frame too many"
        assert await bench.read(ethernet.TDH) == bench.tx_tail
        expected = b"".join(written_back(each) for send in sends for each in send.descriptors)
        got = await bench.ring(bench.tx_ring, TX_SIZE, first, len(expected) // 16)
        assert got == expected, f"operation {self.done}: descriptors are {got.hex()}, need {expected.hex()}"

    async def _check_arrivals(self, frames: list[Arrival]) -> None:
        """Descriptor by descriptor up to the head: who they say is there has to be there."""
        bench = self.bench
        head = await bench.read(ethernet.RDH)
        count = (head - bench.rx_head) % RX_SIZE
        ring = await bench.ring(bench.rx_ring, RX_SIZE, bench.rx_head, count)
        waiting = deque(each for each in frames if each.delivered is not None)
        at = 0
        for number in range(count):
            address = self.buffers[(bench.rx_head + number) % RX_SIZE]
            found = ring[16 * number : 16 * number + 16]
            if address == 0:
                expected = ethernet_rx.STATUS_DD << 32
            else:
                assert waiting, f"operation {self.done}: a frame too many, {found.hex()}"
                arrival = waiting[0]
                part = arrival.delivered[at : at + BUFFER]
                at += len(part)
                status, checksum = ethernet_rx.STATUS_DD, 0
                if at == len(arrival.delivered):
                    status |= ethernet_rx.STATUS_EOP | arrival.status
                    checksum = arrival.checksum
                    waiting.popleft()
                    at = 0
                if address & FAULT:
                    status |= ethernet_rx.STATUS_RXE
                    self.counted[ethernet.RXWRERR] += 1
                expected = status << 32 | checksum << 16 | len(part)
                await self._check_bytes(address, part)
            expected_bytes = struct.pack("<QQ", address, expected)
            assert found == expected_bytes, (
                f"operation {self.done}, descriptor {number} is {found.hex()}, need {expected_bytes.hex()}"
            )
        assert not waiting and at == 0, f"operation {self.done}: {len(waiting)} frames are missing: {waiting[0]}"
        bench.rx_head = head

    async def _check_bytes(self, address: int, part: bytes) -> None:
        offset = (address & 0xFFFFF) - RX_AREA
        if not address & FAULT:
            self.memory[offset : offset + len(part)] = part
        start, stop = offset - GUARD, offset + len(part) + GUARD
        got = await self.bench.peek(RX_AREA + start, stop - start)
        assert got == self.memory[start:stop], f"operation {self.done}: bytes at {address:#x}"

    async def check_counts(self) -> None:
        found = {address: await self.bench.read(address) for address in COUNTS}
        assert found == {address: self.counted[address] for address in COUNTS}, f"operation {self.done}"
        self.counted.clear()


@ethernet_test()
async def random_sends_and_arrivals(dut: SimHandleBase) -> None:
    work = Work(dut)
    await work.begin()
    while work.done < OPERATIONS:
        arrivals = await work.set_receiver()
        for _ in range(BATCHES):
            await work.batch(arrivals)
        await work.check_counts()
