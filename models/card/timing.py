"""Times of the functional model: every latency and rate of the card as a named constant, to be calibrated from RTL."""

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
    host_read_latency_ps: int = 700 * NS
    """From the grant of a read to its first data beat: bridge, link both ways, root complex."""
    host_write_latency_ps: int = 150 * NS
    """From the grant of a write to its response, data beats apart (posted: the bridge answers)."""
    host_flight_ps: int = 250 * NS
    """One way over the link for what the host starts and for interrupt messages."""
    bridge_target_ps: int = 100 * NS
    """A host's access from the bridge to the block and back."""

    card_read_latency_ps: int = 112 * NS
    """From the request of a read of card memory to its first beat: decoder, arbiter, memory, mover."""
    card_write_latency_ps: int = 96 * NS
    """From the last beat of a write to card memory to its response at the master."""
    firmware_latency_ps: int = 80 * NS
    """Firmware port: what an access takes more than its bus."""
    register_latency_ps: int = 112 * NS
    """A register access: decoder, AXI4-Lite bridge, register file."""

    dma_chunk_bytes: int = 1024
    """What the DMA controller asks for at a time; two chunks are outstanding (2 KiB mover buffer)."""
    dma_start_ps: int = 64 * NS
    """From the fetched descriptor to the first request."""

    byte_ps: int = 8 * NS
    """A byte on the wire: 1 Gb/s."""
    transmit_pipeline_ps: int = 250 * NS
    """From the last byte of a packet in the card to the first byte of its preamble: header, checksums, crossing."""
    receive_pipeline_ps: int = 200 * NS
    """From the last byte on the wire to the first request for the buffer: crossing, filter, checksum."""
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
    receive_buffer_bytes: int = 32768
    """Packet buffer for received frames (4096 words)."""
    receive_frames: int = 64
    """Frames it holds at most (FRAMES of hdl/ethernet/rx_packet_buffer.v)."""
