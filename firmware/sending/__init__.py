"""Sending: what a connection has to send and where its bytes are, and the ways of getting them out and kept."""
