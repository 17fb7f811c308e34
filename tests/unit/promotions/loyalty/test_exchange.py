"""What points buy: the states of a code, and where pieces and compensation go."""

import json
from typing import Any

import msgspec
import pytest
from tests.loyalty_ground import ITEM

from quanyu.errors import BadInput
from quanyu.ledger.accounts import PLATFORM, Limit
from quanyu.promotions.loyalty.exchange import (
    TRANSITIONS,
    Benefit,
    Item,
    Offered,
    State,
    decode_offered,
    ordering,
    stock,
    stock_accounts,
    undoing,
)
from quanyu.promotions.loyalty.moves import (
    OF_MEMBER,
    POSTINGS,
    Kind,
    Move,
    Part,
    account,
    accounts_of,
    accounts_of_member,
    named,
    transfer,
    unit,
)
from quanyu.promotions.loyalty.programmes import Days, Programme, Terms

STARS = Programme(7, "茶馆", "stars", Terms(1, Days(30)))
HOLDER: Any = ("taobao_id", bytes(range(16)))


def item(**change: Any) -> Item:
    return Item(3, msgspec.convert(ITEM | change, type=Offered))


def test_a_code_ends_once() -> None:
    assert set(TRANSITIONS) == set(State)
    assert TRANSITIONS[State.ORDERED] == {State.FULFILLED, State.FAILED}
    assert not TRANSITIONS[State.FULFILLED]
    assert not TRANSITIONS[State.FAILED]


def test_the_owner_of_the_programme_owes_the_partner() -> None:
    piece, pay = ordering(STARS, item(), code="c1")
    assert (piece.debit, piece.credit, piece.amount) == (
        stock(STARS, item(), part="free"),
        stock(STARS, item(), part="sold"),
        1,
    )
    assert (pay.debit, pay.credit, pay.amount) == (
        "party/茶馆/payable",
        "party/video/payable",
        1_500,
    )


def test_a_failure_is_the_same_backwards_under_ids_of_its_own() -> None:
    there, back = ordering(STARS, item(), code="c1"), undoing(STARS, item(), code="c1")
    for one, other in zip(there, back, strict=True):
        assert (one.debit, one.credit, one.amount) == (other.credit, other.debit, other.amount)
        assert one.id != other.id


@pytest.mark.parametrize("change", [{"compensation_fen": 0}, {"partner": "茶馆"}])
def test_nothing_is_owed_for_nothing_or_to_oneself(change: dict[str, Any]) -> None:
    assert len(ordering(STARS, item(**change), code="c1")) == 1


def test_two_codes_have_ids_of_their_own() -> None:
    ids = {one.id for code in ("c1", "c2") for one in ordering(STARS, item(), code=code)}
    assert len(ids) == 4


def test_pieces_that_are_not_there_are_not_sold() -> None:
    limits = {one.id.rpartition("/")[2]: one.limit for one in stock_accounts(STARS, item())}
    assert limits == {"loaded": Limit.NONE, "free": Limit.DEBITS, "sold": Limit.DEBITS}
    assert len({one.unit for one in stock_accounts(STARS, item())}) == 1


@pytest.mark.parametrize("benefit", Benefit)
def test_every_benefit_is_read(benefit: Benefit) -> None:
    body = json.dumps(ITEM | {"benefit": benefit.value}).encode()
    assert decode_offered(body).benefit is benefit


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"points": -1}, "points"),
        ({"points": 1.5}, "points"),
        ({"points": 10**13}, "points"),
        ({"pieces": 0}, "pieces"),
        ({"compensation_fen": 10**10}, "compensation_fen"),
        ({"name": "车 票"}, "name"),
        ({"label": ""}, "label"),
        ({"partner": " x"}, "partner"),
        ({"partner": "a\u0000"}, "partner"),
        ({"per_person": -1}, "per_person"),
        ({"benefit": "gold"}, "benefit"),
    ],
)
def test_what_cannot_be_offered(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_offered(json.dumps(ITEM | change).encode())
    assert refused.value.field == field


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"{", b"\xff\xfe"])
def test_what_is_no_item(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode_offered(body)


def test_every_account_of_a_programme_has_its_unit_and_its_owner() -> None:
    found = accounts_of(STARS) + accounts_of_member(STARS, 12)
    assert {one.unit for one in found} == {unit(STARS)} == {"points:茶馆/stars"}
    assert {one.owner for one in found} == {"茶馆"}
    assert len({one.id for one in found}) == len(Part)


def test_nobody_spends_what_is_not_there() -> None:
    limits = {one.id: one.limit for one in accounts_of_member(STARS, 12)}
    assert limits == {
        "points/茶馆/stars/m/12/pending": Limit.DEBITS,
        "points/茶馆/stars/m/12/available": Limit.DEBITS,
        "points/茶馆/stars/m/12/debt": Limit.NONE,
    }


def test_programmes_of_two_owners_never_meet() -> None:
    other = Programme(8, PLATFORM, "stars", STARS.terms)
    for part in Part:
        member = 12 if part in OF_MEMBER else None
        assert account(STARS, part, member=member) != account(other, part, member=member)


@pytest.mark.parametrize("kind", Kind)
def test_each_move_is_posted_between_the_accounts_of_its_kind(kind: Kind) -> None:
    to = 13 if kind is Kind.HAND_OVER else None
    made = transfer(STARS, Move(kind, 12, 5, 2, 40, to), reference="o1")
    debit, credit = POSTINGS[kind]
    assert made.debit == account(STARS, debit, member=12)
    assert made.credit == account(STARS, credit, member=to or 12)
    assert made.debit != made.credit
    assert (made.amount, made.code, made.reference) == (40, f"points.{kind}", "o1")


def test_a_move_is_named_by_its_lot_and_version() -> None:
    moves = [Move(Kind.SPEND, 12, lot, version, 1) for lot in (1, 2) for version in (1, 2)]
    assert len({transfer(STARS, move, reference="").id for move in moves}) == 4


def test_the_name_of_a_member_does_not_hold_the_token() -> None:
    name = named(STARS, HOLDER, what="joined")
    assert HOLDER[1].hex() not in name
    assert name == named(STARS, HOLDER, what="joined") != named(STARS, HOLDER, what="left")
