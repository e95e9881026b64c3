"""Two cards, each with its own host and firmware, on one wire: what one host sends the other receives."""

from __future__ import annotations

import pytest

from models.observation import dissect
from models.observation.capture import Direction
from models.runner import RunResult
from tests.interop.carry import DIRECTIONS, IMPAIRED, as_seen_by_the_peer, carry, frames


def check_both_ends(result: RunResult) -> None:
    """What left one end arrived at the other, all of it, in order, unchanged, and later; and no end sent nonsense."""
    captured = frames(result)
    for direction, near, far in ((Direction.OUTBOUND, "card", "peer"), (Direction.INBOUND, "peer", "card")):
        way = [each for each in captured if each.direction is direction]
        sent, received = ([each for each in way if each.interface.name == name] for name in (near, far))
        under_way = len(sent) - len(received)
        assert 0 <= under_way <= 2 and received, "the run may end while the last frames are on the wire"
        assert [each.data for each in sent][: len(received)] == [each.data for each in received]
        assert all(one.time_ps < other.time_ps for one, other in zip(sent, received, strict=False))
    assert dissect.problems(as_seen_by_the_peer(result)) == []


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_one_mebibyte_from_host_to_host(direction: str, seed: int) -> None:
    result = carry(f"card-{direction}", direction, 1 << 20, seed, peer="card")
    assert result.summary["retransmissions"] == result.summary["peer_retransmissions"] == 0
    check_both_ends(result)


def test_host_to_host_over_ipv6(seed: int) -> None:
    check_both_ends(carry("card-ipv6", "echo", 100_000, seed, peer="card", family="ipv6"))


@pytest.mark.parametrize("impairment", IMPAIRED)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_arrives_intact_over_a_bad_link(direction: str, impairment: str, seed: int) -> None:
    carry(f"card-{direction}-{impairment}", direction, 150_000, seed, peer="card", **IMPAIRED[impairment])


def test_a_card_in_rtl_with_a_functional_model_behind_the_wire(seed: int) -> None:
    check_both_ends(carry("card-icarus", "echo", 6000, seed, peer="card", card="icarus"))


@pytest.mark.nightly
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_one_mebibyte_from_the_rtl_and_to_it(direction: str, seed: int) -> None:
    check_both_ends(carry(f"card-verilator-{direction}", direction, 1 << 20, seed, peer="card", card="verilator"))


def test_the_two_ends_draw_different_numbers_and_a_seed_gives_the_same_capture(seed: int) -> None:
    first, again = (carry("card-same-seed", "send", 30_000, seed, peer="card", loss=0.03) for _ in range(2))
    assert frames(first) == frames(again)
    syns = [each.data for each in frames(first) if each.data[12:14] == b"\x08\x00" and each.data[47] & 2]
    by_end = {each[6:12]: each[38:42] for each in syns}
    assert len(by_end) == len(set(by_end.values())) == 2, "initial sequence numbers"
