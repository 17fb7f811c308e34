"""Orders out of CSV files, good ones, careless ones and hostile ones."""

import csv
import io
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trades_town import BEGIN_US

from quanyu.clock import DAY_US, format_iso
from quanyu.compliance.trades.orders import UNKNOWN
from quanyu.compliance.trades.reading import COLUMNS, FAULTS_TOLD, Read, read_csv
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX

PAID_AT = "2026-11-01T00:00:00+08:00"
GOOD = {"buyer": "li", "item": "tea", "paid_at": PAID_AT, "amount": "12900"}


def file_of(*rows: Mapping[str, str]) -> list[str]:
    """Lines of a file with the columns of all rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().splitlines(keepends=True)


def read(*rows: Mapping[str, str]) -> Read:
    return read_csv(file_of(*rows))


def padded(bad: Mapping[str, str]) -> Read:
    """The bad row, on line 12, among enough good ones."""
    return read(*[GOOD | {"buyer": f"b{n}"} for n in range(10)], bad)


class TestGood:
    def test_the_required_columns_are_enough(self) -> None:
        found = read(GOOD)
        orders = found.orders
        assert (len(orders), orders.count, found.faulty) == (1, 1, 0)
        assert orders.names["buyer"] == ["li"]
        assert orders.names["order"] == ["第 2 行"]
        assert orders["paid_us"].tolist() == [BEGIN_US]
        assert orders["amount_fen"].tolist() == [12_900]
        silent = ("device", "payer", "address", "browsed", "stars", "since_us", "threshold_fen")
        assert all(orders[name].tolist() == [UNKNOWN] for name in silent)

    def test_every_column(self) -> None:
        later = format_iso(BEGIN_US + DAY_US)
        row = GOOD | {
            "order": "o1", "shop": "s", "device": "d", "payer": "p", "address": "a",
            "browsed": "是", "refunded": "0", "confirmed_at": later, "shipped_at": later,
            "delivered_at": later, "stars": "5", "threshold": "10000", "account_since": PAID_AT,
            "review": "很好",
        }  # fmt: skip
        assert set(row) == set(COLUMNS)
        orders = read(row).orders
        assert orders.names["order"] == ["o1"]
        assert orders["browsed"].tolist() == [1]
        assert orders["refunded"].tolist() == [0]
        assert orders["confirmed_us"].tolist() == [BEGIN_US + DAY_US]
        assert orders["threshold_fen"].tolist() == [10_000]
        assert orders.reviews == ["很好"]

    @pytest.mark.parametrize(
        ("text", "value"),
        [("true", 1), ("FALSE", 0), ("1", 1), ("否", 0), ("Yes", 1), ("n", 0), ("", UNKNOWN)],
    )
    def test_yes_and_no(self, text: str, value: int) -> None:
        assert read(GOOD | {"browsed": text}).orders["browsed"].tolist() == [value]

    def test_the_head_may_be_shouted_padded_and_marked(self) -> None:
        lines = ["\ufeffBUYER, Item ,paid_at,AMOUNT\n", f"li,tea,{PAID_AT},1\n", "\n"]
        assert len(read_csv(lines).orders) == 1

    def test_columns_that_mean_nothing_here_are_told(self) -> None:
        assert read(GOOD | {"colour": "red", "note": "x"}).ignored == ["colour", "note"]

    def test_an_order_of_two_items_is_one_order(self) -> None:
        found = read(GOOD | {"order": "o1"}, GOOD | {"order": "o1", "item": "cup"}).orders
        assert (len(found), found.count, found.repeated) == (2, 1, 0)

    def test_a_row_that_comes_twice_counts_once(self) -> None:
        found = read(*[GOOD | {"order": "o1"}] * 3).orders
        assert (len(found), found.count, found.repeated) == (1, 1, 2)

    def test_without_ids_every_row_is_an_order(self) -> None:
        assert read(GOOD, GOOD, GOOD).orders.count == 3

    def test_told_how_far_it_has_come(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("quanyu.compliance.trades.reading.BATCH", 4)
        told: list[int] = []
        found = read_csv(file_of(*[GOOD] * 9), told.append)
        assert told == [4, 8, 9]
        assert len(found.orders) == 9

    def test_batches_with_and_without_faults_are_read_alike(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [GOOD | {"order": f"o{n % 7}", "item": f"i{n % 3}", "stars": str(n % 5 + 1)}
                for n in range(40)]  # fmt: skip
        whole = read(*rows).orders
        monkeypatch.setattr("quanyu.compliance.trades.reading.BATCH", 3)
        mixed = read_csv([*file_of(*rows), "bad\n"])
        assert mixed.faulty == 1
        assert mixed.orders.names == whole.names
        assert mixed.orders.repeated == whole.repeated == 40 - 21
        for name in ("order", "item", "stars", "paid_us"):
            assert mixed.orders[name].tolist() == whole[name].tolist()

    def test_an_empty_file_with_a_head(self) -> None:
        found = read_csv(["buyer,item,paid_at,amount\n"])
        assert (len(found.orders), found.orders.count, found.faulty) == (0, 0, 0)


class TestFaults:
    @pytest.mark.parametrize(
        ("column", "text"),
        [
            ("buyer", ""),
            ("buyer", "   "),
            ("item", ""),
            ("buyer", "x" * 201),
            ("amount", "129.00"),
            ("amount", "-1"),
            ("amount", "1e3"),
            ("amount", "１２"),
            ("amount", str(FEN_MAX + 1)),
            ("amount", "9" * 5000),
            ("amount", ""),
            ("paid_at", "yesterday"),
            ("paid_at", "2026-11-01T00:00:00"),
            ("paid_at", "1969-01-01T00:00:00+08:00"),
            ("paid_at", "99999-01-01T00:00:00Z"),
            ("stars", "6"),
            ("stars", "4.5"),
            ("browsed", "maybe"),
            ("threshold", "-5"),
            ("delivered_at", "soon"),
        ],
    )
    def test_a_bad_cell_is_named_by_line_and_column(self, column: str, text: str) -> None:
        found = padded(GOOD | {column: text})
        assert (len(found.orders), found.faulty) == (10, 1)
        (fault,) = found.first
        assert (fault.line, fault.field) == (12, column)
        assert fault.mend

    def test_rows_of_another_width(self) -> None:
        lines = file_of(*[GOOD] * 10)
        found = read_csv([*lines, "li,tea\n", f"li,tea,{PAID_AT},1,more\n"])
        assert [(one.line, one.field) for one in found.first] == [(12, "row"), (13, "row")]

    def test_nul_and_huge_cells_and_a_quote_that_never_ends(self) -> None:
        lines = file_of(*[GOOD] * 20)
        found = read_csv([*lines, f"l\0i,tea,{PAID_AT},1\n", "x" * 200_000 + "\n", '"open,a\n'])
        assert found.faulty == 2
        assert found.orders.names["buyer"] == ["li", "l\ufffdi"]

    def test_only_the_first_are_told_and_all_are_counted(self) -> None:
        bad = [GOOD | {"amount": "x"}] * (FAULTS_TOLD + 5)
        found = read(*[GOOD] * 200, *bad)
        assert found.faulty == FAULTS_TOLD + 5
        assert len(found.first) == FAULTS_TOLD

    def test_a_fifth_may_be_bad_and_no_more(self) -> None:
        bad = GOOD | {"amount": "x"}
        assert read(*[GOOD] * 4, bad).faulty == 1
        with pytest.raises(BadInput, match=r"2 of 5 rows cannot be read; line 5: amount"):
            read(*[GOOD] * 3, bad, bad)


class TestHeads:
    @pytest.mark.parametrize("missing", ["buyer", "item", "paid_at", "amount"])
    def test_a_required_column_is_missing(self, missing: str) -> None:
        row = {name: text for name, text in GOOD.items() if name != missing}
        with pytest.raises(BadInput) as caught:
            read(row)
        assert caught.value.field == f"orders.{missing}"

    def test_a_column_twice(self) -> None:
        with pytest.raises(BadInput, match="name each column once"):
            read_csv(["buyer,item,paid_at,amount,buyer\n"])

    def test_nothing_at_all(self) -> None:
        with pytest.raises(BadInput, match=r"orders\.buyer"):
            read_csv([])


@settings(max_examples=60)
@given(text=st.text(max_size=300))
def test_any_bytes_are_read_or_refused(text: str) -> None:
    lines = ["buyer,item,paid_at,amount\n", *text.splitlines(keepends=True)]
    try:
        found = read_csv(lines)
    except BadInput:
        return
    assert len(found.orders) + found.faulty <= len(lines)
