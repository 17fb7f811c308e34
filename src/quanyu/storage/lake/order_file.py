"""Orders out of a CSV file, column by column. What the file says means what
``compliance.trades.reading`` says it means; that reader explains every file that is not plain.

Figures are read once per distinct text and block, with the very functions of the slow reader;
times, which are nearly all distinct, by Arrow, as far as it understands them.
"""

import csv
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from quanyu.compliance.trades.graph import Ints
from quanyu.compliance.trades.orders import FIGURES, NAMED, UNKNOWN, Orders
from quanyu.compliance.trades.reading import (
    NAMES_MAX,
    REQUIRED,
    REVIEW_MAX,
    Read,
    Reader,
    head_of,
    place_of,
    read_csv,
)

Told = Callable[[int], None]
BLOCK = 4 << 20
TEXT = pa.large_string()


class _NotPlain(Exception):
    """The slow reader has to look at it."""


def read_orders(path: Path, told: Told = lambda so_far: None) -> Read:
    """``told`` hears bytes of the file. Raises BadInput as ``read_csv`` does, OSError, and
    UnicodeDecodeError where the file is not UTF-8."""
    try:
        return _quickly(path, told)
    except (_NotPlain, pa.ArrowInvalid):
        with path.open(encoding="utf-8-sig", newline="") as file:
            raw: BufferedReader = file.buffer  # type: ignore[assignment]
            return read_csv(file, lambda rows: told(raw.tell()))


def _quickly(path: Path, told: Told) -> Read:
    lines = _plain_lines(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, readers = _head(file)
    taking = _Taking(readers)
    with _batches(path, width=len(head), readers=readers, told=told) as batches:
        for batch in batches:
            taking.take(batch)
    known = {name for _, name, _ in readers}
    return Read(taking.done(lines), 0, [], [name for name in head if name not in known])


def _plain_lines(path: Path) -> int:
    """Lines of the file. Raises _NotPlain for bytes that the two readers take differently."""
    if not path.stat().st_size:
        raise _NotPlain
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        if whole.find(b"\0") >= 0:
            raise _NotPlain
        ends = breaks = 0
        for part in iter(lambda: whole.read(BLOCK), b""):
            ends += part.count(b"\n")
            breaks += part.count(b"\r")
        if breaks and breaks != _pairs(whole):
            raise _NotPlain
        return ends + (whole[-1:] != b"\n")


def _pairs(whole: mmap.mmap) -> int:
    """How often a line ends in CR LF."""
    whole.seek(0)
    return sum(line.endswith(b"\r\n") for line in iter(whole.readline, b""))


def _head(file: TextIO) -> tuple[list[str], list[Reader]]:
    first = file.readline()
    if first.count('"') % 2:
        raise _NotPlain
    return head_of(csv.reader([first]))


@contextmanager
def _batches(
    path: Path, *, width: int, readers: list[Reader], told: Told
) -> Iterator[Iterator[pa.RecordBatch]]:
    names = [str(place) for place in range(width)]
    wanted = [str(place) for place, _, _ in readers]
    with path.open("rb") as file:
        opened = arrow_csv.open_csv(
            file,
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows=1, block_size=BLOCK, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, TEXT)
            ),
        )

        def heard() -> Iterator[pa.RecordBatch]:
            for batch in opened:
                told(file.tell())
                yield batch

        yield heard()


@dataclass
class _Taking:
    """Blocks of the file, as texts and figures, until all of them are there."""

    readers: list[Reader]
    texts: dict[str, list[pa.Array]] = field(default_factory=dict)
    figures: dict[str, list[Ints]] = field(default_factory=dict)
    rows: int = 0

    def take(self, batch: pa.RecordBatch) -> None:
        """Raises _NotPlain when anything in the block cannot be read."""
        self.rows += len(batch)
        for place, name, (column, read) in self.readers:
            values = _said(batch.column(str(place)))
            if name in REQUIRED and values.null_count:
                raise _NotPlain
            if column in FIGURES:
                self.figures.setdefault(column, []).append(_figures(values, column, read=read))
            else:
                self.texts.setdefault(column, []).append(_texts(values, column))

    def done(self, lines: int) -> Orders:
        """``lines``: of the file, by which orders without an id are named."""
        texts = {name: _whole(self.texts.get(name), self.rows) for name in (*NAMED, "review")}
        chosen = _first_of_each(texts["order"], texts["item"])
        texts["order"] = self._ordered(texts["order"], lines)
        texts = {name: column.take(pa.array(chosen)) for name, column in texts.items()}
        named = {name: texts[name].dictionary_encode() for name in NAMED}
        nothing = np.full(self.rows, UNKNOWN, dtype=np.int64)
        return Orders(
            {name: _numbers(column.indices) for name, column in named.items()},
            {name: column.dictionary.to_pylist() for name, column in named.items()},
            {
                name: np.concatenate([nothing[:0], *self.figures.get(name, [nothing])])[chosen]
                for name in FIGURES
            },
            texts["review"].to_pylist(),
            self.rows - len(chosen),
        )

    def _ordered(self, orders: pa.Array, lines: int) -> pa.Array:
        """Raises _NotPlain where a row is not known by its line."""
        if not orders.null_count:
            return orders
        if self.rows + 1 != lines:
            raise _NotPlain
        places = [place_of(line) for line in range(2, self.rows + 2)]
        return pc.coalesce(orders, pa.array(places, TEXT))


def _said(texts: pa.Array) -> pa.Array:
    """Without spaces around; null where nothing is left."""
    if len(texts) and pc.max(pc.utf8_length(texts)).as_py() > csv.field_size_limit():
        raise _NotPlain
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, TEXT), trimmed)


def _texts(values: pa.Array, column: str) -> pa.Array:
    if column == "review":
        return pc.utf8_slice_codeunits(values, 0, REVIEW_MAX)
    if (pc.max(pc.utf8_length(values)).as_py() or 0) > NAMES_MAX:
        raise _NotPlain
    return values


def _figures(values: pa.Array, column: str, *, read: Callable[[str], Any]) -> Ints:
    if column.endswith("_us"):
        try:
            moments = values.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        except pa.ArrowInvalid:
            return _one_by_one(values, read)
        if (pc.min(moments).as_py() or 0) < 0:
            raise _NotPlain
        return _numbers(moments)
    return _one_by_one(values, read)


def _one_by_one(values: pa.Array, read: Callable[[str], Any]) -> Ints:
    encoded = values.dictionary_encode()
    try:
        known = [int(read(text)) for text in encoded.dictionary.to_pylist()]
    except ValueError:
        raise _NotPlain from None
    return np.array([*known, UNKNOWN], dtype=np.int64)[_numbers(encoded.indices)]


def _numbers(values: pa.Array) -> Ints:
    """Null is UNKNOWN, which as a place is the last one."""
    found = pc.fill_null(values.cast(pa.int64()), UNKNOWN).to_numpy(zero_copy_only=False)
    return np.asarray(found, dtype=np.int64)


def _whole(parts: list[pa.Array] | None, rows: int) -> pa.Array:
    return pa.concat_arrays(parts) if parts else pa.nulls(rows, TEXT)


def _first_of_each(orders: pa.Array, items: pa.Array) -> Ints:
    """Rows whose order and item have not come before; a row without an order always is new."""
    order, item = (_numbers(one.dictionary_encode().indices) for one in (orders, items))
    own = order == UNKNOWN
    key = np.where(own, -1 - np.arange(len(order)), order * (int(item.max(initial=0)) + 1) + item)
    _, first = np.unique(key, return_index=True)
    return np.sort(first)
