"""Reading a file into the log: bounded lines, batches in flight, one tally at the end.

What was acknowledged stays when a file breaks off; running the import again completes it.
"""

import gzip
import io
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from quanyu.errors import BadInput
from quanyu.events.bodies import decode_one, form_of
from quanyu.events.intake import Candidate
from quanyu.events.refusals import Fault
from quanyu.events.service import Events, Pending, Receipt

BATCH_ROWS = 5_000
BATCH_BYTES = 2 << 20
LINE_BYTES_MAX = 256 * 1024
IN_FLIGHT = 3
PROBE_ROWS = 100
SHOWN = 5
_GZIP_MAGIC = b"\x1f\x8b"

Stream: TypeAlias = "io.BufferedReader[Any]"
T = TypeVar("T")
Told = Callable[[int], object]
"""``told(rows)`` hears how many rows have become durable since the last call."""


@dataclass(slots=True)
class Tally:
    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: list[tuple[int, Fault]] = field(default_factory=list)
    """Line numbers (from 1) and faults of the first few refused rows."""

    @property
    def rejected(self) -> int:
        return self.reasons.total()

    def add(self, receipt: Receipt) -> None:
        self.received += receipt.received
        self.accepted += receipt.accepted
        self.duplicate += receipt.duplicate
        for refusal in receipt.refusals:
            self.reasons[refusal.fault.reason.value] += 1
            if len(self.first) < SHOWN:
                self.first.append((refusal.index, refusal.fault))


class Lines:
    """The lines of a file, plain or gzipped, with their numbers; never more than one in memory.

    A line over LINE_BYTES_MAX comes out cut, which no format takes for a good row.
    """

    def __init__(self, path: Path, stream: Stream) -> None:
        self.path = path
        self.number = 0
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with self._readable():
            while line := self._stream.readline(LINE_BYTES_MAX):
                self.number += 1
                yield line
                while len(line) == LINE_BYTES_MAX and not line.endswith(b"\n"):
                    line = self._stream.readline(LINE_BYTES_MAX)

    def uncut(self) -> Iterator[bytes]:
        """Nothing is left out: a longer line comes in several pieces."""
        with self._readable():
            while piece := self._stream.readline(LINE_BYTES_MAX):
                yield piece

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, zlib.error) as error:
            mend = f"broken gzip after line {self.number}; fetch it again and repeat the import"
            raise BadInput(str(self.path), mend) from error


@contextmanager
def opened(path: Path) -> Iterator[tuple[Lines, Stream]]:
    """The lines, and the file below them for progress. Raises BadInput."""
    try:
        below = path.open("rb")
    except OSError as error:
        raise BadInput(str(path), (error.strerror or "cannot be read").lower()) from error
    with below:
        magic = below.read(2)
        if not magic:
            raise BadInput(str(path), "the file is empty")
        below.seek(0)
        packed = magic == _GZIP_MAGIC
        stream: Stream = io.BufferedReader(gzip.GzipFile(fileobj=below)) if packed else below
        yield Lines(path, stream), below


def import_rows(
    events: Events, merchant: str, *, rows: Iterable[Candidate], told: Told = lambda rows: None
) -> Tally:
    """Rows of a connector. Raises BadInput when the file is not of that format at all."""
    sent = (events.submit_rows(merchant, batch) for batch in _batches_of_rows(events, rows))
    return _tally(sent, told)


def try_rows(events: Events, merchant: str, *, rows: Iterable[Candidate]) -> Tally:
    """As ``import_rows``, storing nothing; duplicates are not looked for."""
    tally = Tally()
    for batch in _batches_of_rows(events, rows):
        tally.add(events.dry_run(merchant, batch))
    return tally


def _batches_of_rows(events: Events, rows: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    most = min(BATCH_ROWS, events.events_max)
    return batches(probed(rows), lambda row: len(row.raw), most=most)


def import_lines(
    events: Events, merchant: str, *, lines: Iterable[bytes], told: Told = lambda rows: None
) -> Tally:
    """One event of our own form per line."""
    return _tally(_sent(events, merchant, lines=lines), told)


def candidates(lines: Iterable[bytes]) -> Iterator[Candidate]:
    """Lines of our own form one by one, for ``try_rows``."""
    for place, line in enumerate(lines, 1):
        if row := line.strip():
            yield Candidate(row, decode_one(row), place)


def _sent(events: Events, merchant: str, *, lines: Iterable[bytes]) -> Iterator[Pending]:
    """A file whose first line is no object is another format; later ones are judged alone."""
    full = ((place, row) for place, line in enumerate(lines, 1) if (row := line.strip()))
    most = min(BATCH_ROWS, events.events_max)
    for number, batch in enumerate(batches(full, lambda pair: len(pair[1]), most=most)):
        place, first = batch[0]
        if number == 0 and form_of(first) != "lines":
            raise BadInput(f"line {place}", "write one JSON object per line")
        yield events.submit_lines(merchant, batch)


def _tally(sent: Iterable[Pending], told: Told) -> Tally:
    """Keeps a few batches in flight, so that reading goes on while the disk works."""
    tally, flying = Tally(), deque[Pending]()

    def land() -> None:
        receipt = flying.popleft().receipt()
        tally.add(receipt)
        told(receipt.received)

    for pending in sent:
        flying.append(pending)
        if len(flying) > IN_FLIGHT:
            land()
    while flying:
        land()
    if tally.received == 0:
        raise BadInput("file", "it holds no rows")
    return tally


def batches(rows: Iterable[T], size_of: Callable[[T], int], *, most: int) -> Iterator[list[T]]:
    """Lists of at most ``most`` rows and about BATCH_BYTES."""
    batch: list[T] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += size_of(row)
        if len(batch) == most or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def probed(rows: Iterable[Candidate]) -> Iterator[Candidate]:
    """Nothing is stored of a file whose first rows are all unreadable: it is another format."""
    supply = iter(rows)
    head = list(islice(supply, PROBE_ROWS))
    if not head:
        raise BadInput("file", "it holds no rows")
    faults = [row.outcome for row in head if isinstance(row.outcome, Fault)]
    if len(faults) == len(head):
        where = "line 1" if faults[0].field is None else f"line 1, {faults[0].field}"
        raise BadInput(where, f"{faults[0].mend}; no row of the first {len(head)} can be read")
    yield from head
    yield from supply
