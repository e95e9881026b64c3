"""`make speed`: how fast each implementation of the card simulates."""
