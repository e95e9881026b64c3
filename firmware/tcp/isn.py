"""Initial sequence numbers (RFC 6528)."""

import hashlib


def initial_sequence_number(secret: bytes, key: bytes, now: int) -> int:
    """ISN = M + F(connection, secret): M counts 4 us, F is a keyed hash. `now` in ns, `key` identifies the 4-tuple."""
    offset = int.from_bytes(hashlib.blake2s(key, key=secret[:32], digest_size=4).digest(), "big")
    return (now // 4000 + offset) & 0xFFFFFFFF


def timestamp_offset(secret: bytes, key: bytes) -> int:
    """What is added to the timestamps of a connection, so that they tell nothing (RFC 7323 §5.4, §7.1)."""
    return int.from_bytes(hashlib.blake2s(key, key=secret[:32], digest_size=4, person=b"TSoffset").digest(), "big")
