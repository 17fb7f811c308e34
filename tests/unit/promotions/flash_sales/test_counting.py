"""A group of attempts decided at once gives what one after the other would have given."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import parse_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Token
from quanyu.promotions.flash_sales.deciding import Counter, closed_to
from quanyu.promotions.flash_sales.sales import Attempt, Reason, Sale, decode_terms, window_of

SECOND_US = 1_000_000
EARLY, STARTS, ENDS = (parse_iso(f"2026-03-10T{h}:00:00+08:00") for h in (19, 20, 21))
BODY: dict[str, Any] = {
    "name": "noon", "item": "serum", "price_fen": 9_900, "pieces": 2,
    "starts": "2026-03-10T20:00:00+08:00", "ends": "2026-03-10T21:00:00+08:00",
}  # fmt: skip
WITH_EARLY = {"early": "2026-03-10T19:00:00+08:00", "early_for": "vip"}


def sale(number: int = 1, *, closed: bool = False, **change: Any) -> Sale:
    terms = decode_terms(json.dumps(BODY | change).encode())
    early_us, starts_us, ends_us = window_of(terms)
    return Sale(number, "shop", terms, starts_us, ends_us, early_us, closed)


def person(number: int) -> Identifier:
    return "taobao_id", Token(bytes([number] * 16))


def attempt(number: int, *words: str) -> Attempt:
    return Attempt("shop", "noon", person(number), f"r{number}", frozenset(words))


EVERYBODY, VIP, GOLD, BOTH = (), ("vip",), ("member:gold",), ("vip", "member:gold")
WINDOWS: list[tuple[dict[str, Any], int, tuple[str, ...], Reason | None]] = [
    ({}, STARTS - 1, EVERYBODY, Reason.NOT_STARTED),
    ({}, STARTS - 1, VIP, Reason.NOT_STARTED),
    ({}, STARTS, EVERYBODY, None),
    ({}, ENDS - 1, EVERYBODY, None),
    ({}, ENDS, EVERYBODY, Reason.OVER),
    (WITH_EARLY, EARLY - 1, VIP, Reason.NOT_STARTED),
    (WITH_EARLY, EARLY, VIP, None),
    (WITH_EARLY, EARLY, EVERYBODY, Reason.MEMBERS_FIRST),
    (WITH_EARLY, STARTS - 1, EVERYBODY, Reason.MEMBERS_FIRST),
    (WITH_EARLY, STARTS, EVERYBODY, None),
    (WITH_EARLY, ENDS, VIP, Reason.OVER),
    ({"only": "member:gold"}, STARTS, EVERYBODY, Reason.NOT_ELIGIBLE),
    ({"only": "member:gold"}, STARTS, GOLD, None),
    ({"only": "member:gold"}, STARTS - 1, GOLD, Reason.NOT_STARTED),
    ({"only": "member:gold"}, ENDS, EVERYBODY, Reason.OVER),
    (WITH_EARLY | {"only": "member:gold"}, EARLY, VIP, Reason.NOT_ELIGIBLE),
    (WITH_EARLY | {"only": "member:gold"}, EARLY, GOLD, Reason.MEMBERS_FIRST),
    (WITH_EARLY | {"only": "member:gold"}, EARLY, BOTH, None),
    (WITH_EARLY | {"only": "member:gold"}, STARTS, VIP, Reason.NOT_ELIGIBLE),
]


@pytest.mark.parametrize(("change", "now_us", "words", "reason"), WINDOWS)
def test_windows_to_the_microsecond(
    change: dict[str, Any], now_us: int, words: tuple[str, ...], reason: Reason | None
) -> None:
    refused = closed_to(sale(**change), attempt(1, *words), now_us=now_us)
    assert (refused and refused.reason) == reason


@pytest.mark.parametrize("now_us", [EARLY - 1, STARTS, ENDS])
def test_a_closed_sale_says_so_at_any_time(now_us: int) -> None:
    refused = closed_to(sale(closed=True), attempt(1), now_us=now_us)
    assert refused is not None
    assert refused.reason == Reason.CLOSED


def test_the_limit_is_said_before_the_stock() -> None:
    """Who has had theirs learns that, even when nothing is left."""
    counter = Counter({1: 0}, {(1, person(1)): 1}, {})
    refused = counter.decide(attempt(1), sale(), now_us=STARTS)
    assert refused is not None
    assert (refused.reason, refused.have, refused.need) == (Reason.PER_PERSON_LIMIT, 1, 1)
    other = counter.decide(attempt(2), sale(), now_us=STARTS)
    assert other is not None
    assert (other.reason, other.have, other.need) == (Reason.SOLD_OUT, 0, 1)


@pytest.mark.parametrize("made", [None, sale(closed=True), sale(only="member")])
def test_who_is_refused_takes_nothing(made: Sale | None) -> None:
    counter = Counter({1: 5}, {}, {})
    assert counter.decide(attempt(1), made, now_us=STARTS) is not None
    assert (counter.free, counter.had) == ({1: 5}, {})


ASKED = st.lists(st.tuples(st.sampled_from((1, 2)), st.integers(1, 8)), max_size=40)


@given(ASKED, st.tuples(st.integers(0, 9), st.integers(0, 9)), st.integers(1, 3), st.data())
def test_a_group_is_its_attempts_one_after_the_other(
    asked: list[tuple[int, int]], pieces: tuple[int, int], limit: int, data: st.DataObject
) -> None:
    """Against a till that knows people by name: identifiers 5 to 8 are aliases of 1 to 4."""
    persons = {person(n): person((n - 1) % 4 + 1) for n in range(1, 9)}
    sales = {n: sale(n, per_person=limit) for n in (1, 2)}
    counter = Counter(dict(zip(sales, pieces, strict=True)), {}, persons)
    stock, bags = dict(zip(sales, pieces, strict=True)), dict[tuple[int, int], int]()
    for number, who in asked:
        bag = number, (who - 1) % 4 + 1
        expected = None
        if bags.get(bag, 0) >= limit:
            expected = Reason.PER_PERSON_LIMIT
        elif stock[number] == 0:
            expected = Reason.SOLD_OUT
        else:
            stock[number] -= 1
            bags[bag] = bags.get(bag, 0) + 1
        refused = counter.decide(attempt(who), sales[number], now_us=STARTS)
        assert (refused and refused.reason) == expected
    assert counter.free == stock
    assert {bag: n for bag, n in counter.had.items() if n} == {
        (number, person(who)): n for (number, who), n in bags.items()
    }


@given(st.lists(st.integers(1, 6), max_size=30), st.integers(0, 30), st.integers(0, 10))
def test_two_halves_of_a_group_are_the_group(buyers: list[int], cut: int, pieces: int) -> None:
    def decide(counter: Counter, some: list[int]) -> list[Any]:
        return [counter.decide(attempt(n), sale(), now_us=STARTS) for n in some]

    whole, halves = Counter({1: pieces}, {}, {}), Counter({1: pieces}, {}, {})
    assert decide(whole, buyers) == decide(halves, buyers[:cut]) + decide(halves, buyers[cut:])
    assert (whole.free, whole.had) == (halves.free, halves.had)


def test_the_free_piece_of_one_sale_is_not_the_other_s() -> None:
    counter = Counter({1: 0, 2: 1}, {}, {})
    first = counter.decide(attempt(1), sale(1), now_us=STARTS)
    second = counter.decide(attempt(1), sale(2), now_us=STARTS)
    assert first is not None
    assert (first.reason, second) == (Reason.SOLD_OUT, None)


def test_words_of_one_attempt_are_not_another_s() -> None:
    counter, made = Counter({1: 9}, {}, {}), sale(only="member")
    assert counter.decide(attempt(1, "member"), made, now_us=STARTS) is None
    bare = msgspec.structs.replace(attempt(1, "member"), eligibility=frozenset())
    refused = counter.decide(bare, made, now_us=STARTS)
    assert refused is not None
    assert refused.reason == Reason.NOT_ELIGIBLE
