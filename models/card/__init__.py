"""The functional model of the card: the reference that RTL is checked against, with no clock and no HDL simulator."""

from models.card.card import ModelCard
from models.card.timing import CardTiming

__all__ = ["CardTiming", "ModelCard"]
