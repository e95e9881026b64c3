"""How card memory is shared: what the settings ask for, cut down to what there is.

Less memory than asked for is no error but back-pressure: a smaller receive window, and less that is sent ahead of its
acknowledgment. Only card memory in which nothing can work is refused (`CardMemoryExhausted`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from firmware.card_memory import CardMemory, CardMemoryExhausted
from firmware.drivers.dma import Channel
from firmware.drivers.ethernet_receive import DESCRIPTOR_BYTES
from firmware.drivers.ethernet_transmit import TransmitRing
from firmware.drivers.messaging import Messaging
from firmware.messages import REQUEST_FRAME_BYTES

if TYPE_CHECKING:
    from firmware.settings import Settings

_FRAME_OVERHEAD_BYTES = 22
"""Ethernet header, VLAN tag and FCS."""
_HEADERS_BYTES = 52
"""IPv4 and TCP header with timestamps."""
_LEAST_RING, _LEAST_BUFFERS = 16, 24
_ALIGNMENT_BYTES = 512
"""What the regions of the rest may lose to their alignment."""


def receive_buffer_bytes(largest_mtu: int) -> int:
    """Size of receive buffers: the controller's next that holds a whole frame."""
    return next(size for size in (2048, 4096, 8192, 16384, 1 << 30) if size >= largest_mtu + _FRAME_OVERHEAD_BYTES)


def fitted(settings: Settings) -> Settings:
    """`settings`, with smaller pools if card memory asks for it.

    The retransmission buffer gets what it asks for, but when memory is short no more than a quarter of it; the receive
    buffers get the rest. Their ring is at most half of them. Message frames get no more than an eighth.
    Raises CardMemoryExhausted.
    """
    buffer_bytes = receive_buffer_bytes(settings.largest_mtu)
    left = settings.card_memory_bytes - _fixed(settings) - _ALIGNMENT_BYTES
    wanted = settings.receive_buffers * buffer_bytes + settings.receive_ring * DESCRIPTOR_BYTES
    if wanted + settings.retransmission_buffer_bytes <= left:
        # the ring must stay filled: without buffers beside it no frame could be kept
        most = max(settings.receive_buffers * 2 // 3 // 8 * 8, _LEAST_RING)
        return replace(settings, receive_ring=most) if settings.receive_ring > most else settings
    frames = min(settings.request_frames, max(settings.card_memory_bytes // 8 // REQUEST_FRAME_BYTES, 1))
    left += (settings.request_frames - frames) * REQUEST_FRAME_BYTES
    least = _LEAST_BUFFERS * buffer_bytes + _LEAST_RING * DESCRIPTOR_BYTES
    retransmission = min(settings.retransmission_buffer_bytes, max(left // 4, left - wanted), left - least)
    if retransmission < min(settings.retransmission_buffer_bytes, 2 * settings.largest_mtu):
        raise CardMemoryExhausted(f"{settings.card_memory_bytes} bytes of card memory hold no {_LEAST_BUFFERS} receive "
                                  f"buffers and two frames beside rings and messages")
    left -= retransmission
    ring = min(settings.receive_ring, left // (2 * buffer_bytes + DESCRIPTOR_BYTES) // 8 * 8)
    ring = max(ring, _LEAST_RING)
    buffers = min(settings.receive_buffers, (left - ring * DESCRIPTOR_BYTES) // buffer_bytes)
    window = (buffers - ring) * (settings.largest_mtu - _HEADERS_BYTES)
    return replace(settings, request_frames=frames, retransmission_buffer_bytes=retransmission,
                   receive_ring=ring, receive_buffers=buffers,
                   receive_buffer=min(settings.receive_buffer, window))


def _fixed(settings: Settings) -> int:
    """Card memory that everything else takes: found by laying it out in memory without end."""
    unlimited = CardMemory(1 << 62)
    nothing: Any = None
    Messaging(nothing, unlimited, nothing, settings.request_frames, settings.first_queue_entry)
    TransmitRing(nothing, unlimited, settings.transmit_ring, settings.transmit_headers)
    for number in range(settings.dma_channels):
        Channel(nothing, unlimited, number, nothing)
    return unlimited.size - unlimited.free
