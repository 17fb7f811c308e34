"""The quick reader of order files says what the slow one says, or leaves the file to it."""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quanyu.compliance.trades.orders import FIGURES, NAMED, Orders
from quanyu.compliance.trades.reading import COLUMNS, REVIEW_MAX, Read, read_csv
from quanyu.errors import BadInput
from quanyu.storage.lake import order_file
from quanyu.storage.lake.order_file import read_orders

PAID_AT = "2026-11-01T00:00:00+08:00"
GOOD = {"buyer": "li", "item": "tea", "paid_at": PAID_AT, "amount": "12900"}
HEAD = "buyer,item,paid_at,amount"
ROW = f"li,tea,{PAID_AT},1"


def text_of(*rows: Mapping[str, str], ends: str = "\r\n") -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator=ends)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def slowly(raw: bytes) -> Read:
    with io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", newline="") as file:
        return read_csv(file)


def equal(one: Orders, other: Orders) -> None:
    assert one.names == other.names
    for column in (*NAMED, *FIGURES):
        assert one[column].dtype == other[column].dtype == np.int64
        assert one[column].tolist() == other[column].tolist(), column
    assert one.reviews == other.reviews
    assert one.repeated == other.repeated


def alike(raw: bytes, path: Path) -> Read:
    """Both readers say the same of it, or refuse it in the same words."""
    path.write_bytes(raw)
    try:
        expected = slowly(raw)
    except BadInput as refused:
        with pytest.raises(BadInput) as caught:
            read_orders(path)
        same_words(caught.value, refused)
        raise
    found = read_orders(path)
    equal(found.orders, expected.orders)
    assert (found.faulty, found.first, found.ignored) == (
        expected.faulty, expected.first, expected.ignored
    )  # fmt: skip
    return found


def same_words(one: BadInput, other: BadInput) -> None:
    assert (one.field, str(one)) == (other.field, str(other))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.csv"


@pytest.fixture
def quick_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the slow reader is asked."""

    def unwanted(*_: object) -> Read:
        raise AssertionError("the file is plain")

    monkeypatch.setattr(order_file, "read_csv", unwanted)


EVERYTHING = GOOD | {
    "order": "o1", "shop": "s", "device": "d", "payer": "p", "address": "a 1", "browsed": "是",
    "refunded": "No", "confirmed_at": "2026-11-03T10:00:00.5Z", "shipped_at": "2026-11-01 09:30+08",
    "delivered_at": "2026-11-02T09:30:00.123456-03:30", "stars": "5", "threshold": "10000",
    "account_since": PAID_AT, "review": "很好，\n下次还来“真的”",
}  # fmt: skip


class TestPlain:
    @pytest.mark.usefixtures("quick_only")
    @pytest.mark.parametrize(
        "rows",
        [
            [GOOD],
            [GOOD, GOOD, GOOD],
            [EVERYTHING],
            [EVERYTHING, GOOD | {"order": "o2"}, EVERYTHING | {"item": "cup"}],
            [GOOD | {"order": "o1"}] * 3,
            [GOOD | {"order": f"o{n % 4}", "item": f"i{n % 3}"} for n in range(40)],
            [GOOD | {"buyer": "  li "}, GOOD | {"buyer": "li"}],
            [GOOD | {"colour": "red", "order": "1"}, GOOD | {"order": "2"}],
            [GOOD | {"review": "好" * (REVIEW_MAX + 9)}],
            [GOOD | {"buyer": 'a "b", c', "order": "1"}],
            [GOOD | {"paid_at": "2026-11-01T00:00:00Z"}, GOOD | {"paid_at": "20261101T000000Z"}],
            [GOOD | {"amount": "007"}, GOOD | {"stars": ""}],
        ],
    )
    def test_without_the_slow_reader(self, rows: list[Mapping[str, str]], path: Path) -> None:
        assert alike(text_of(*rows).encode(), path).faulty == 0

    def test_every_column_is_among_them(self) -> None:
        assert set(EVERYTHING) == set(COLUMNS)

    @pytest.mark.usefixtures("quick_only")
    @pytest.mark.parametrize("ends", ["\n", "\r\n"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_line_ends_and_the_mark_of_windows(self, ends: str, mark: str, path: Path) -> None:
        text = mark + text_of(GOOD, GOOD, ends=ends)
        assert alike(text.encode(), path).orders.names["order"] == ["第 2 行", "第 3 行"]
        assert len(alike(text.rstrip("\r\n").encode(), path).orders) == 2

    @pytest.mark.usefixtures("quick_only")
    def test_a_file_of_many_blocks(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(order_file, "BLOCK", 1_000)
        rows = [
            GOOD | {"order": f"o{n % 90}", "buyer": f"b{n % 7}", "item": f"i{n % 11}",
                    "stars": str(n % 5 + 1), "review": "好" * (n % 4), "device": f"d{n % 3}"}
            for n in range(300)
        ]  # fmt: skip
        raw = text_of(*rows).encode()
        found = alike(raw, path)
        assert found.orders.count == 90
        heard: list[int] = []
        read_orders(path, heard.append)
        assert heard == sorted(heard)
        assert 0 < heard[-1] <= len(raw)

    @pytest.mark.usefixtures("quick_only")
    def test_columns_that_mean_nothing_are_told_in_their_order(self, path: Path) -> None:
        row = GOOD | {"note": "x", "colour": "y"}
        assert alike(text_of(row).encode(), path).ignored == ["note", "colour"]


class TestExplained:
    """What is not plain is explained by the slow reader, line by line."""

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            (f"li,tea,{PAID_AT},12.5", "amount"),
            (f",tea,{PAID_AT},1", "buyer"),
            (f"  ,tea,{PAID_AT},1", "buyer"),
            (f"{'x' * 201},tea,{PAID_AT},1", "buyer"),
            ("li,tea,2026-11-01,1", "paid_at"),
            ("li,tea,2026-11-01T00:00:00,1", "paid_at"),
            ("li,tea,2026-02-30T00:00:00+08:00,1", "paid_at"),
            ("li,tea,1969-12-31T23:59:59Z,1", "paid_at"),
            ("li,tea,1970-01-01T07:59:59+08:00,1", "paid_at"),
            ("li,tea,2026-11-01T24:00:00+08:00,1", "paid_at"),
            ("li,tea,yesterday,1", "paid_at"),
            ("li,tea", "row"),
            (f"{ROW},more", "row"),
        ],
    )
    def test_a_fault_is_named_by_its_line(self, line: str, field: str, path: Path) -> None:
        text = "\n".join([HEAD, *[ROW] * 9, line, ROW])
        found = alike(text.encode(), path)
        assert (found.faulty, len(found.orders)) == (1, 10)
        assert [(one.line, one.field) for one in found.first] == [(11, field)]

    @pytest.mark.parametrize(
        "text",
        [
            f"{HEAD}\n{ROW}\n\n{ROW}\n",
            f'{HEAD}\n"l\ni",tea,{PAID_AT},1\n{ROW}\n',
            f"{HEAD}\r{ROW}\r{ROW}\r",
            f"{HEAD}\nl\0i,tea,{PAID_AT},1\n",
            "\n".join([HEAD, *[ROW] * 9, f'"li,tea,{PAID_AT},1', ""]),
            f'{HEAD}\nli"x,tea,{PAID_AT},1\n',
            f'{HEAD}\n"li"x,tea,{PAID_AT},1\n',
            f'"buy\ner",{HEAD}\nx,{ROW}\n',
            f"{HEAD}\n",
            f"{HEAD}",
        ],
    )
    def test_blank_lines_breaks_in_cells_and_quotes(self, text: str, path: Path) -> None:
        alike(text.encode(), path)

    @pytest.mark.parametrize(
        "text",
        ["", "\n", "buyer,item\nli,tea\n", f"{HEAD},buyer\n{ROW},x\n", f"\n{HEAD}\n{ROW}\n",
         f"{HEAD}\nbad\nbad\n{ROW}\n"],
    )  # fmt: skip
    def test_refused_in_the_same_words(self, text: str, path: Path) -> None:
        with pytest.raises(BadInput):
            alike(text.encode(), path)

    def test_not_utf8_and_not_there(self, path: Path) -> None:
        path.write_bytes(HEAD.encode() + "\nli,茶,".encode("gb18030") + b"x,1\n")
        with pytest.raises(UnicodeDecodeError):
            read_orders(path)
        with pytest.raises(FileNotFoundError):
            read_orders(path.with_name("nobody.csv"))

    def test_a_pipe_of_nothing_is_an_empty_file(self) -> None:
        with pytest.raises(BadInput, match="buyer"):
            read_orders(Path(os.devnull))

    def test_a_cell_beyond_the_limit_of_csv(self, path: Path) -> None:
        rows = [GOOD | {"review": "x" * 140_000}, *[GOOD] * 9]
        assert alike(text_of(*rows).encode(), path).faulty == 1


SPACES = [chr(code) for code in range(0x3100) if chr(code).isspace() and chr(code) not in "\r\n"]


@pytest.mark.parametrize("space", SPACES, ids=[f"U+{ord(one):04X}" for one in SPACES])
def test_every_space_is_a_space_to_both(space: str, path: Path) -> None:
    alike(text_of(GOOD | {"buyer": f"{space}l{space}i{space}"}, GOOD).encode(), path)


times = st.builds(
    "{}-{}-{}{}{}:{}{}{}{}".format,
    st.sampled_from(["2026", "1970", "2000", "9999", "26", "0001", "2262", "2263"]),
    st.sampled_from(["01", "02", "11", "13", "1"]),
    st.sampled_from(["01", "29", "31", "00"]),
    st.sampled_from(["T", " ", "t", ""]),
    st.sampled_from(["00", "23", "24", "7"]),
    st.sampled_from(["00", "59", "60"]),
    st.sampled_from(["", ":00", ":59", ":60"]),
    st.sampled_from(["", ".5", ".123456", ".1234567", ",5", "."]),
    st.sampled_from(["", "Z", "z", "+08:00", "+0800", "+08", "-23:59", "+24:00", "+08:00:30"]),
)


@settings(max_examples=150, deadline=None)
@given(text=times)
@example("2026-11-01T00:00:00+08:00:30")
@example("2026-W45-1T00:00:00Z")
@example("2026-11-01T00:00:00,5+08:00")
def test_any_time_is_read_alike(text: str) -> None:
    """Among usual ones, which Arrow reads; and whatever it takes it takes as Python does."""
    rows = [*[GOOD] * 9, GOOD | {"paid_at": text}, GOOD | {"shipped_at": text}]
    with TemporaryDirectory() as folder:
        alike(text_of(*rows).encode(), Path(folder) / "orders.csv")


cells = st.text(st.sampled_from('ab",\n 茶\u3000\t'), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(cells, cells, cells, st.sampled_from(["1", "990", "", "x"]))),
    quoted=st.booleans(),
)
def test_any_cells_are_read_alike_or_refused_alike(
    rows: list[tuple[str, str, str, str]], quoted: bool
) -> None:
    """Well quoted, or with quotes and breaks wherever they fall."""
    if quoted:
        text = io.StringIO()
        made = csv.writer(text)
        made.writerow(("order", *HEAD.split(",")))
        made.writerows((order, buyer, item, PAID_AT, fen) for order, buyer, item, fen in rows)
        whole = text.getvalue()
    else:
        lines = [f"{order},{buyer},{item},{PAID_AT},{fen}" for order, buyer, item, fen in rows]
        whole = "\n".join([f"order,{HEAD}", *lines])
    with TemporaryDirectory() as folder:
        try:
            alike(whole.encode(), Path(folder) / "orders.csv")
        except BadInput:
            return
