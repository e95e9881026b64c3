"""The ways of sending by name (published: HL-TCP, table 3 and figure 6)."""

from __future__ import annotations

from firmware.sending.copy_and_send import CopyAndSend
from firmware.sending.sequential import SequentialSendAndCopy
from firmware.sending.simultaneous import SimultaneousSendAndCopy
from firmware.sending.zero_copy import ZeroCopy

SENDING: dict[str, type] = {
    "copy": CopyAndSend,
    "zero_copy": ZeroCopy,
    "sequential": SequentialSendAndCopy,
    "simultaneous": SimultaneousSendAndCopy,
}
