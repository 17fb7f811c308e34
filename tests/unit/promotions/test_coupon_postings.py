"""Coupons in the words of the book: whole lives of pieces on a book in memory."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.money_ground import SHOP, person, template

from quanyu.clock import DAY_US, MINUTE_US, parse_iso
from quanyu.errors import Refused
from quanyu.ledger.accounts import Limit
from quanyu.ledger.posting import Books, post
from quanyu.ledger.refusals import Posted, Refusal
from quanyu.ledger.refusals import Refused as NotPosted
from quanyu.ledger.transfers import Transfer
from quanyu.money import FEN_MAX
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Issue, OnCoupon
from quanyu.promotions.coupons.postings import (
    batch_chain,
    cap_reached,
    chain,
    money_of,
    places_of_free,
    stands_already,
)
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.coupons.step import Step, issue, issuing, step
from quanyu.promotions.offers.accounts import FEN, PIECES, account, accounts, funding
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import read_template

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")


def offer(id: str = "t1", *, merchant: str = SHOP, **change: Any) -> Offer:
    return Offer(merchant, id, read_template(template(id, **change)), OfferState.ACTIVE)


class Purse:
    """An offer and its accounts in memory, driven by the pure rules."""

    def __init__(self, **change: Any) -> None:
        self.offer = offer(**change)
        self.books = Books()
        for one in accounts(self.offer.merchant, self.offer.id):
            self.books.open(one)
        self.post(funding(SHOP, self.offer.id, template=self.offer.template))
        self.coupons: dict[str, Coupon] = {}
        self.asked = 0

    def post(self, transfers: list[Transfer]) -> Any:
        return post(self.books, transfers, now_us=NOW_US) if transfers else Posted(NOW_US)

    def take(self, command: AnyCommand, decided: Any) -> Any:
        """What is decided happens if the book agrees."""
        if isinstance(decided, Refused):
            return decided
        told = self.post(chain(command, decided))
        if not isinstance(told, Posted):
            return cap_reached(told, decided)
        self.coupons[decided.coupon.id] = decided.coupon
        return decided.coupon

    def issue(self) -> Any:
        self.asked += 1
        key = str(self.asked)
        command = Issue(merchant=SHOP, request=key, offer="t1", holder=person(1))
        decided = issue(command, self.offer, now_us=NOW_US, held=0, id=f"c_{key}")
        return self.take(command, decided)

    def act(self, verb: Verb, id: str, *, at_us: int = NOW_US, **words: Any) -> Any:
        self.asked += 1
        command = OnCoupon(merchant=SHOP, request=str(self.asked), verb=verb, coupon=id, **words)
        found = self.coupons[id]
        return self.take(command, step(found, self.offer, command=command, now_us=at_us))

    def balances(self) -> dict[str, int]:
        return {
            "/".join(name.split("/")[-2:]): found.posted
            for name, found in self.books.balances.items()
        }


def test_the_accounts_of_an_offer() -> None:
    found = {one.id: one for one in accounts("tea", "t1")}
    assert set(found) == {
        *(f"offer/tea/t1/pieces/{place}" for place in PIECES),
        *(f"offer/tea/t1/fen/{place}" for place in FEN),
    }
    assert {one.owner for one in found.values()} == {"tea"}
    unlimited = {one.id for one in found.values() if one.limit is Limit.NONE}
    assert unlimited == {
        "offer/tea/t1/pieces/minted", "offer/tea/t1/pieces/gone", "offer/tea/t1/fen/granted",
    }  # fmt: skip
    for one in found.values():
        assert one.unit == ("fen" if "/fen/" in one.id else "pieces:tea/t1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("tea", "t1"), ("tea", "t2")),
        (("tea", "t1"), ("shoes", "t1")),
        (("tea/t1", "x"), ("tea", "t1/x")),
        (("tea%2Ft1", "x"), ("tea/t1", "x")),
        (("茶馆", "t1"), ("茶", "馆t1")),
    ],
)
def test_no_two_offers_share_an_account(one: tuple[str, str], other: tuple[str, str]) -> None:
    first, second = ({found.id for found in accounts(*names)} for names in (one, other))
    assert not first & second
    units = [{found.unit for found in accounts(*names)} - {"fen"} for names in (one, other)]
    assert units[0] != units[1]


def test_funding_is_both_caps_and_comes_once() -> None:
    purse = Purse(pieces=7, money=14_001)
    assert purse.balances() == {
        "pieces/minted": -7, "pieces/free": 7, "pieces/out": 0, "pieces/used": 0,
        "pieces/gone": 0, "fen/granted": -14_001, "fen/free": 14_001, "fen/out": 0, "fen/spent": 0,
    }  # fmt: skip
    before = purse.balances()
    again = purse.post(funding(SHOP, "t1", template=purse.offer.template))
    assert isinstance(again, Posted)
    assert purse.balances() == before


def test_a_transfer_says_why_and_for_which_coupon() -> None:
    purse = Purse()
    coupon = purse.issue()
    purse.act(Verb.REDEEM, coupon.id, store="s", amount_fen=10_000)
    codes = [(one.transfer.code, one.transfer.reference) for one in purse.books.new]
    assert codes == [
        ("offer.publish", "t1"), ("offer.publish", "t1"),
        ("coupon.issue", "c_1"), ("coupon.issue", "c_1"),
        ("coupon.redeem", "c_1"), ("coupon.redeem", "c_1"),
    ]  # fmt: skip


def test_a_repeated_command_posts_nothing_new() -> None:
    purse = Purse()
    command = Issue(merchant=SHOP, request="k", offer="t1", holder=person(1))
    decided = issue(command, purse.offer, now_us=NOW_US, held=0, id="c_1")
    assert isinstance(decided, Step)
    first, second = (purse.post(chain(command, decided)) for _ in range(2))
    assert isinstance(first, Posted)
    assert isinstance(second, Posted)
    assert (first.repeated, second.repeated) == (False, True)
    assert purse.balances()["pieces/out"] == 1


def test_ids_differ_by_merchant_operation_key_and_place() -> None:
    of = {name: offer(merchant=name) for name in (SHOP, "shoes")}
    ids = []
    for merchant in (SHOP, "shoes"):
        for request in ("k1", "k2"):
            for claim in (False, True):
                command = Issue(
                    merchant=merchant, request=request, offer="t1", holder=person(1), claim=claim
                )
                decided = issue(command, of[merchant], now_us=NOW_US, held=0, id="c_1")
                assert isinstance(decided, Step)
                ids += [one.id for one in chain(command, decided)]
    assert len(set(ids)) == len(ids) == 16


CAPS: dict[str, tuple[dict[str, Any], int, Reason]] = {
    "three pieces": ({"pieces": 3}, 3, Reason.CAP_PIECES),
    "money for two": ({"money": 4000}, 2, Reason.CAP_MONEY),
    "money for two and a bit": ({"money": 5999}, 2, Reason.CAP_MONEY),
    "both at once": ({"pieces": 2, "money": 4000}, 2, Reason.CAP_PIECES),
}


@pytest.mark.parametrize(("caps", "possible", "reason"), CAPS.values(), ids=CAPS)
def test_the_book_says_which_cap_is_reached(
    caps: dict[str, Any], possible: int, reason: Reason
) -> None:
    purse = Purse(**caps)
    told = [purse.issue() for _ in range(possible + 2)]
    assert all(isinstance(one, Coupon) for one in told[:possible])
    assert told[possible:] == [Refused(reason)] * 2
    assert purse.balances()["pieces/out"] == possible


def test_only_a_cap_is_an_answer() -> None:
    """Anything else that the book refuses is a defect, not a no."""
    purse = Purse()
    command = Issue(merchant=SHOP, request="k", offer="t1", holder=person(1))
    decided = issue(command, purse.offer, now_us=NOW_US, held=0, id="c_1")
    assert isinstance(decided, Step)
    for refusal in set(Refusal) - {Refusal.EXCEEDS_BALANCE}:
        with pytest.raises(AssertionError):
            cap_reached(NotPosted(refusal, 0), decided)
    answers = [cap_reached(NotPosted(Refusal.EXCEEDS_BALANCE, n), decided) for n in (0, 1)]
    assert answers == [Refused(Reason.CAP_PIECES), Refused(Reason.CAP_MONEY)]


@pytest.mark.parametrize("refusal", list(Refusal))
def test_what_says_that_the_key_stands_in_the_book(refusal: Refusal) -> None:
    told = stands_already(NotPosted(refusal, 0))
    assert told is (refusal.startswith("exists_with_") or refusal == "chain_partly_exists")


def test_a_key_in_the_book_is_seen_whatever_stands_under_it() -> None:
    purse = Purse()
    words: dict[str, Any] = {"merchant": SHOP, "request": "k", "offer": "t1"}
    mine, other = (Issue(holder=person(n), **words) for n in (1, 2))
    decided = [
        issue(command, purse.offer, now_us=NOW_US, held=0, id=id)
        for command, id in ((mine, "c_1"), (other, "c_2"))
    ]
    chains = [
        chain(command, one)
        for command, one in zip((mine, other), decided, strict=True)
        if isinstance(one, Step)
    ]
    assert [stands_already(purse.post(one)) for one in (*chains, chains[0])] == [False, True, True]


@pytest.mark.parametrize("spent_fen", [0, 1, 1999, 2000])
def test_a_used_piece_costs_what_it_took_off(spent_fen: int) -> None:
    purse = Purse()
    coupon = purse.issue().id
    purse.act(Verb.LOCK, coupon, order="o")
    used = purse.act(Verb.USE, coupon, order="o", amount_fen=spent_fen)
    assert used.spent_fen == spent_fen
    found = purse.balances()
    assert (found["fen/spent"], found["fen/out"]) == (spent_fen, 0)
    assert found["fen/free"] == 2_000_000 - spent_fen
    purse.act(Verb.RETURN, coupon, order="o")
    assert purse.balances()["fen/out"] == 2000
    assert purse.balances()["fen/free"] == 2_000_000 - 2000


def test_a_return_waits_until_there_is_money_again() -> None:
    purse = Purse(pieces=3, money=3999, benefit={"amount_off": {"amount": 2000}})
    first = purse.issue().id
    purse.act(Verb.LOCK, first, order="o")
    purse.act(Verb.USE, first, order="o", amount_fen=1)
    second = purse.issue()
    assert isinstance(second, Coupon)
    assert purse.balances()["fen/free"] == 3999 - 1 - 2000
    assert purse.act(Verb.RETURN, first, order="o") == Refused(Reason.CAP_MONEY)
    assert purse.coupons[first].state is State.USED
    purse.act(Verb.VOID, second.id)
    assert purse.act(Verb.RETURN, first, order="o").state is State.ISSUED


def test_the_dearest_piece_there_can_be() -> None:
    benefit = {"amount_off": {"amount": FEN_MAX, "threshold": FEN_MAX}}
    purse = Purse(benefit=benefit, money=FEN_MAX, pieces=2)
    coupon = purse.issue()
    assert purse.issue() == Refused(Reason.CAP_MONEY)
    used = purse.act(Verb.REDEEM, coupon.id, store="s", amount_fen=FEN_MAX)
    assert used.spent_fen == FEN_MAX
    assert purse.balances()["fen/spent"] == FEN_MAX


def test_the_cheapest_piece_there_can_be() -> None:
    purse = Purse(benefit={"amount_off": {"amount": 1}}, money=1, pieces=1)
    coupon = purse.issue()
    assert purse.act(Verb.REDEEM, coupon.id, store="s", amount_fen=1).spent_fen == 1
    assert purse.balances()["fen/free"] == 0


def test_a_batch_is_as_many_single_pieces() -> None:
    one, many = Purse(pieces=50), Purse(pieces=50)
    for _ in range(12):
        one.issue()
    for made, pieces in ((0, 5), (5, 7)):
        told = many.post(batch_chain(many.offer, ("spring", made), pieces=pieces))
        assert isinstance(told, Posted)
    assert one.balances() == many.balances()
    assert money_of(many.offer, 12) == many.balances()["fen/out"]


def test_a_part_of_a_batch_is_posted_once() -> None:
    purse = Purse()
    parts = [batch_chain(purse.offer, ("spring", made), pieces=10) for made in (0, 0, 10)]
    told = [purse.post(part) for part in parts]
    assert [one.repeated for one in told] == [False, True, False]
    other = purse.post(batch_chain(purse.offer, ("autumn", 0), pieces=10))
    assert not other.repeated
    assert purse.balances()["pieces/out"] == 30


def test_where_what_is_left_of_a_cap_stands() -> None:
    assert places_of_free(offer()) == {
        Reason.CAP_PIECES: account(SHOP, "t1", unit="pieces", place="free"),
        Reason.CAP_MONEY: "offer/tea/t1/fen/free",
    }


@pytest.mark.parametrize("pieces", [1, 3, 100])
def test_many_pieces_cost_so_many_faces(pieces: int) -> None:
    money, count = (
        sum(move.amount for move in issuing(1234, pieces=pieces) if move.unit == unit)
        for unit in ("fen", "pieces")
    )
    assert (money, count) == (1234 * pieces, pieces)


LIVES = st.lists(
    st.tuples(
        st.sampled_from(["issue", *[verb.value for verb in Verb]]),
        st.integers(0, 4),
        st.sampled_from([0, 1, 999, 2000, 10_000]),
        st.sampled_from([0, MINUTE_US, DAY_US]),
    ),
    max_size=40,
)


@given(LIVES, st.integers(1, 4), st.integers(2000, 9000))
def test_pieces_and_money_never_appear_or_vanish(
    asks: list[tuple[str, int, int, int]], pieces: int, money_fen: int
) -> None:
    """Whatever people do: nothing below zero, nothing above a cap, rows and book agree."""
    purse = Purse(pieces=pieces, money=money_fen, giftable=True)
    at_us = NOW_US
    for verb, which, fen, later_us in asks:
        at_us += later_us
        if verb == "issue":
            purse.issue()
            continue
        id = f"c_{which}"
        if id not in purse.coupons:
            continue
        words: dict[str, Any] = {"order": "o", "holder": person(1), "gift": b"g"}
        if verb in ("redeem", "undo"):
            words = {"store": "s"}
        purse.act(Verb(verb), id, at_us=at_us, amount_fen=fen, **words)
        found = purse.balances()
        rows = purse.coupons.values()
        live = [one for one in rows if one.state in ("issued", "locked", "gifting")]
        used = [one for one in rows if one.state is State.USED]
        assert found["pieces/out"] == len(live)
        assert found["pieces/used"] == len(used)
        assert found["pieces/gone"] == len(rows) - len(live) - len(used)
        assert found["fen/out"] == sum(one.face_fen for one in live)
        assert found["fen/spent"] == sum(one.spent_fen or 0 for one in used)
        assert found["fen/free"] == money_fen - found["fen/out"] - found["fen/spent"]
        assert found["fen/free"] >= 0
        assert found["pieces/free"] == pieces - len(rows) >= 0


def test_terms_that_were_published_fund_the_same_accounts_after_a_restart() -> None:
    """Templates are stored as JSON; what comes back is the same offer."""
    first = offer(pieces=3, expires="2026-05-01T00:00:00+08:00", stores=["s1", "s2"])
    read = msgspec.json.decode(msgspec.json.encode(first.template), type=type(first.template))
    assert read == first.template
    assert funding(SHOP, "t1", template=read) == funding(SHOP, "t1", template=first.template)
