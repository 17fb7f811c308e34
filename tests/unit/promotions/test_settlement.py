"""Who owes whom: days of China as they are asked for, and statements as sums of entries."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import day_text, parse_day
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX
from quanyu.promotions.settlement import DAYS_MAX, Days, Moved, SettlementReport, statement

SINGLES = parse_day("2026-11-11")
ACCOUNT = "party/市场/A/payable"


def moved(day: int, credits_fen: int, debits_fen: int = 0, *, code: str = "order.paid") -> Moved:
    return Moved(SINGLES + day, ACCOUNT, code, credits_fen, debits_fen, 1)


class TestDays:
    @pytest.mark.parametrize(
        ("first", "last", "count"),
        [
            ("2026-11-11", "2026-11-11", 1),
            ("2026-02-28", "2026-03-01", 2),
            ("2028-02-28", "2028-03-01", 3),
            ("2025-12-31", "2026-01-01", 2),
            ("2028-01-01", "2028-12-31", DAYS_MAX),
        ],
    )
    def test_both_ends_are_in(self, first: str, last: str, count: int) -> None:
        days = Days.parse(first, last)
        assert days.last - days.first + 1 == count
        assert (day_text(days.first), day_text(days.last)) == (first, last)

    @pytest.mark.parametrize(
        ("first", "last", "field"),
        [
            ("", "2026-11-11", "from"),
            ("today", "2026-11-11", "from"),
            ("2026-11-31", "2026-12-01", "from"),
            ("2026-02-29", "2026-03-01", "from"),
            ("11.11.2026", "2026-11-11", "from"),
            ("2026-11-11T00:00:00+08:00", "2026-11-11", "from"),
            ("2026-11-11", "2026-13-01", "to"),
            ("2026-11-11", "", "to"),
            ("2026-11-11", "2026-11-10", "to"),
            ("2027-01-01", "2028-01-02", "to"),
        ],
    )
    def test_what_is_no_span_of_days(self, first: str, last: str, field: str) -> None:
        with pytest.raises(BadInput) as refused:
            Days.parse(first, last)
        assert refused.value.field == field
        assert "2026-05-01" in refused.value.mend or str(DAYS_MAX) in refused.value.mend


class TestStatement:
    def test_without_entries_the_balance_stays(self) -> None:
        found = statement(ACCOUNT, 700, moved=[])
        assert (found.opening, found.closing, found.days) == (700, 700, [])

    def test_reasons_of_a_day_stand_under_it(self) -> None:
        entries = [
            moved(1, 30, code="order.paid.platform"),
            moved(0, 100, code="order.paid.cash"),
            moved(1, 0, 20, code="order.refunded.cash"),
        ]
        found = statement(ACCOUNT, 5, moved=entries)
        assert found.closing == 115
        assert found.days == [
            {
                "day": "2026-11-11",
                "entries": [{"code": "order.paid.cash", "in": 100, "out": 0, "transfers": 1}],
                "closing": 105,
            },
            {
                "day": "2026-11-12",
                "entries": [
                    {"code": "order.paid.platform", "in": 30, "out": 0, "transfers": 1},
                    {"code": "order.refunded.cash", "in": 0, "out": 20, "transfers": 1},
                ],
                "closing": 115,
            },
        ]

    def test_a_party_may_owe(self) -> None:
        """The platform bears discounts: its account is below nothing."""
        found = statement(ACCOUNT, 0, moved=[moved(0, 0, 3_500)])
        assert found.closing == -3_500

    def test_the_largest_sums(self) -> None:
        found = statement(ACCOUNT, FEN_MAX, moved=[moved(0, FEN_MAX), moved(0, 1, FEN_MAX)])
        assert found.closing == FEN_MAX + 1

    @given(
        opening=st.integers(-FEN_MAX, FEN_MAX),
        entries=st.lists(
            st.builds(
                moved,
                st.integers(0, 9),
                st.integers(0, FEN_MAX),
                st.integers(0, FEN_MAX),
                code=st.sampled_from(("paid", "refunded", "voucher.sold")),
            ),
            max_size=30,
        ),
        chance=st.randoms(),
    )
    def test_opening_and_what_moved_is_closing(
        self, opening: int, entries: list[Moved], chance: Any
    ) -> None:
        """In whatever order the entries come, also day by day and over cut spans."""
        found = statement(ACCOUNT, opening, moved=entries)
        balance = opening
        for day in found.days:
            balance += sum(entry["in"] - entry["out"] for entry in day["entries"])
            assert day["closing"] == balance
        assert found.closing == balance
        assert [day["day"] for day in found.days] == sorted({day_text(e.day) for e in entries})
        mixed = chance.sample(entries, len(entries))
        assert statement(ACCOUNT, opening, moved=mixed).closing == balance
        early = statement(ACCOUNT, opening, moved=[e for e in entries if e.day < SINGLES + 5])
        late = [e for e in entries if e.day >= SINGLES + 5]
        assert statement(ACCOUNT, early.closing, moved=late).closing == balance


class Shelf:
    """Entries in memory."""

    def __init__(self, *entries: Moved, opening: dict[str, int]) -> None:
        self.entries = list(entries)
        self.opening = opening
        self.owners: list[str | None] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def attempt(self, tx: None, do: Any) -> Any:
        raise NotImplementedError

    def moved(self, tx: None, days: Days, *, owner: str | None) -> list[Moved]:
        self.owners.append(owner)
        return self.entries

    def before(self, tx: None, days: Days, *, owner: str | None) -> dict[str, int]:
        self.owners.append(owner)
        return self.opening


@pytest.mark.parametrize("owner", ["市场", None])
def test_a_report_is_of_every_account_that_had_or_got_something(owner: str | None) -> None:
    other = Moved(SINGLES, "party/市场/B/payable", "order.paid.cash", 40, 0, 2)
    shelf = Shelf(moved(0, 10), other, opening={ACCOUNT: 3, "party/市场/C/payable": 9})
    found = SettlementReport(shelf, shelf).report(Days(SINGLES, SINGLES + 1), owner=owner)
    assert (found["from"], found["to"], found["owner"]) == ("2026-11-11", "2026-11-12", owner)
    assert {one["account"][9]: (one["opening"], one["closing"]) for one in found["accounts"]} == {
        "A": (3, 13),
        "B": (0, 40),
        "C": (9, 9),
    }  # fmt: skip
    assert found["closing"] == 62
    assert shelf.owners == [owner, owner]
