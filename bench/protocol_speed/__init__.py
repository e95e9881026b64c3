"""`make protocol-speed`: how many segments a second the protocol alone takes, without stack, card or kernel."""
