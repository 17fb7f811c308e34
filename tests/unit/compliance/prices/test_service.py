"""What the service asks the history for, and as of when. No database."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import pytest
from tests.unit.compliance.prices.history import START_US, paid, shown

from quanyu.clock import DAY_US, HOUR_US, format_iso
from quanyu.compliance.policy import Policy
from quanyu.compliance.prices import Trade
from quanyu.compliance.prices.service import Prices
from quanyu.compliance.showing import PriceShown, Showing


class Kept:
    """A history of one item, that remembers what it was asked."""

    def __init__(self, *trades: Trade) -> None:
        self.all = trades
        self.asked: list[tuple[str, str, str]] = []
        self.makers: dict[tuple[str, str], int] = {}

    def trades(
        self, tx: None, merchant: str, *, of: tuple[str, str], since_us: int, until_us: int
    ) -> Sequence[Trade]:
        self.asked.append((merchant, format_iso(since_us), format_iso(until_us)))
        return [one for one in self.all if since_us <= one.paid_us < until_us]

    def last_before(
        self, tx: None, merchant: str, *, of: tuple[str, str], before_us: int
    ) -> Sequence[Trade]:
        found = [one for one in self.all if one.paid_us < before_us and one.counts]
        return sorted(found, key=lambda one: one.paid_us)[-1:]

    def suggested(
        self, tx: None, merchant: str, *, of: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], int]:
        return {one: fen for one, fen in self.makers.items() if one in of}


@contextmanager
def transaction() -> Iterator[None]:
    yield None


def service(kept: Kept, policy: Policy | None = None) -> Prices[None]:
    return Prices(transaction, kept, kept, policy or Policy())


def showing(on: date, *prices: PriceShown) -> Showing:
    return Showing(
        kind="item", id="cup", merchant="m", industry="home", on=on, texts={}, prices=prices
    )


def test_thirty_days_and_the_last_trade_before_them() -> None:
    kept = Kept(paid(40, 7_000), paid(35, 8_000), paid(10, 9_000))
    found = service(kept).trades("m", ("A", "cup"), at_us=START_US)
    assert [one.unit_fen for one in found] == [8_000, 9_000]
    assert kept.asked == [("m", "2026-10-12T00:00:00+08:00", "2026-11-11T00:00:00+08:00")]


@pytest.mark.parametrize(("days", "since"), [(60, "2026-09-12"), (7, "2026-10-12")])
def test_a_longer_look_back_reads_more(days: int, since: str) -> None:
    kept = Kept()
    service(kept, Policy(rise_days=days)).trades("m", ("A", "cup"), at_us=START_US)
    assert kept.asked[0][1].startswith(since)


@pytest.mark.parametrize(
    ("now_us", "on", "at"),
    [
        (START_US + 9 * HOUR_US, date(2026, 11, 11), "2026-11-11T09:00:00+08:00"),
        (START_US, date(2026, 11, 11), "2026-11-11T00:00:00+08:00"),
        (START_US - 1, date(2026, 11, 11), "2026-11-11T00:00:00+08:00"),
        (START_US + 9 * HOUR_US, date(2026, 11, 12), "2026-11-12T00:00:00+08:00"),
        (START_US + 9 * HOUR_US, date(2026, 11, 1), "2026-11-01T00:00:00+08:00"),
    ],
    ids=["today is now", "its first moment", "a moment before", "tomorrow", "explained later"],
)
def test_as_of_when_a_showing_is_judged(now_us: int, on: date, at: str) -> None:
    kept = Kept(paid(1, 9_000))
    service(kept).review_showing(showing(on, shown(9_000)), now_us=now_us)
    assert kept.asked[0][2] == at


def test_a_showing_with_and_without_compared_prices() -> None:
    kept = Kept(paid(1, 9_000))
    prices = service(kept)
    plain = showing(date(2026, 11, 11), shown(None))
    assert prices.review_showing(plain, now_us=START_US).hits == ()
    assert kept.asked == []
    two = showing(date(2026, 11, 11), shown(None), shown(9_001), shown(9_000))
    verdict = prices.review_showing(two, now_us=START_US)
    assert [hit.field for hit in verdict.hits] == ["prices[1].reference"]
    assert len(kept.asked) == 1, "an item is read once"


def test_a_reason_is_that_of_its_item() -> None:
    kept = Kept(paid(20, 6_000), paid(1, 9_000))
    prices = service(kept)
    why = {("A", "cup"): "换代"}
    lifted = prices.review("m", [shown(9_000)], at_us=START_US, reasons=why)
    assert lifted.verdict == "pass"
    assert "换代" in str(lifted.hits[0].exempt)
    other = prices.review("m", [shown(9_000)], at_us=START_US, reasons={("A", "tea"): "换代"})
    assert other.verdict == "block"
    assert kept.all[1].paid_us == START_US - DAY_US
