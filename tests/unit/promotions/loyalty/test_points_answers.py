"""What people read of points: answers, lots, balances; and who a fact speaks of."""

import json
from typing import Any

import msgspec
import pytest
from tests.unit.promotions.loyalty.shelves import ANN, BEN, NOW_US, later, lot, shelf_of

from quanyu.clock import DAY_US, format_iso
from quanyu.ids import Token
from quanyu.promotions.loyalty import answers
from quanyu.promotions.loyalty.answers import Balance, as_json, lot_json
from quanyu.promotions.loyalty.desk import Order, earned_by, effects_of
from quanyu.promotions.loyalty.lots import Source, State
from quanyu.promotions.loyalty.moves import named
from quanyu.promotions.loyalty.programmes import Days, OrderReward, Programme, Terms, Tier
from quanyu.promotions.loyalty.shelf import Purse, Shelf, refund_earning, spend
from quanyu.promotions.loyalty.standing import balance_at

TIERS = (Tier("silver", "银卡", 100), Tier("gold", "金卡", 250))
REWARDS = (OrderReward("no_cutlery", "red-packet"), OrderReward("own_bag", "tea"))
STARS = Programme(
    1,
    "shop",
    "stars",
    Terms(1, Days(30), fen_per_100_points=250, tiers=TIERS, order_rewards=REWARDS),
)
NOON = format_iso(NOW_US)

SPOKEN: list[tuple[Any, dict[str, Any]]] = [
    (answers.Joined("mem_1", True, 50), {"member": "mem_1", "new": True, "gift_points": 50}),
    (
        answers.Earned(5, NOW_US, (answers.IssueOffer("o", "f"),)),
        {"points": 5, "available": NOON, "effects": [{"offer": "o", "because": "f"}]},
    ),
    (answers.Spent(5, 12), {"points": 5, "value_fen": 12}),
    (answers.GivenBack(5, 2), {"points": 5, "gone": 2}),
    (answers.TakenBack(5, 0), {"points": 5, "debt": 0}),
    (answers.HandedOver(5), {"points": 5}),
    (answers.Frozen(True), {"frozen": True}),
    (
        answers.Balance(7, 3, 0, 120, "silver", False, 17, NOW_US, 4),
        {
            "available": 7, "pending": 3, "debt": 0, "tier_points": 120, "tier": "silver",
            "frozen": False, "value_fen": 17, "next_expiry": NOON, "next_expiry_points": 4,
        },
    ),
    (
        answers.Balance(0, 0, 9, 0, None, True, 0),
        {
            "available": 0, "pending": 0, "debt": 9, "tier_points": 0, "tier": None,
            "frozen": True, "value_fen": 0, "next_expiry": None, "next_expiry_points": 0,
        },
    ),
]  # fmt: skip


def standing(shelf: Shelf, *, days: int = 0) -> Balance:
    return balance_at(STARS, shelf, now_us=NOW_US + days * DAY_US)


@pytest.mark.parametrize(("answer", "said"), SPOKEN, ids=lambda one: type(one).__name__)
def test_answers_are_plain_and_their_instants_are_dates(answer: Any, said: dict[str, Any]) -> None:
    told = json.loads(json.dumps(as_json(answer)))
    assert {name: told[name] for name in said} == said
    assert set(told) - set(said) <= {"type"}


@pytest.mark.parametrize("answer", [answer for answer, _ in SPOKEN], ids=repr)
def test_an_answer_that_was_kept_is_given_again_as_it_was(answer: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(answer), type=type(answer)) == answer


def test_a_lot_tells_where_it_came_from() -> None:
    one = msgspec.structs.replace(
        lot(4, 100, ends=30, opens=7), funder="shop", remaining=60, state=State.AVAILABLE
    )
    assert lot_json(one) == {
        "lot": 4,
        "state": "available",
        "source": "order",
        "order": "o4",
        "granted": 100,
        "remaining": 60,
        "available": format_iso(NOW_US + 7 * DAY_US),
        "expires": format_iso(NOW_US + 30 * DAY_US),
        "funder": "shop",
    }


@pytest.mark.parametrize("source", [Source.JOINING, Source.GIFT, Source.TRANSFER])
def test_a_lot_that_no_order_earned_names_none(source: Source) -> None:
    one = msgspec.structs.replace(lot(4), source=source, reference="")
    assert (lot_json(one)["order"], lot_json(one)["source"]) == (None, source.value)


def test_a_lot_names_neither_its_member_nor_its_cash() -> None:
    assert not {"member", "cash_fen", "reference"} & set(lot_json(lot(4)))


def test_a_balance_sums_up_all_purses_of_a_person() -> None:
    """Tier points of both purses count together, and the earliest end of either is the next."""
    shelf = shelf_of(
        lot(1, 80, ends=30), lot(2, 40, ends=20), lot(3, 60, opens=7), members=(ANN, BEN)
    )
    shelf.purses[BEN] = Purse(BEN, debt=5, tier_points=70)
    told = standing(shelf)
    assert (told.available, told.pending, told.debt) == (120, 60, 5)
    assert (told.tier_points, told.tier) == (250, "gold")
    assert told.value_fen == 300
    assert (told.next_expiry_us, told.next_expiry_points) == (NOW_US + 20 * DAY_US, 40)


def test_lots_that_end_together_are_counted_together() -> None:
    shelf = shelf_of(lot(1, 80, ends=20), lot(2, 40, ends=20), lot(3, 9, ends=21))
    told = standing(shelf)
    assert told.next_expiry_points == 120
    spend(shelf, 100)
    assert standing(shelf).next_expiry_points == 20
    spend(shelf, 20)
    assert standing(shelf).next_expiry_us == NOW_US + 21 * DAY_US


def test_who_has_nothing_has_no_next_end() -> None:
    told = standing(shelf_of(lot(1, opens=7)))
    assert (told.available, told.next_expiry_us, told.next_expiry_points) == (0, None, 0)


def test_one_frozen_purse_freezes_the_person() -> None:
    shelf = shelf_of(lot(1), members=(ANN, BEN))
    assert not standing(shelf).frozen
    shelf.purses[BEN] = Purse(BEN, frozen=True)
    assert standing(shelf).frozen


def test_a_refund_takes_the_tier_and_expiry_does_not() -> None:
    shelf = shelf_of(lot(1, 100, ends=5), lot(2, 20, ends=90))
    later(shelf, 6)
    assert (standing(shelf).available, standing(shelf).tier) == (20, "silver")
    spend(shelf, 20)
    assert standing(shelf).tier == "silver"
    refund_earning(shelf, 1, cash_fen=2_100)
    assert standing(shelf).tier_points == 99
    assert standing(shelf).tier is None


@pytest.mark.parametrize(
    ("flags", "offers"),
    [
        ((), []),
        (("cutlery",), []),
        (("no_cutlery",), ["red-packet"]),
        (("own_bag", "no_cutlery"), ["red-packet", "tea"]),
        (("own_bag", "own_bag"), ["tea"]),
    ],
)
def test_flags_of_an_order_earn_offers(flags: tuple[str, ...], offers: list[str]) -> None:
    assert [one.offer for one in effects_of(STARS, Order("shop", "o1", flags))] == offers


def test_an_order_is_named_after_its_merchant() -> None:
    assert Order("shop", "1").reference != Order("rival", "1").reference
    assert earned_by(lot(1, 30), ()) == answers.Earned(30, NOW_US)


def test_the_id_of_a_fact_names_a_member_once_and_tells_nobody_who() -> None:
    holder = "phone", Token(bytes(range(16)))
    others = [
        named(STARS, ("taobao_id", holder[1]), what="joined"),
        named(STARS, ("phone", Token(bytes(16))), what="joined"),
        named(STARS, holder, what="joining"),
        named(msgspec.structs.replace(STARS, owner="rival"), holder, what="joined"),
        named(msgspec.structs.replace(STARS, name="moons"), holder, what="joined"),
    ]
    first = named(STARS, holder, what="joined")
    assert named(STARS, holder, what="joined") == first
    assert len({first, *others}) == 6
    assert holder[1].hex() not in first
