"""Which peers can be had on this machine."""

from __future__ import annotations

from models.network.linux import image
from models.network.lwip import library

_WHY_NOT = {"lwip": library.why_not, "linux": image.why_not}


def why_not(peer: str) -> str | None:
    """Why there can be no such peer here, in one line; None when there can, or when there is none of that name."""
    ask = _WHY_NOT.get(peer)
    return ask() if ask is not None else None
