"""A history of trades as a file: CSV with a line of names. What cannot be told is told.

Columns: ``paid_at, amount, refunded, flagged``; optional ``shop, item, quantity, order``. An amount
is what was paid for all pieces of the row, in fen.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from quanyu.clock import CHINA, DAY_US, format_iso, parse_iso, to_us
from quanyu.compliance.prices.trades import WINDOW_US, Trade
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX

NEEDED = ("paid_at", "amount", "refunded", "flagged")
YES = frozenset({"1", "true", "t", "yes", "y", "是"})
NO = frozenset({"0", "false", "f", "no", "n", "否"})
FIRST_US = parse_iso("2000-01-01T00:00:00+08:00")
ROWS_TOLD = 10_000
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for, and the moment of the comparison."""

    at_us: int
    now_us: int
    shop: str | None = None
    item: str | None = None


@dataclass(slots=True)
class Reading:
    trades: list[Trade] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    """What was found on the way, in words, and in how many rows."""

    @property
    def notes(self) -> list[str]:
        return [f"{what}（{rows} 行）" for what, rows in self.told.items()]


def text_of(body: bytes) -> str:
    """UTF-8, else GB 18030 as Chinese spreadsheets write it. Raises BadInput."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput("history", "write the file in UTF-8")


def read_trades(
    body: bytes, wanted: Wanted, *, told: Callable[[int], None] = lambda rows: None
) -> Reading:
    """Raises BadInput with the line of the first row that cannot be used.

    ``told`` hears how many rows more have been read.
    """
    reader = _Reader(wanted, Reading())
    for number, (line, row) in enumerate(_rows(text_of(body)), 1):
        reader.take(line, row)
        if number % ROWS_TOLD == 0:
            told(ROWS_TOLD)
    return reader.done()


def _rows(text: str) -> Iterator[tuple[int, Row]]:
    """(Number of its last line, cells by column); empty lines are passed over."""
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        names = _names(next(lines, []))
        for cells in lines:
            if not any(map(str.strip, cells)):
                continue
            if len(cells) != len(names):
                raise fault(lines.line_num, "", mend=f"has {len(cells)} cells, not {len(names)}")
            yield lines.line_num, dict(zip(names, map(str.strip, cells), strict=True))
    except csv.Error as error:
        raise fault(lines.line_num, "", mend=f"is no CSV: {error}") from None


def _names(cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    for name in NEEDED:
        if name not in names:
            raise fault(1, name, mend=f"name the columns: {', '.join(NEEDED)}; {name} is missing")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise fault(1, twice[0][:80], mend="stands there twice")
    return names


def fault(line: int, column: str, *, mend: str) -> BadInput:
    return BadInput(f"history line {line} {column}".strip(), mend)


class _Reader:
    def __init__(self, wanted: Wanted, reading: Reading) -> None:
        self._wanted = wanted
        self._reading = reading
        self._of: dict[str, tuple[str, int]] = {}
        self._dated: dict[bool, int] = {}
        self._offsets: set[timedelta] = set()
        self._others: tuple[int, str, str] | None = None

    def take(self, line: int, row: Row) -> None:
        if not self._is_wanted(line, row):
            return
        paid_us, vague = self._moment(line, row["paid_at"])
        quantity = self._whole(line, row, column="quantity", least=1)
        amount_fen = self._whole(line, row, column="amount", least=0)
        refunded, flagged = (self._flag(line, row, column=name) for name in ("refunded", "flagged"))
        if paid_us >= self._wanted.at_us:
            self._note("比价开始后的成交，不计入")
        if amount_fen < quantity:
            self._note("实付为零，视为赠品，不计入")
        self._reading.trades.append(
            Trade(
                paid_us=paid_us, unit_fen=amount_fen // quantity, quantity=quantity,
                refunded=quantity if refunded else 0, flagged=bool(flagged),
                doubtful=vague or refunded is None or flagged is None,
                order=row.get("order", ""),
            )
        )  # fmt: skip

    def done(self) -> Reading:
        if self._others is not None and not self._reading.trades:
            line, column, found = self._others
            raise fault(
                line, column, mend=f"the history is of {found!r}; no row is of what is asked"
            )
        if len(self._offsets) > 1:
            self._reading.told["时间带有不同时区，已统一换算为北京时间"] = len(self._offsets)
        firsts = [one.paid_us for one in self._reading.trades]
        if firsts and min(firsts) > self._wanted.at_us - WINDOW_US:
            what = f"记录自 {format_iso(min(firsts))} 起，不足比价前七日，更早的成交无从得知"
            self._reading.told[what] = len(firsts)
        return self._reading

    def _is_wanted(self, line: int, row: Row) -> bool:
        """Rows of another shop or item are passed over when one was named, else refused."""
        for column, asked in (("shop", self._wanted.shop), ("item", self._wanted.item)):
            found = row.get(column)
            if found is None:
                if asked is not None:
                    self._note(f"没有 {column} 列，视为都属于 {asked}")
                continue
            if not found:
                raise fault(line, column, mend="is empty; say whose row it is")
            if asked is None:
                self._same(line, column, found=found)
            elif found != asked:
                self._others = self._others or (line, column, found[:80])
                self._note("其他店铺或商品的成交，不计入")
                return False
        return True

    def _same(self, line: int, column: str, *, found: str) -> None:
        first, at = self._of.setdefault(column, (found, line))
        if first != found:
            mend = f"{found[:80]!r}, and line {at} is of {first[:80]!r}; say which with --{column}"
            raise fault(line, column, mend=mend)

    def _moment(self, line: int, text: str) -> tuple[int, bool]:
        """(Microseconds, whether another one is possible)."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise fault(
                line, "paid_at", mend=f"{text[:40]!r} is no time; write 2026-11-05T10:00:00+08:00"
            ) from None
        naive = found.tzinfo is None
        self._dated.setdefault(naive, line)
        if len(self._dated) > 1:
            other = self._dated[not naive]
            has = "has no offset, and line {} has one" if naive else "has an offset, line {} none"
            raise fault(line, "paid_at", mend=has.format(other) + "; write all in one way")
        if naive:
            self._note("时间没有时区，按北京时间")
            found = found.replace(tzinfo=CHINA)
        else:
            self._offsets.add(found.utcoffset() or timedelta())
        return self._within_reason(line, text, found=found)

    def _within_reason(self, line: int, text: str, *, found: datetime) -> tuple[int, bool]:
        at_us = to_us(found.astimezone(UTC))
        if at_us < FIRST_US or at_us > max(self._wanted.now_us, self._wanted.at_us):
            when = "before 2000" if at_us < FIRST_US else "in the future"
            raise fault(line, "paid_at", mend=f"{text[:40]} lies {when}")
        if len(text) > len("2026-11-05"):
            return at_us, False
        since_us = self._wanted.at_us - WINDOW_US
        for edge_us in (since_us, self._wanted.at_us):
            if at_us < edge_us < at_us + DAY_US:
                self._note("只有日期，可能在七日之内也可能不在，按从严处理")
                return max(at_us, since_us), True
        return at_us, False

    def _whole(self, line: int, row: Row, *, column: str, least: int) -> int:
        text = row.get(column, "1" if column == "quantity" else "")
        if not text.isascii() or not text.isdigit() or len(text) > 16:
            raise fault(line, column, mend=f"{text[:40]!r}: write a whole number, amounts in fen")
        if not least <= int(text) <= FEN_MAX:
            raise fault(line, column, mend=f"write a whole number from {least} to {FEN_MAX}")
        return int(text)

    def _flag(self, line: int, row: Row, *, column: str) -> bool | None:
        word = row[column].lower()
        if word in YES or word in NO:
            return word in YES
        if word:
            raise fault(line, column, mend=f"{word[:40]!r}: write true or false")
        self._note(f"{column} 空缺，无法判断，按从严处理")
        return None

    def _note(self, what: str) -> None:
        self._reading.told[what] += 1
