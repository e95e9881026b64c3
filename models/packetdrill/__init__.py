"""Scripts in the language of packetdrill, run on HL-TCP in simulated time.

A script says, line by line, which system calls an application makes, which packets come out and which come in,
and when. `make packetdrill SUITE=...` runs them on the protocol alone or on the whole card.
"""
