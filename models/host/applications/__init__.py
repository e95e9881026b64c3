"""Programs of the host: they use BSD sockets, and so the card. Any socket will do (models/network/socket_interface.py)."""
