"""Drivers of the card's blocks: registers and rings in card memory, reached over the firmware port."""
