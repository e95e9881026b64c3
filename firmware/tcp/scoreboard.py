"""What of our stream is on its way: for every part when it was sent, and whether it arrived or is lost (RFC 6675)."""

from bisect import bisect_right
from operator import attrgetter

_start = attrgetter("start")


class Record:
    """[start, end) of the sequence space, sent at the same time; it holds any number of segments."""

    __slots__ = ("again", "end", "lost", "sacked", "start", "time")

    def __init__(self, start: int, end: int, time: int, again: bool = False, sacked: bool = False,
                 lost: bool = False) -> None:
        self.start = start
        self.end = end
        self.time = time
        self.again = again
        """Sent more than once."""
        self.sacked = sacked
        self.lost = lost
        """Taken for lost, and not sent again since."""

    def __repr__(self) -> str:
        marks = "".join(mark for mark in ("again", "sacked", "lost") if getattr(self, mark))
        return f"Record({self.start}..{self.end} at {self.time} {marks})"


class Scoreboard:
    """Records from SND.UNA to SND.NXT in order, without gaps. `sacked` and `lost` are bytes."""

    __slots__ = ("lost", "records", "sacked")

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.sacked = 0
        self.lost = 0

    def sent(self, start: int, end: int, now: int) -> None:
        """New data has left."""
        records = self.records
        if records:
            last = records[-1]
            if last.time == now and not (last.again or last.sacked or last.lost):
                last.end = end
                return
        records.append(Record(start, end, now))

    def sent_again(self, start: int, end: int, now: int) -> None:
        """[start, end) has left once more; what was sacked stays so."""
        first = self._split(start)
        last = self._split(end)
        for record in self.records[first:last]:
            if record.lost:
                record.lost = False
                self.lost -= record.end - record.start
            record.again = True
            record.time = now

    def acknowledged(self, ack: int) -> list[Record]:
        """Take off what is below `ack`."""
        records = self.records
        count = 0
        for record in records:
            if record.end > ack:
                break
            count += 1
        taken = records[:count]
        del records[:count]
        if records and (first := records[0]).start < ack:
            taken.append(Record(first.start, ack, first.time, first.again, first.sacked, first.lost))
            first.start = ack
        for record in taken:
            if record.sacked:
                self.sacked -= record.end - record.start
            elif record.lost:
                self.lost -= record.end - record.start
        return taken

    def sack(self, start: int, end: int) -> list[Record]:
        """The peer has [start, end); returns as records what was not known to have arrived."""
        records = self.records
        index = bisect_right(records, start, key=_start) - 1
        if index >= 0 and records[index].sacked and records[index].end >= end:
            return []
        first, last = self._split(start), self._split(end)
        if first >= last:
            return []
        fresh = []
        for record in records[first:last]:
            if record.sacked:
                continue
            length = record.end - record.start
            if record.lost:
                self.lost -= length
            self.sacked += length
            fresh.append(record)
        # One record for the whole block, and for the blocks it touches.
        if first and records[first - 1].sacked:
            first -= 1
        if last < len(records) and records[last].sacked:
            last += 1
        records[first:last] = [Record(records[first].start, records[last - 1].end, 0, sacked=True)]
        return fresh

    def lose(self, record: Record) -> None:
        """Take a record for lost."""
        record.lost = True
        self.lost += record.end - record.start

    def lose_all(self, renege: bool) -> None:
        """Everything that is not sacked is lost; with `renege` what is sacked too (RFC 2018 §8)."""
        for record in self.records:
            if renege and record.sacked:
                record.sacked = False
                record.again = True  # when it was sent is not known any more
                self.sacked -= record.end - record.start
            if not (record.sacked or record.lost):
                self.lose(record)

    def lose_within(self, start: int, end: int) -> None:
        """[start, end) is lost, but for what is sacked."""
        first, last = self._split(start), self._split(end)
        for record in self.records[first:last]:
            if not (record.sacked or record.lost):
                self.lose(record)

    def find_none_lost(self) -> None:
        """Nothing is lost after all."""
        for record in self.records:
            record.lost = False
        self.lost = 0

    def first_lost(self) -> tuple[int, int]:
        """The first range to send again; there is one."""
        start = end = -1
        for record in self.records:
            if start < 0:
                if record.lost:
                    start, end = record.start, record.end
            elif record.lost:
                end = record.end
            else:
                break
        return start, end

    def _split(self, position: int) -> int:
        """Index of the record that begins at `position`, which is made if need be."""
        records = self.records
        index = bisect_right(records, position, key=_start) - 1
        if index < 0:
            return 0
        record = records[index]
        if record.start == position:
            return index
        if record.end <= position:
            return index + 1
        records.insert(index + 1, Record(position, record.end, record.time, record.again, record.sacked, record.lost))
        record.end = position
        return index + 1
