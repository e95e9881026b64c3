"""HL-TCP, the firmware of the card.

`hl_tcp.py` is the loop and what it is made of (`settings.py`, `memory_plan.py`); `reception.py` takes frames in,
`transmission.py` and `sending/` send, `receiving.py` brings payload to the host's readers. `sockets/` answers the
host's commands (`messages.py`), `endpoint.py` joins a socket to its connection. `stack/` keeps many connections,
`network/` is Ethernet, ARP, IP and ICMP, `tcp/` the protocol of one connection; these three do no I/O. `drivers/` and
`registers/` are the card's hardware, `processor.py` the processor and what its work costs.
"""
