"""What is chosen about HL-TCP: sizes, the way of sending, what the hardware does for the processor, costs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from firmware.processor import FREQUENCY_HZ, Costs
from firmware.sending.ways import SENDING
from firmware.tcp.config import TcpConfig


@dataclass(frozen=True)
class Settings:
    """Everything about the firmware that is chosen; sizes in bytes."""

    card_memory_bytes: int = 1 << 22
    retransmission_buffer_bytes: int = 1 << 19
    transmit_ring: int = 256
    transmit_headers: int = 32768
    """Ring for headers and for frames without payload."""
    receive_ring: int = 256
    receive_buffers: int = 768
    largest_mtu: int = 1500
    request_frames: int = 256
    first_queue_entry: int = 0
    """Where the message queues begin; near their end they wrap soon."""
    dma_channels: int = 1
    """With two, copies to the retransmission buffer use channel 0 and deliveries to the host channel 1."""
    sending: str = "simultaneous"
    """A key of SENDING: copy, zero_copy, sequential or simultaneous."""
    page_per_send: bool = False
    """One request to Ethernet for each page of the host, whose last segment may be small, as published; False: pages
    are joined, and every segment but the last is full."""
    copy_ahead_bytes: int = 0
    """Copy and send: most that is copied and not yet read by Ethernet (one page: a copy is never hidden behind the
    sending of another); 0: no limit but the send buffer."""
    copy_tail: bool = False
    """Zero-copy: the last two segments of what is to be sent are copied, so that a SEND does not wait for an ACK that
    its peer delays; False: nothing is kept but the host's pages, as published."""
    packet_buffer: int = 0
    """Size of a packet buffer: copies to card memory are cut into such pieces; 0: they are as long as there is room."""
    segmentation_offload: bool = True
    """TSO; False: the processor makes every segment. It needs checksum_offload."""
    checksum_offload: bool = True
    """CSO; False: the processor reads and sums what is sent and received."""
    delayed_ack: bool = True
    """An ACK for two segments, as far as `tcp` says; False: for each."""
    mss: int = 0
    """Largest payload of a segment, both ways; 0: what the MTU admits."""
    driver_copy: bool = False
    """The processor copies every received frame out of the driver's buffer (published: lwIP before its improvement)."""
    round_robin: bool = True
    """Policy of the bus arbiter; False is fixed priority."""
    drain_receive_ring: bool = False
    """False: one interrupt a frame, as published without coalescing; True: an interrupt takes all frames there are."""
    throttle_ns: int = 0
    """Interrupt coalescing: least time between Ethernet interrupts (ITR); with it an interrupt takes all frames."""
    receive_buffer: int = 65535
    send_buffer: int = 1 << 17
    """Most of the retransmission buffer that one connection holds."""
    most_sockets: int = 1024
    ideal_processor: bool = False
    frequency_hz: int = FREQUENCY_HZ
    costs: Costs = field(default_factory=Costs)
    tcp: TcpConfig = field(default_factory=TcpConfig)

    def __post_init__(self) -> None:
        if self.sending not in SENDING:
            raise ValueError(f"sending {self.sending!r} is none of {', '.join(SENDING)}")
        if self.segmentation_offload and not self.checksum_offload:
            raise ValueError("segmentation in hardware needs checksums in hardware")
        if self.packet_buffer and self.packet_buffer < 64:
            raise ValueError(f"packet buffers of {self.packet_buffer} bytes (at least 64)")
        if self.mss and not 64 <= self.mss <= 65495:
            raise ValueError(f"MSS {self.mss} (64 to 65495)")
        if self.copy_ahead_bytes < 0:
            raise ValueError(f"copy_ahead_bytes {self.copy_ahead_bytes}")

    @classmethod
    def for_bench(cls, bench: Any) -> Settings:
        """From the settings of a bench: what has the same name there is taken over."""
        own = {each.name for each in fields(cls)}
        given = {each.name: getattr(bench, each.name) for each in fields(bench) if each.name in own}
        return cls(**{**given, "tcp": TcpConfig(**bench.tcp)}, largest_mtu=max(1500, bench.mtu))
