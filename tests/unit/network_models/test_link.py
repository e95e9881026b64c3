"""The link: when frames arrive, in what order, and what impairment does to them."""

import random

import pytest

from models import kernel
from models.network import ethernet_fcs
from models.network.impairment import Chance, Corrupt, Drop, Duplicate, Impairment, Reorder, Rule, Truncate
from models.network.link import Direction, Link, LinkSettings
from models.observation.capture import DAMAGED

BYTE_PS = 8 * kernel.NS


class Port:
    """A port that notes what it is given; `sends` puts a frame on the wire as card pins do, told at its end."""

    def __init__(self, whole_frames=False):
        self.whole_frames = whole_frames
        self.got = []
        self.tell = None

    def connect(self, receive):
        self.tell = receive

    def send(self, frame):
        self.got.append((frame, kernel.now()))

    @property
    def frames(self):
        return [frame for frame, _ in self.got]

    async def sends(self, frame):
        begin = kernel.now()
        await kernel.sleep((8 + len(frame)) * BYTE_PS)
        self.tell(frame, begin, kernel.now())
        await kernel.sleep(12 * BYTE_PS)


def frames_of(count, seed=1, size=60):
    rng = random.Random(seed)
    return [ethernet_fcs.with_fcs(index.to_bytes(4, "big") + rng.randbytes(size - 4)) for index in range(count)]


def run(frames, whole_frames=False, taps=(), impair=None, **settings):
    async def main():
        a, b = Port(), Port(whole_frames)
        link = Link(a, b, LinkSettings(**settings), impair_a_to_b=impair)
        link.start()
        for place, tap in taps:
            getattr(link, f"tap_{place}")(tap)
        for frame in frames:
            await a.sends(frame)
        await kernel.sleep(kernel.S)
        assert link.idle
        return b, link.statistics(Direction.A_TO_B)

    return kernel.run(main())


def test_a_frame_arrives_whole_after_the_delay_and_once_serialized():
    [frame] = frames_of(1)
    port, statistics = run([frame], whole_frames=True, delay_ps=5 * kernel.US)
    [(got, time_ps)] = port.got
    assert got == frame
    assert time_ps // kernel.NS == 72 * 8 + 5000
    assert (statistics.sent, statistics.delivered, statistics.delivered_bytes) == (1, 1, 64)


def test_pins_get_a_frame_when_its_first_bit_arrives():
    port, _ = run(frames_of(1), delay_ps=5 * kernel.US)
    assert port.got[0][1] // kernel.NS == 5000


def test_without_delay_pins_get_a_frame_when_it_has_ended():
    port, _ = run(frames_of(1))
    assert port.got[0][1] // kernel.NS == 72 * 8


def test_frames_keep_their_order_and_spacing():
    frames = frames_of(50)
    port, _ = run(frames, delay_ps=kernel.MS)
    assert port.frames == frames
    times = [time_ps // kernel.NS for _, time_ps in port.got]
    assert {b - a for a, b in zip(times, times[1:], strict=False)} == {84 * 8}


def test_a_slower_path_forwards_at_its_rate_and_drops_beyond_its_queue():
    frames = frames_of(100)
    port, statistics = run(frames, rate_bps=100_000_000, queue_frames=10)
    times = [time_ps // kernel.NS for _, time_ps in port.got]
    assert {b - a for a, b in zip(times, times[1:], strict=False)} == {84 * 80}
    assert statistics.queue_drops > 50
    assert statistics.delivered + statistics.queue_drops == 100
    assert port.frames == [frame for frame in frames if frame in port.frames], "in order"


@pytest.mark.parametrize("past", [1, 3])
def test_a_reordered_frame_comes_after_so_many_others(past):
    frames = frames_of(8)
    port, statistics = run(frames, impair=Impairment([Rule(2, Reorder(past))]))
    expected = [frames[0], *frames[2 : 2 + past], frames[1], *frames[2 + past :]]
    assert port.frames == expected
    assert statistics.reordered == 1


def test_a_held_frame_is_not_held_for_ever():
    frames = frames_of(2)
    port, _ = run(frames, impair=Impairment([Rule(2, Reorder(5, at_most_ps=kernel.MS))]))
    assert port.frames == frames
    assert kernel.MS < port.got[1][1] < 1.1 * kernel.MS


def test_scripted_actions_hit_their_frames_only():
    frames = frames_of(6)
    rules = [
        Rule(1, Drop()),
        Rule(2, Duplicate(2)),
        Rule(3, Corrupt(flips=((20, 0xFF),))),
        Rule(4, Truncate(30)),
        Rule(lambda number, frame: frame[3] == 4, Corrupt(count=3, mend_fcs=True)),
    ]
    port, statistics = run(frames, impair=Impairment(rules))
    got = port.frames
    assert got[:3] == [frames[1]] * 3
    assert got[3][20] == frames[2][20] ^ 0xFF and not ethernet_fcs.is_good(got[3])
    assert got[4] == frames[3][:30]
    assert got[5] != frames[4] and ethernet_fcs.is_good(got[5])
    assert got[6:] == [frames[5]]
    assert (statistics.lost, statistics.damaged, statistics.duplicated) == (1, 3, 2)


def test_a_rule_can_be_limited():
    frames = frames_of(5)
    port, _ = run(frames, impair=Impairment([Rule(lambda number, frame: True, Drop(), times=2)]))
    assert port.frames == frames[2:]


def test_chance_is_seeded_and_about_right(seed):
    frames = frames_of(2000)
    chance = Chance(loss=0.1, corruption=0.05, duplication=0.02, reordering=0.02)

    def once(of_seed):
        port, statistics = run(frames, impair=Impairment(chance=chance, seed=of_seed))
        return port.frames, statistics

    got, statistics = once(seed)
    assert once(seed) == (got, statistics)
    assert once(seed + 1)[0] != got
    assert 150 < statistics.lost < 250
    assert 60 < statistics.damaged < 130
    assert 15 < statistics.duplicated < 65
    assert sum(not ethernet_fcs.is_good(frame) for frame in got) == statistics.damaged
    assert len(got) == 2000 - statistics.lost + statistics.duplicated


def test_taps_show_frames_in_order_of_time_with_what_was_done():
    sent, received = [], []
    frames = frames_of(4)
    impair = Impairment([Rule(1, Drop()), Rule(2, Corrupt())])
    taps = [("sent", lambda *shown: sent.append(shown)), ("received", lambda *shown: received.append(shown))]
    port, _ = run(frames, delay_ps=10 * kernel.US, impair=impair, taps=taps)
    assert [shown[0] for shown in sent] == frames
    assert [shown[1] // kernel.NS for shown in sent] == [576 + 672 * index for index in range(4)]
    assert sent[0][3] == "lost by the link" and sent[1][3].startswith(DAMAGED) and sent[2][3] is None
    assert [shown[0] for shown in received] == port.frames
    assert [shown[1] // kernel.NS for shown in received] == [10_576 + 672 * index for index in (1, 2, 3)]
    assert received[0][3].startswith(DAMAGED)
    assert {shown[2] for shown in sent + received} == {Direction.A_TO_B}


def test_wrong_settings_are_refused():
    for wrong in (
        lambda: Chance(loss=1.5),
        lambda: LinkSettings(delay_ps=-1),
        lambda: LinkSettings(rate_bps=0),
        lambda: Reorder(0),
        lambda: Impairment([Rule(1, Corrupt(flips=((99, 1),)))]).fate(bytes(64)),
    ):
        with pytest.raises(ValueError):
            wrong()
