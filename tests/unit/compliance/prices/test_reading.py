"""Histories as files: what is clear counts, what is unclear is strict or refused with its line."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import format_iso, parse_iso
from quanyu.compliance.prices import bound_at
from quanyu.compliance.prices.reading import ROWS_TOLD, Reading, Wanted, read_trades
from quanyu.errors import BadInput

AT_US = parse_iso("2026-11-11T00:00:00+08:00")
NOW_US = parse_iso("2026-12-01T00:00:00+08:00")
HEAD = "paid_at,amount,refunded,flagged"
WIDE = f"{HEAD},shop,item,quantity,order"


def read(
    *rows: str, head: str = HEAD, shop: str | None = None, item: str | None = None,
    at_us: int = AT_US,
) -> Reading:  # fmt: skip
    body = "\n".join((head, *rows)).encode()
    return read_trades(body, Wanted(at_us, NOW_US, shop, item))


def lowest(reading: Reading, at_us: int = AT_US) -> int | None:
    return bound_at(reading.trades, at_us).max_fen


def test_rows_become_trades() -> None:
    found = read(
        "2026-11-05T10:00:00+08:00,30000,false,false,A,cup,3,o1",
        "2026-11-06T10:00:00+08:00,9000,1,0,A,cup,1,o2", head=WIDE,
    ).trades  # fmt: skip
    assert [(t.unit_fen, t.quantity, t.refunded, t.order) for t in found] == [
        (10_000, 3, 0, "o1"), (9_000, 1, 1, "o2"),
    ]  # fmt: skip
    assert format_iso(found[0].paid_us) == "2026-11-05T10:00:00+08:00"


@pytest.mark.parametrize(
    ("row", "field", "mend"),
    [
        ("2026-11-05T10:00:00+08:00,-5,0,0", "line 2 amount", "whole number, amounts in fen"),
        ("2026-11-05T10:00:00+08:00,12.50,0,0", "line 2 amount", "'12.50': write a whole number"),
        ("2026-11-05T10:00:00+08:00,,0,0", "line 2 amount", "'': write a whole number"),
        ("2026-11-05T10:00:00+08:00,１２,0,0", "line 2 amount", "write a whole number"),
        ("2026-11-05T10:00:00+08:00,9999999999999999,0,0", "line 2 amount", "from 0 to"),
        ("yesterday,100,0,0", "line 2 paid_at", "'yesterday' is no time; write 2026-11-05T10"),
        (",100,0,0", "line 2 paid_at", "'' is no time"),
        ("2026-02-30,100,0,0", "line 2 paid_at", "is no time"),
        ("2099-01-01,100,0,0", "line 2 paid_at", "2099-01-01 lies in the future"),
        ("1999-12-31T00:00:00+08:00,100,0,0", "line 2 paid_at", "lies before 2000"),
        ("2026-11-05,100,maybe,0", "line 2 refunded", "'maybe': write true or false"),
        ("2026-11-05,100,0,100", "line 2 flagged", "'100': write true or false"),
        ("2026-11-05,100,0", "line 2", "has 3 cells, not 4"),
        ("2026-11-05,100,0,0,x", "line 2", "has 5 cells, not 4"),
        ('2026-11-05,"100,0,0', "line 2", "is no CSV"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_line(
    row: str, field: str, mend: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(row)
    assert caught.value.field == f"history {field}"
    assert mend in caught.value.mend


def test_the_line_is_that_of_the_file() -> None:
    good = "2026-11-05T10:00:00+08:00,100,0,0"
    with pytest.raises(BadInput, match="history line 5 amount"):
        read(good, "", good, good.replace("100", "x"))


@pytest.mark.parametrize(
    ("head", "mend"),
    [
        ("", "name the columns: paid_at, amount, refunded, flagged; paid_at is missing"),
        ("paid_at,amount,refunded", "flagged is missing"),
        ("paid_at,amount,refunded,flagged,amount", "stands there twice"),
    ],
)
def test_columns_are_named(head: str, mend: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(head=head)
    assert caught.value.field.startswith("history line 1")
    assert mend in caught.value.mend


def test_names_of_columns_are_read_kindly() -> None:
    body = "\ufeffPaid_At, Amount ,REFUNDED,flagged\n2026-11-05,100,no,否\n".encode()
    assert lowest(read_trades(body, Wanted(AT_US, NOW_US))) == 100


def test_a_sheet_in_gb18030() -> None:
    body = f"{HEAD},shop\n2026-11-05,100,否,否,总店\n".encode("gb18030")
    assert lowest(read_trades(body, Wanted(AT_US, NOW_US, "总店"))) == 100
    with pytest.raises(BadInput, match="history: write the file in UTF-8"):
        read_trades(b"\xff\xff\xff", Wanted(AT_US, NOW_US))


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes", "是", "y"])
def test_words_for_yes(word: str) -> None:
    assert lowest(read(f"2026-11-05,100,{word},0", f"2026-11-05,200,0,{word}")) is None


@pytest.mark.parametrize(
    ("row", "note"),
    [
        ("2026-11-05T10:00:00,100,0,0", "时间没有时区，按北京时间（1 行）"),
        ("2026-11-05,100,,0", "refunded 空缺，无法判断，按从严处理（1 行）"),
        ("2026-11-05,100,0,", "flagged 空缺，无法判断，按从严处理（1 行）"),
        ("2026-11-20,100,0,0", "比价开始后的成交，不计入（1 行）"),
        ("2026-11-05,0,0,0", "实付为零，视为赠品，不计入（1 行）"),
        ("2026-11-09,100,0,0", "记录自 2026-11-09T00:00:00+08:00 起，不足比价前七日"),
    ],
)
def test_what_had_to_be_assumed_is_told(row: str, note: str) -> None:
    assert any(note in one for one in read(row).notes)


def test_a_full_history_needs_no_notes() -> None:
    assert read("2026-11-01T10:00:00+08:00,100,0,0", "2026-11-05T10:00:00+08:00,90,0,0").notes == []


def test_times_without_an_offset_are_those_of_china() -> None:
    edge = read("2026-11-04T00:00:00,100,0,0", "2026-11-03T23:59:59.999999,50,0,0")
    assert lowest(edge) == 100


def test_one_file_writes_times_in_one_way() -> None:
    aware, naive = "2026-11-05T10:00:00+08:00,100,0,0", "2026-11-05T10:00:00,100,0,0"
    with pytest.raises(BadInput, match="line 3 paid_at: has no offset, and line 2 has one"):
        read(aware, naive)
    with pytest.raises(BadInput, match="line 3 paid_at: has an offset, line 2 none"):
        read(naive, aware)


def test_other_offsets_are_converted_and_told() -> None:
    """16:00 in London is midnight in China."""
    found = read("2026-11-03T16:00:00Z,100,0,0", "2026-11-03T23:59:59+08:00,50,0,0")
    assert lowest(found) == 100
    assert any("已统一换算为北京时间" in note for note in found.notes)


def test_a_day_alone_may_lie_on_either_side_of_an_evening_start() -> None:
    """From 20:00 on the 11th: of the 4th and the 11th nobody knows whether they are inside."""
    evening_us = parse_iso("2026-11-11T20:00:00+08:00")
    for day in ("2026-11-04", "2026-11-11"):
        found = read(f"{day},50,0,0", "2026-11-06,100,0,0", at_us=evening_us)
        assert lowest(found, evening_us) == 50
        assert any("只有日期" in note for note in found.notes)
    clear = read("2026-11-03,50,0,0", "2026-11-06,100,0,0", at_us=evening_us)
    assert lowest(clear, evening_us) == 100


def test_a_day_alone_never_raises_the_bound() -> None:
    evening_us = parse_iso("2026-11-11T20:00:00+08:00")
    found = read("2026-11-11,900,0,0", "2026-10-01,100,0,0", at_us=evening_us)
    assert lowest(found, evening_us) == 100


def test_rows_of_other_shops_and_items() -> None:
    rows = (
        "2026-11-05,100,0,0,A,cup,1,o1", "2026-11-05,50,0,0,B,cup,1,o2",
        "2026-11-05,40,0,0,A,tea,1,o3",
    )  # fmt: skip
    found = read(*rows, head=WIDE, shop="A", item="cup")
    assert lowest(found) == 100
    assert "其他店铺或商品的成交，不计入（2 行）" in found.notes
    with pytest.raises(BadInput, match="line 3 shop: 'B', and line 2 is of 'A'; say which"):
        read(*rows, head=WIDE)
    with pytest.raises(BadInput, match="line 4 item: 'tea', and line 2 is of 'cup'"):
        read(*rows, head=WIDE, shop="A")
    with pytest.raises(BadInput, match="line 2 shop: the history is of 'A'; no row"):
        read(*rows, head=WIDE, shop="C")


def test_whose_row_it_is_must_be_said_where_there_is_a_column() -> None:
    with pytest.raises(BadInput, match="line 2 shop: is empty"):
        read("2026-11-05,100,0,0,,cup,1,o1", head=WIDE)


def test_a_shop_that_no_column_names_is_taken_at_its_word() -> None:
    found = read("2026-11-05,100,0,0", shop="A")
    assert "没有 shop 列，视为都属于 A（1 行）" in found.notes


def test_the_future_is_later_than_now_and_than_the_comparison() -> None:
    planned_us = parse_iso("2027-06-18T00:00:00+08:00")
    assert lowest(read("2027-06-17,100,0,0", at_us=planned_us), planned_us) == 100
    with pytest.raises(BadInput, match="in the future"):
        read("2027-06-19,100,0,0", at_us=planned_us)


def test_nothing_paid_is_no_history() -> None:
    assert read().trades == []
    assert lowest(read()) is None


def test_progress_is_told() -> None:
    heard: list[int] = []
    body = "\n".join([HEAD, *["2026-11-05,100,0,0"] * (2 * ROWS_TOLD + 1)]).encode()
    read_trades(body, Wanted(AT_US, NOW_US), told=heard.append)
    assert heard == [ROWS_TOLD, ROWS_TOLD]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(BadInput):
        found = read_trades(HEAD.encode() + b"\n" + body, Wanted(AT_US, NOW_US))
        assert all(trade.unit_fen >= 0 for trade in found.trades)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=20), st.integers(1, 7))
def test_a_unit_costs_its_part_rounded_down(amounts: list[int], pieces: int) -> None:
    rows = [f"2026-11-05,{fen},0,0,A,cup,{pieces},o" for fen in sorted(amounts)]
    found = [t.unit_fen for t in read(*rows, head=WIDE).trades]
    assert found == [fen // pieces for fen in sorted(amounts)]
    assert all(a <= b for a, b in pairwise(found))
