"""Who of a group gets a piece."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import parse_iso
from quanyu.errors import BadInput, Refused
from quanyu.ids import Token
from quanyu.promotions.flash_sales.deciding import Counter
from quanyu.promotions.flash_sales.sales import (
    TRANSITIONS,
    Attempt,
    Reason,
    Sale,
    State,
    Terms,
    decode_terms,
    window_of,
)

BODY: dict[str, Any] = {
    "name": "noon",
    "item": "serum",
    "price_fen": 9_900,
    "pieces": 2,
    "starts": "2026-03-10T20:00:00+08:00",
    "ends": "2026-03-10T21:00:00+08:00",
    "early": "2026-03-10T19:00:00+08:00",
}


def sale(**change: Any) -> Sale:
    terms = decode_terms(json.dumps(BODY | change).encode())
    early_us, starts_us, ends_us = window_of(terms)
    return Sale(1, "shop", terms, starts_us, ends_us, early_us)


def attempt(who: int = 1, *words: str) -> Attempt:
    holder = "taobao_id", Token(bytes([who] * 16))
    return Attempt("shop", "noon", holder, f"r{who}", frozenset(words))


def at(clock: str) -> int:
    return parse_iso(f"2026-03-10T{clock}+08:00")


def decide(one: Attempt, made: Sale | None, clock: str = "20:00:00", free: int = 2) -> Any:
    refused = Counter({1: free}, {}, {}).decide(one, made, now_us=at(clock))
    return refused and refused.reason


@pytest.mark.parametrize(
    ("clock", "words", "reason"),
    [
        ("18:59:59", (), Reason.NOT_STARTED),
        ("18:59:59", ("member",), Reason.NOT_STARTED),
        ("19:00:00", (), Reason.MEMBERS_FIRST),
        ("19:00:00", ("member",), None),
        ("20:00:00", (), None),
        ("20:59:59", (), None),
        ("21:00:00", ("member",), Reason.OVER),
    ],
)
def test_the_window(clock: str, words: tuple[str, ...], reason: Reason | None) -> None:
    assert decide(attempt(1, *words), sale(), clock) == reason


def test_some_sales_are_for_members_only() -> None:
    made = sale(only="member:gold")
    assert decide(attempt(), made) is Reason.NOT_ELIGIBLE
    assert decide(attempt(1, "member:gold"), made) is None


def test_a_sale_that_is_closed_or_unknown() -> None:
    made = sale()
    closed = Sale(1, "shop", made.terms, made.starts_us, made.ends_us, made.early_us, True)
    assert decide(attempt(), closed) is Reason.CLOSED
    assert decide(attempt(), None) is Reason.NOT_FOUND


def test_two_pieces_go_to_the_first_two() -> None:
    counter, made = Counter({1: 2}, {}, {}), sale()
    said = [counter.decide(attempt(n), made, now_us=at("20:00:00")) for n in range(1, 5)]
    assert said == [None, None, *[Refused(Reason.SOLD_OUT, 0, 1)] * 2]


def test_one_person_gets_one_also_with_two_identifiers() -> None:
    ann, alias, ben = (attempt(n) for n in (1, 2, 3))
    persons = {ann.holder: ann.holder, alias.holder: ann.holder}
    counter, made = Counter({1: 9}, {}, persons), sale()
    said = [counter.decide(one, made, now_us=at("20:00:00")) for one in (ann, alias, ben)]
    assert said == [None, Refused(Reason.PER_PERSON_LIMIT, 1, 1), None]


def test_what_was_bought_before_counts() -> None:
    one = attempt()
    counter = Counter({1: 9}, {(1, one.holder): 2}, {})
    said = [counter.decide(one, sale(per_person=3), now_us=at("20:00:00")) for _ in range(2)]
    assert said == [None, Refused(Reason.PER_PERSON_LIMIT, 3, 3)]


@given(st.lists(st.integers(1, 6), max_size=40), st.integers(0, 10), st.integers(1, 3))
def test_never_more_than_there_are_and_nobody_more_than_they_may(
    buyers: list[int], pieces: int, limit: int
) -> None:
    counter, made = Counter({1: pieces}, {}, {}), sale(per_person=limit)
    got = [n for n in buyers if counter.decide(attempt(n), made, now_us=at("20:30:00")) is None]
    wanted = sum(min(limit, buyers.count(n)) for n in set(buyers))
    assert len(got) == min(pieces, wanted)
    assert all(got.count(n) <= limit for n in got)
    assert counter.free[1] == pieces - len(got)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price_fen": 0}, "price_fen"),
        ({"price_fen": 10**16}, "price_fen"),
        ({"pieces": 0}, "pieces"),
        ({"pieces": 1.5}, "pieces"),
        ({"per_person": 0}, "per_person"),
        ({"hold_seconds": 0}, "hold_seconds"),
        ({"starts": "tomorrow"}, "starts"),
        ({"ends": "2026-03-10T21:00:00"}, "ends"),
        ({"ends": "2026-03-10T20:00:00+08:00"}, "ends"),
        ({"early": "2026-03-10T20:00:01+08:00"}, "ends"),
        ({"name": "a b"}, "name"),
        ({"colour": "red"}, "sale"),
    ],
)
def test_a_sale_that_cannot_be(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_terms(json.dumps(BODY | change).encode())
    assert refused.value.field == field


def test_a_sale_without_a_price_or_a_window() -> None:
    for name in ("price_fen", "pieces", "starts", "ends"):
        with pytest.raises(BadInput):
            decode_terms(json.dumps({k: v for k, v in BODY.items() if k != name}).encode())


def test_a_hold_ends_once() -> None:
    assert set(TRANSITIONS) == set(State)
    assert all(not TRANSITIONS[end] for end in State if end is not State.HELD)


def test_early_access_is_for_members_unless_said() -> None:
    assert Terms(**BODY).early_for == "member"
    made = sale(early_for="member:gold")
    assert decide(attempt(1, "member"), made, "19:30:00") is Reason.MEMBERS_FIRST
