"""Times of the functional model: every latency and rate of the card as a named constant, calibrated from RTL.

The values come from what tests/equivalence/latencies.py measures on the RTL in Icarus with transactors (cocotbext's
pins give the same or up to 7 % less); a test holds model and RTL together. In brackets: what was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.kernel import NS


@dataclass(frozen=True)
class CardTiming:
    """Picoseconds, bytes and counts; the defaults are those of docs/architecture.md and of the blocks' RTL."""

    clock_ps: int = 16 * NS
    """Period of `clk`: 62.5 MHz, one beat of 8 bytes a clock (500 MB/s)."""

    burst_bytes: int = 512
    """Longest burst; bursts end at multiples of it."""
    bus_outstanding: int = 4
    """Bursts on the host bus without last response (OUTSTANDING of hdl/bus/axi_arbiter.v, reads plus writes)."""
    bus_hold_bursts: int = 1
    """Bursts that a requester may take in a row while others wait (HOLD_BURSTS)."""
    tlp_overhead_bytes: int = 24
    """Header, framing, sequence number and LCRC of a TLP (PCIe Gen 2, 64-bit addresses)."""
    max_payload_bytes: int = 256
    """Payload of a memory write or a completion TLP."""
    host_read_latency_ps: int = 176 * NS
    """From the grant of a read until its first completion begins to arrive: bridge, request, root complex. The first
    completion must have arrived whole before it is passed on, then all beats follow (the firmware reads 8 B of host
    memory in 347 ns, 512 B in 1899 ns)."""
    host_write_latency_ps: int = 64 * NS
    """From the grant of a write to its response beside what its data take: the payload of its first TLP is gathered,
    then its TLPs leave (the firmware writes 8 B of host memory in 187 ns, 512 B in 1739 ns)."""
    host_flight_ps: int = 91 * NS
    """One way over the link for what the host starts and for interrupt messages (a doorbell of the host interrupts the
    firmware after 147 ns; one of the firmware interrupts the host after 235 ns)."""
    bridge_target_ps: int = 16 * NS
    """A host's read of a register from the bridge to the block and back (302 ns in all)."""
    bridge_memory_ps: int = 32 * NS
    """The same for card memory, from where the data pass two stages whole (4 B in 331 ns, 256 B in 1849 ns)."""

    card_read_latency_ps: int = 48 * NS
    """From the request of a read of card memory to its first beat: decoder, arbiter, memory, mover (the firmware reads
    8 B in 107 ns, 512 B in 1115 ns)."""
    card_write_latency_ps: int = 48 * NS
    """From the last beat of a write to card memory to its response at the master (8 B in 107 ns, 512 B in 1115 ns)."""
    firmware_latency_ps: int = 43 * NS
    """Firmware port: what an access takes more than its bus (the difference between the firmware's accesses and those
    of the DMA controller)."""
    register_read_ps: int = 80 * NS
    """A register read: decoder, AXI4-Lite bridge, register file (123 ns with the firmware port)."""
    register_write_ps: int = 96 * NS
    """A register write (139 ns with the firmware port)."""

    dma_buffer_bytes: int = 2048
    """What the DMA controller has asked for and not yet passed on to its writes, and as much of these (BUFFER_BYTES of
    its movers)."""
    dma_chunk_bytes: int = 1024
    """What the model asks for at a time, but for the beginning and the end of a descriptor: there it is a burst, as in
    RTL."""
    dma_start_ps: int = 128 * NS
    """What the first descriptor takes beside its fetch and its data, until the interrupt (64 B into the card in 944 ns,
    out in 784 ns; 16 KiB in 37888 ns and 37728 ns)."""

    byte_ps: int = 8 * NS
    """A byte on the wire: 1 Gb/s."""
    transmit_pipeline_ps: int = 297 * NS
    """From the last byte of a packet in the card to the first byte of its preamble: header, checksums, crossing (after
    TDT a frame of 60 B from card memory begins to leave in 553 ns, one of 1500 B from host memory in 4409 ns)."""
    pause_pipeline_ps: int = 100 * NS
    """From the decision to send a pause frame to the first byte of its preamble."""
    loopback_ps: int = 14 * 8 * NS
    """A byte's way through the PHY's loopback (hdl/ethernet/gmii_loopback.v)."""
    receive_pipeline_ps: int = 235 * NS
    """From the last byte on the wire until the packet buffer is read: crossing, filter, checksum. The first burst is
    gathered before it is asked for (64 B are in card memory and told of in 603 ns, 1446 B in the host's in 5083 ns)."""
    ethernet_reset_ps: int = 65 * 16 * NS
    """CTRL.RST: 32 quiet clocks and 33 of reset (hdl/ethernet/ethernet_reset.v)."""
    transmit_buffer_bytes: int = 16384
    """Packet buffer for finished packets (2048 words of 8 bytes)."""
    transmit_packets_ahead: int = 2
    """Packets whose data have been asked for and are not yet in the packet buffer."""
    descriptor_cache: int = 16
    """Descriptors of a ring fetched ahead (CACHE of hdl/ethernet/descriptor_fetch.v)."""
    max_frame_bytes: int = 9230
    """Longest frame without FCS (MAX_FRAME_BYTES of hdl/ethernet)."""
    receive_buffer_bytes: int = 65536
    """Packet buffer for received frames (8192 words)."""

    @property
    def receive_frames(self) -> int:
        """Frames it holds at most (FRAMES of hdl/ethernet/rx_packet_buffer.v)."""
        return self.receive_buffer_bytes // 64

    @classmethod
    def with_frames_of(cls, max_frame_bytes: int) -> CardTiming:
        """Buffers as hdl/toe_card.v chooses them for frames of so many bytes, FCS included."""
        room = max_frame_bytes + 16
        transmit = next(size for size in (16384, 32768, 65536) if room <= size)
        return cls(
            max_frame_bytes=max_frame_bytes - 4,
            transmit_buffer_bytes=transmit,
        )
