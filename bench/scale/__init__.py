"""`make scale`: what a segment costs, and how much is kept of a connection, with one and with thousands of them."""
