"""Ethernet, ARP, IPv4 and ICMP, without I/O."""
