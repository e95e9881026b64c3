"""Programs of the host: BSD sockets, and so the card; any of `models.network.socket_interface` will do."""
