"""The UserBehavior format: rows become events with ids that depend on nothing but the rows."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import format_iso, to_us
from quanyu.events.event import IncomingEvent
from quanyu.events.intake import Candidate
from quanyu.events.refusals import Fault, Reason
from quanyu.touchpoints.connectors.taobao_userbehavior import TaobaoUserBehavior

FIRST = b"543462,1715,1464116,pv,1511658000\n"


def rows(lines: Sequence[bytes]) -> list[Candidate]:
    return list(TaobaoUserBehavior().rows(lines))


def event(line: bytes) -> IncomingEvent:
    (row,) = rows([line])
    assert isinstance(row.outcome, IncomingEvent), row.outcome
    return row.outcome


def fault(line: bytes) -> Fault:
    (row,) = rows([line])
    assert isinstance(row.outcome, Fault)
    return row.outcome


def ids(lines: Sequence[bytes]) -> list[str]:
    return [r.outcome.event_id for r in rows(lines) if isinstance(r.outcome, IncomingEvent)]


def test_a_row_is_an_event() -> None:
    seen = event(FIRST)
    assert seen.kind == "view"
    assert seen.touchpoint == "taobao.detail"
    assert seen.identifiers == {"taobao_id": "543462"}
    assert seen.item == "1715"
    assert seen.props == {"category": "1464116"}
    assert format_iso(to_us(seen.at)) == "2017-11-26T09:00:00+08:00"


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (b"pv", "view"),
        (b"fav", "favourite"),
        (b"cart", "add_to_cart"),
        (b"buy", "payment_completed"),
    ],
)
def test_behaviours(behaviour: bytes, kind: str) -> None:
    assert event(b"1,2,3,%s,1511658000" % behaviour).kind == kind


def test_no_price_is_invented() -> None:
    bought = event(b"1,2,3,buy,1511658000")
    assert bought.amount is None
    assert bought.props["amount_unknown"] is True
    assert bought.order is not None
    assert bought.event_id in bought.order


def test_equal_rows_are_events_of_their_own() -> None:
    assert len(set(ids([FIRST, FIRST, FIRST]))) == 3


def test_the_id_does_not_hang_on_the_way_it_is_read() -> None:
    plain = ids([FIRST, FIRST])
    assert ids([FIRST.replace(b"\n", b"\r\n"), b"\n", b" " + FIRST]) == plain
    assert ids([b"9,9,9,pv,1511658000", FIRST, FIRST])[1:] == plain


FAULTS = [
    (b"1,2,3,pv", None),
    (b"1,2,3,pv,1511658000,7", None),
    (b"user_id,item_id,category_id,behavior,timestamp", "behaviour"),
    (b"1,2,3,look,1511658000", "behaviour"),
    (b"x,2,3,pv,1511658000", "user"),
    (b"1,,3,pv,1511658000", "item"),
    (b"1,2,3.5,pv,1511658000", "category"),
    (b"1,2,3,pv,yesterday", "time"),
    (b"1,2,3,pv,-5", "time"),
    (b"1,2,3,pv,99999999999", "time"),
    (b"12345678901234567890,2,3,pv,1511658000", "user"),
    (b"1;2;3;pv;1511658000", None),
    (b"\x00\xff\x1f\x8b", None),
    (b"1,2,3,pv,\xd9\xa1\xd9\xa2", "time"),
]


@pytest.mark.parametrize(("line", "column"), FAULTS)
def test_bad_rows_are_named_by_column(line: bytes, column: str | None) -> None:
    found = fault(line)
    assert (found.field, found.reason) == (column, Reason.BAD_ROW)
    assert found.mend


def test_lines_keep_their_numbers() -> None:
    found = rows([FIRST, b"\n", b"junk\n", FIRST])
    assert [(row.place, isinstance(row.outcome, Fault)) for row in found] == [
        (1, False),
        (3, True),
        (4, False),
    ]
    assert found[1].raw == b"junk"


lines = st.lists(
    st.builds(
        lambda user, item, behaviour: b"%d,%d,7,%s,1511658000\n" % (user, item, behaviour),
        st.integers(1, 3),
        st.integers(1, 3),
        st.sampled_from([b"pv", b"buy"]),
    ),
    max_size=20,
)


@given(lines, st.integers(0, 10**6))
def test_any_order_gives_the_same_events(found: list[bytes], seed: int) -> None:
    shuffled = list(found)
    random.Random(seed).shuffle(shuffled)
    assert Counter(ids(found)) == Counter(ids(shuffled))
    assert len(set(ids(found))) == len(found)
