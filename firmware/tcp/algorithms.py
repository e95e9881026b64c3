"""Congestion control algorithms by the names that TCP_CONGESTION has."""

from .bic import Bic
from .congestion import CongestionControl, NewReno
from .cubic import Cubic

ALGORITHMS: dict[str, type] = {"reno": NewReno, "cubic": Cubic, "bic": Bic}


def make(name: str, initial_segments: int, hystart: bool = True) -> CongestionControl:
    """A new instance; KeyError for an unknown name."""
    if name == "cubic":
        return Cubic(initial_segments, hystart)
    return ALGORITHMS[name](initial_segments)
