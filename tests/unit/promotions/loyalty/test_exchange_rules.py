"""Points for a partner's benefit: what may be offered, and which accounts it goes through."""

import json
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.errors import BadInput
from quanyu.ledger.accounts import PLATFORM, Limit
from quanyu.ledger.transfers import Transfer
from quanyu.promotions.loyalty.exchange import (
    Item,
    Offered,
    decode_offered,
    ordering,
    stock_accounts,
    undoing,
)
from quanyu.promotions.loyalty.programmes import POINTS_MAX, Days, Programme, Terms

ITEM: dict[str, Any] = {
    "name": "video-month",
    "label": "视频会员月卡",
    "points": 40,
    "partner": "video",
    "benefit": "video_membership",
    "pieces": 2,
    "compensation_fen": 1_500,
    "per_person": 1,
}
STARS = Programme(1, "shop", "stars", Terms(1, Days(30)))
BOUNDS: dict[str, tuple[int, int]] = {
    "points": (1, POINTS_MAX),
    "pieces": (1, 10**9),
    "compensation_fen": (0, 10**9),
    "per_person": (1, 10_000),
}


def offered_of(body: Any) -> Offered:
    return decode_offered(json.dumps(body).encode())


def item(**change: Any) -> Item:
    return Item(3, msgspec.convert(ITEM | change, type=Offered))


def fault(**change: Any) -> BadInput:
    with pytest.raises(BadInput) as refused:
        offered_of(ITEM | change)
    return refused.value


def moved(chain: list[Transfer]) -> dict[str, int]:
    """Account → credits minus debits."""
    sums: Counter[str] = Counter()
    for one in chain:
        sums[one.credit] += one.amount
        sums[one.debit] -= one.amount
    return {name: amount for name, amount in sums.items() if amount}


@pytest.mark.parametrize(("field", "ends"), BOUNDS.items(), ids=BOUNDS)
def test_numbers_of_an_item_are_good_up_to_their_ends(field: str, ends: tuple[int, int]) -> None:
    for number in ends:
        assert getattr(offered_of(ITEM | {field: number}), field) == number
    for number in (ends[0] - 1, ends[1] + 1):
        told = fault(**{field: number})
        assert told.field == field
        assert "int" in told.mend


@pytest.mark.parametrize("field", ["name", "label", "points", "partner", "benefit", "pieces"])
def test_an_item_lacks_nothing(field: str) -> None:
    with pytest.raises(BadInput, match=field):
        offered_of({name: value for name, value in ITEM.items() if name != field})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "a b"}, "name"),
        ({"name": "video\n"}, "name"),
        ({"label": ""}, "label"),
        ({"partner": ""}, "partner"),
        ({"partner": " video"}, "partner"),
        ({"partner": "vid/eo"}, "partner"),
        ({"partner": "v" * 65}, "partner"),
        ({"partner": "video\n"}, "partner"),
        ({"benefit": "car"}, "benefit"),
        ({"points": 40.5}, "points"),
        ({"points": "40"}, "points"),
        ({"compensation_fen": 15.0}, "compensation_fen"),
        ({"colour": "red"}, "offered"),
    ],
)
def test_an_item_that_cannot_be(change: dict[str, Any], field: str) -> None:
    told = fault(**change)
    assert told.field == field
    assert told.mend


@pytest.mark.parametrize("partner", ["video", "茶馆", "a b", "v" * 64, "x.y:z-1"])
def test_partners_have_the_names_of_merchants(partner: str) -> None:
    assert offered_of(ITEM | {"partner": partner}).partner == partner


def test_without_a_limit_one_may_have_any_number() -> None:
    body = {name: value for name, value in ITEM.items() if name != "per_person"}
    assert offered_of(body).per_person is None


def test_an_exchange_moves_a_piece_and_what_the_partner_gets_for_it() -> None:
    assert moved(list(ordering(STARS, item(), code="ent_1"))) == {
        "exchange/shop/3/free": -1,
        "exchange/shop/3/sold": +1,
        "party/shop/payable": -1_500,
        "party/video/payable": +1_500,
    }


@given(st.integers(0, 10**9), st.sampled_from(["video", "shop"]), st.text("ab_", min_size=1))
def test_a_failure_undoes_it_exactly_under_other_names(fen: int, partner: str, code: str) -> None:
    made = item(compensation_fen=fen, partner=partner)
    there, back = list(ordering(STARS, made, code=code)), list(undoing(STARS, made, code=code))
    assert moved(there + back) == {}
    ids = [one.id for one in there + back]
    assert len(set(ids)) == len(ids)


def test_a_code_is_ordered_once() -> None:
    first = [one.id for one in ordering(STARS, item(), code="ent_1")]
    assert first == [one.id for one in ordering(STARS, item(), code="ent_1")]
    assert not set(first) & {one.id for one in ordering(STARS, item(), code="ent_2")}
    other = Item(4, item().offered)
    assert not set(first) & {one.id for one in ordering(STARS, other, code="ent_1")}


def test_pieces_are_the_owner_s_and_cannot_be_overdrawn() -> None:
    accounts = {one.id: one for one in stock_accounts(STARS, item())}
    assert {name: one.limit for name, one in accounts.items()} == {
        "exchange/shop/3/loaded": Limit.NONE,
        "exchange/shop/3/free": Limit.DEBITS,
        "exchange/shop/3/sold": Limit.DEBITS,
    }
    assert {one.unit for one in accounts.values()} == {"stock:shop/exchange-3"}
    shared = Programme(2, PLATFORM, "all", STARS.terms)
    assert {one.owner for one in stock_accounts(shared, item())} == {PLATFORM}
