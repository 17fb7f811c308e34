"""Orders out of a CSV file. What cannot be read is counted and named by its line."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from quanyu.clock import parse_iso
from quanyu.compliance.trades.orders import BATCH, Gathering, Orders, Trade
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX

REQUIRED = ("buyer", "item", "paid_at", "amount")
NAMES_MAX = 200
REVIEW_MAX = 2_000
FAULTS_TOLD = 20
FAULTY_SHARE_MAX = 0.2
YES, NO = {"1", "true", "yes", "y", "是"}, {"0", "false", "no", "n", "否"}


@dataclass(frozen=True)
class Fault:
    line: int
    field: str
    mend: str


@dataclass(frozen=True)
class Read:
    orders: Orders
    faulty: int
    first: list[Fault]
    """The first FAULTS_TOLD of them."""
    ignored: list[str]
    """Columns that nothing is made of."""


def _name(text: str) -> str:
    if len(text) > NAMES_MAX:
        raise ValueError(f"at most {NAMES_MAX} characters")
    return text


def _fen(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= FEN_MAX):
        raise ValueError("write a whole number of fen, such as 12900")
    return int(text)


def _moment(text: str) -> int:
    try:
        found = parse_iso(text)
    except (ValueError, OverflowError):
        mend = "write a time with offset, such as 2026-11-11T20:00:00+08:00"
        raise ValueError(mend) from None
    if found < 0:
        raise ValueError("write a time after 1970")
    return found


def _yes(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise ValueError("write true or false")


def _stars(text: str) -> int:
    if text not in {"1", "2", "3", "4", "5"}:
        raise ValueError("write 1 to 5")
    return int(text)


COLUMNS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "buyer": ("buyer", _name), "item": ("item", _name),
    "paid_at": ("paid_us", _moment), "amount": ("amount_fen", _fen),
    "order": ("order", _name), "shop": ("shop", _name), "device": ("device", _name),
    "payer": ("payer", _name), "address": ("address", _name),
    "browsed": ("browsed", _yes), "refunded": ("refunded", _yes),
    "confirmed_at": ("confirmed_us", _moment), "shipped_at": ("shipped_us", _moment),
    "delivered_at": ("delivered_us", _moment), "stars": ("stars", _stars),
    "threshold": ("threshold_fen", _fen), "account_since": ("since_us", _moment),
    "review": ("review", lambda text: text[:REVIEW_MAX]),
}  # fmt: skip
"""Column of the file → field of Trade, and how it is read."""


def read_csv(lines: Iterable[str], told: Callable[[int], None] = lambda rows: None) -> Read:
    """Raises BadInput without the required columns, or when more than a fifth cannot be read."""
    reader = csv.reader(_without_nul(lines))
    head, readers = head_of(reader)
    taking, rows = _Taking(readers, len(head)), 0
    for batch in _batches(_rows(reader)):
        taking.take(batch)
        rows += len(batch)
        told(rows)
    _not_too_many(taking.first, faulty=taking.faulty, rows=rows)
    ignored = [name for name in head if name not in COLUMNS]
    return Read(taking.gathering.done(), taking.faulty, taking.first, ignored)


Row = tuple[int, list[str]]
"""(Line, cells)"""
Reader = tuple[int, str, tuple[str, Callable[[str], Any]]]
"""(Place in the row, column, (field of Trade, how it is read))"""


def head_of(reader: Iterator[list[str]]) -> tuple[list[str], list[Reader]]:
    """Columns of the file, and those that are read. Raises BadInput as ``read_csv`` does."""
    head = [name.strip().lower() for name in _first(reader)]
    return head, _columns(head)


@dataclass
class _Taking:
    """A batch whose rows are all good goes in column by column, which takes a third of the time."""

    readers: list[Reader]
    width: int
    gathering: Gathering = field(default_factory=Gathering)
    faulty: int = 0
    first: list[Fault] = field(default_factory=list)

    def take(self, batch: list[Row]) -> None:
        try:
            columns = _read_columns(batch, self.readers, width=self.width)
        except ValueError:
            self._take_singly(batch)
        else:
            self.gathering.extend(columns, places=[place_of(line) for line, _ in batch])

    def _take_singly(self, batch: list[Row]) -> None:
        for line, cells in batch:
            found = _trade(cells, self.readers, width=self.width)
            if isinstance(found, Trade):
                self.gathering.add(found, place=place_of(line))
            else:
                self.faulty += 1
                self.first += [Fault(line, *found)] if len(self.first) < FAULTS_TOLD else []


def place_of(line: int) -> str:
    """Name of an order that has none."""
    return f"第 {line} 行"


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _read_columns(batch: list[Row], readers: list[Reader], *, width: int) -> dict[str, list[Any]]:
    """Raises ValueError when anything in the batch cannot be read."""
    if any(len(cells) != width for _, cells in batch):
        raise ValueError
    found = {}
    for place, name, (column, read) in readers:
        texts = [cells[place].strip() for _, cells in batch]
        if name in REQUIRED and not all(texts):
            raise ValueError
        found[column] = [read(text) if text else None for text in texts]
    return found


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    return (line.replace("\0", "\ufffd") for line in lines)


def _first(reader: Iterator[list[str]]) -> list[str]:
    try:
        head = next(reader, [])
    except csv.Error as error:
        raise BadInput("orders", f"line 1: {error}") from None
    return [cell.removeprefix("\ufeff") for cell in head]


def _columns(head: list[str]) -> list[Reader]:
    missing = [name for name in REQUIRED if name not in head]
    if missing:
        raise BadInput(f"orders.{missing[0]}", f"the first line names no column {missing[0]}")
    twice = [name for name in COLUMNS if head.count(name) > 1]
    if twice:
        raise BadInput(f"orders.{twice[0]}", "name each column once")
    return [(place, name, COLUMNS[name]) for place, name in enumerate(head) if name in COLUMNS]


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """(Line, cells); a row that is no CSV has no cells. Blank lines are nothing."""
    while True:
        try:
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
            return
        except csv.Error:
            yield reader.line_num, []


def _trade(cells: list[str], columns: list[Reader], *, width: int) -> Trade | tuple[str, str]:
    if len(cells) != width:
        return "row", f"has {len(cells)} cells, the first line {width}"
    found: dict[str, Any] = {}
    for place, name, (one, read) in columns:
        text = cells[place].strip()
        if text:
            try:
                found[one] = read(text)
            except ValueError as error:
                return name, str(error)
        elif name in REQUIRED:
            return name, "is empty"
    return Trade(**found)


def _not_too_many(faults: list[Fault], *, faulty: int, rows: int) -> None:
    if faulty > FAULTY_SHARE_MAX * rows:
        told = "; ".join(f"line {one.line}: {one.field} {one.mend}" for one in islice(faults, 3))
        raise BadInput("orders", f"{faulty} of {rows} rows cannot be read; {told}")
