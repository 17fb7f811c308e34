"""Longer stories of points: gifts that travel, refunds across purses, partners that fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import ANN, BEN, CAT, ITEM, SHOP, STARS, Street, street
from tests.points_books import footprint, put_item, reason

from quanyu.clock import DAY_US, FixedClock, format_iso
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.flash_sales.sales import Held
from quanyu.promotions.loyalty.answers import GivenBack, HandedOver, TakenBack
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.programmes import Line
from quanyu.promotions.parties import party_payable
from quanyu.storage.postgres.database import Database

PHONE = "phone:13764021985"


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    """Everybody has 50 points of joining; orders earn at once."""
    with street(database, clock, data_dir) as made:
        made.programme(days_until_available=0)
        for who in (ANN, BEN, CAT):
            made.join(who)
        yield made
        made.conserved()


def give(shop: Street, who: str, points: int, *, to: str) -> Any:
    request = shop.request("points.transfer")
    return shop.engine.points.transfer(request, (STARS, who), to=to, points=points)


def debt(shop: Street, who: str) -> tuple[int, int]:
    balance = shop.balance(who)
    return balance.debt, balance.available


def test_points_that_travel_keep_their_end_and_their_funder(shop: Street) -> None:
    first = shop.engine.points.lots(SHOP, (STARS, ANN))[0]
    shop.clock.advance(30 * DAY_US)
    for giver, receiver in ((ANN, BEN), (BEN, CAT), (CAT, ANN)):
        assert give(shop, giver, 50, to=receiver) == HandedOver(50)
    lots = shop.engine.points.lots(SHOP, (STARS, ANN))
    arrived = [one for one in lots if one.source == "transfer"]
    assert {one.expires_us for one in arrived} == {first.expires_us}
    assert {one.funder for one in arrived} == {SHOP}
    assert [shop.available(who) for who in (ANN, BEN, CAT)] == [50, 50, 50]


def test_neither_gifts_nor_transfers_lift_a_tier(shop: Street) -> None:
    give(shop, ANN, 50, to=CAT)
    give(shop, BEN, 50, to=CAT)
    assert (shop.available(CAT), shop.balance(CAT).tier_points) == (150, 0)
    shop.earn("o1", 10_000, CAT)
    assert shop.balance(CAT).tier == "silver"
    give(shop, CAT, 250, to=ANN)
    assert shop.balance(CAT).tier == "silver"
    assert shop.balance(ANN).tier is None


def test_points_that_were_given_away_are_owed_when_the_order_comes_back(shop: Street) -> None:
    shop.earn("o1", 10_000)
    give(shop, ANN, 150, to=BEN)
    assert shop.refund("o1", 10_000) == TakenBack(100, 100)
    assert debt(shop, ANN) == (100, 0)
    assert shop.available(BEN) == 200


def test_who_owes_and_is_given_points_has_paid_with_them(shop: Street) -> None:
    """At once for whoever looks; written down with the next thing that happens."""
    shop.earn("o1", 10_000)
    shop.spend("s1", 150)
    shop.refund("o1", 4_000)
    assert debt(shop, ANN) == (40, 0)
    give(shop, BEN, 50, to=ANN)
    assert debt(shop, ANN) == (0, 10)
    shop.conserved()
    assert reason(shop.try_spend("s2", 11)) == "not_enough_points"
    assert shop.spend("s2", 10).points == 10
    assert debt(shop, ANN) == (0, 0)


def test_a_cancelled_spend_goes_back_to_who_had_been_given_the_points(shop: Street) -> None:
    give(shop, ANN, 50, to=BEN)
    shop.spend("s1", 100, BEN)
    assert shop.cancel("s1") == GivenBack(100)
    assert [shop.available(who) for who in (ANN, BEN)] == [0, 100]


def test_a_cancelled_spend_pays_a_debt_before_it_is_there_to_spend(shop: Street) -> None:
    shop.earn("o1", 10_000)
    shop.spend("s1", 150)
    shop.refund("o1", 10_000)
    assert debt(shop, ANN) == (100, 0)
    assert shop.cancel("s1") == GivenBack(150)
    assert debt(shop, ANN) == (0, 50)


def test_a_refund_reaches_the_other_purse_of_the_person_before_it_is_owed(shop: Street) -> None:
    edge = shop.link(ANN, PHONE)
    shop.join(PHONE)
    shop.earn("o1", 10_000, ANN)
    shop.earn("o2", 8_000, PHONE)
    shop.spend("s1", 150, ANN)
    assert shop.refund("o1", 10_000) == TakenBack(100, 20)
    assert debt(shop, ANN) == debt(shop, PHONE) == (20, 0)
    shop.engine.identity.unlink(SHOP, edge, actor="test", reason="two people")
    assert debt(shop, ANN) == (20, 0)
    assert debt(shop, PHONE) == (0, 0)


def test_after_an_unmerge_a_cancelled_spend_goes_back_to_both(shop: Street) -> None:
    """The spend took from two purses of what was one person then; the links remember which."""
    edge = shop.link(ANN, PHONE)
    shop.join(PHONE)
    shop.earn("o2", 8_000, PHONE)
    shop.spend("s1", 130, ANN)
    shop.engine.identity.unlink(SHOP, edge, actor="test", reason="two people")
    assert shop.cancel("s1") == GivenBack(130)
    assert (shop.available(ANN), shop.available(PHONE)) == (50, 80)


def test_one_person_cannot_give_to_themselves_under_another_name(shop: Street) -> None:
    edge = shop.link(ANN, BEN)
    assert reason(give(shop, ANN, 10, to=BEN)) == "same_member"
    shop.engine.identity.unlink(SHOP, edge, actor="test", reason="two people")
    assert give(shop, ANN, 10, to=BEN) == HandedOver(10)


def test_a_frozen_member_is_given_points_and_keeps_them(shop: Street) -> None:
    request = shop.request("points.freeze")
    shop.engine.loyalty.freeze(request, STARS, identifier=BEN, frozen=True)
    assert give(shop, ANN, 20, to=BEN) == HandedOver(20)
    assert shop.available(BEN) == 70
    assert reason(give(shop, BEN, 1, to=ANN)) == "frozen"
    assert shop.balance(BEN).frozen


def test_what_was_spent_before_the_freeze_still_comes_back(shop: Street) -> None:
    shop.spend("s1", 30)
    request = shop.request("points.freeze")
    shop.engine.loyalty.freeze(request, STARS, identifier=ANN, frozen=True)
    assert shop.cancel("s1") == GivenBack(30)
    shop.earn("o1", 1_000)
    assert shop.refund("o1", 1_000) == TakenBack(10, 0)
    assert shop.available() == 50


@pytest.mark.parametrize("parts", [[1] * 9 + [9_991], [3_333, 3_333, 3_334], [9_999, 1], [10_000]])
def test_refunds_in_any_parts_take_back_the_whole(shop: Street, parts: list[int]) -> None:
    shop.earn("o1", 10_000)
    taken = [shop.refund("o1", part).points for part in parts]
    assert sum(taken) == 100
    assert shop.available() == 50
    assert reason(shop.refund("o1", 1)) == "more_than_paid"


def owed(shop: Street, party: str) -> int:
    name = party_payable(party).id
    with shop.engine.database.transaction() as tx:
        return shop.engine.book.balances(tx, [name])[name].posted


def exchange(shop: Street, who: str = ANN, item: str = "video-month") -> Any:
    request = shop.request("points.exchange")
    return shop.engine.points.exchange(request, (STARS, who), item=item)


def end(shop: Street, code: str, *, given: bool, merchant: str = "video") -> Any:
    request = shop.request("points.fulfil", merchant=merchant)
    return shop.engine.points.fulfil(request, code, given=given)


def stock(shop: Street) -> tuple[int, int]:
    """(free, sold)"""
    names = [f"exchange/{SHOP}/1/{part}" for part in ("free", "sold")]
    with shop.engine.database.transaction() as tx:
        found = shop.engine.book.balances(tx, names)
    return found[names[0]].posted, found[names[1]].posted


def test_a_failed_benefit_gives_back_the_same_lots_piece_and_money(shop: Street) -> None:
    put_item(shop, **ITEM)
    before = shop.engine.points.lots(SHOP, (STARS, ANN))
    code = exchange(shop).code
    assert (stock(shop), owed(shop, "video")) == ((1, 1), 1_500)
    assert end(shop, code, given=False).state == "failed"
    after = shop.engine.points.lots(SHOP, (STARS, ANN))
    assert [(one.id, one.remaining, one.state) for one in after] == [
        (one.id, one.remaining, one.state) for one in before
    ]
    assert (stock(shop), owed(shop, "video"), owed(shop, SHOP)) == ((2, 0), 0, 0)
    assert reason(end(shop, code, given=False)) == "wrong_state"
    assert reason(end(shop, code, given=True)) == "wrong_state"


def test_a_benefit_that_fails_too_late_gives_back_what_has_ended(shop: Street) -> None:
    """The piece and the money come back; the points were over meanwhile, and the fact says so."""
    put_item(shop, **ITEM)
    code = exchange(shop).code
    shop.wait(400)
    assert end(shop, code, given=False).state == "failed"
    assert (shop.available(), stock(shop), owed(shop, "video")) == (0, (2, 0), 0)
    gone = [int(one.props["points"]) for one in shop.facts("points_expired")]
    assert sorted(gone) == [10, 40, 50, 50]


def test_a_failed_benefit_does_not_count_against_the_limit(shop: Street) -> None:
    put_item(shop, **ITEM)
    for _ in range(3):
        code = exchange(shop).code
        assert reason(exchange(shop)) == "per_person_limit"
        end(shop, code, given=False)
    assert len(shop.engine.points.entitlements(SHOP, (STARS, ANN))) == 3


def test_the_limit_is_for_the_person(shop: Street) -> None:
    put_item(shop, **ITEM | {"points": 10})
    shop.link(ANN, PHONE)
    shop.join(PHONE)
    assert reason(exchange(shop, ANN)) is None
    assert reason(exchange(shop, PHONE)) == "per_person_limit"
    assert len(shop.engine.points.entitlements(SHOP, (STARS, PHONE))) == 1


def test_the_owner_may_end_what_its_partner_does_not(shop: Street) -> None:
    put_item(shop, **ITEM)
    code = exchange(shop).code
    assert end(shop, code, given=False, merchant=SHOP).state == "failed"


def test_the_newest_codes_and_lots_come_first(shop: Street) -> None:
    put_item(shop, **ITEM | {"points": 1, "per_person": 9})
    codes = [exchange(shop).code for _ in range(2)]
    found = shop.engine.points.entitlements(SHOP, (STARS, ANN))
    assert [one.code for one in found] == codes[::-1]
    shop.earn("o1", 100)
    shop.earn("o2", 200)
    lots = shop.engine.points.lots(SHOP, (STARS, ANN))
    assert [one.granted for one in lots] == [2, 1, 50]


def test_a_partner_of_the_ecosystem_is_paid_by_the_ecosystem(shop: Street) -> None:
    body = b'{"points_per_yuan": 1, "expiry": {"kind": "days", "count": 90}, "join_gift": 80}'
    shop.engine.loyalty.define(PLATFORM, "all", body=body)
    request = shop.request("points.join")
    shop.engine.loyalty.join(request, "platform/all", identifier=ANN)
    put_item(shop, merchant=PLATFORM, programme="all", **ITEM)
    request = shop.request("points.exchange")
    shop.engine.points.exchange(request, ("platform/all", ANN), item="video-month")
    assert (owed(shop, PLATFORM), owed(shop, "video")) == (-1_500, 1_500)


def test_gold_members_come_first_and_then_everybody(shop: Street) -> None:
    """Tiers of points open the window of a sale: the words come from the programme."""
    now_us = shop.clock.now_us()
    shop.sale(
        early=format_iso(now_us), early_for="member:gold", starts=format_iso(now_us + 3_600_000_000)
    )
    shop.earn("o1", 100_000)

    def attempt(who: str) -> Any:
        return shop.attempt(who, None, *shop.engine.loyalty.eligibility(SHOP, who))

    assert reason(attempt(BEN)) == "members_first"
    assert isinstance(attempt(ANN), Held)
    shop.refund("o1", 100_000)
    assert "member:gold" not in shop.engine.loyalty.eligibility(SHOP, ANN)
    shop.clock.advance(3_600_000_000)
    assert isinstance(attempt(BEN), Held)
    assert shop.standing() == (1, 2, 0)


def test_who_is_erased_with_the_ecosystem_is_gone_there(shop: Street) -> None:
    """Erasing is per merchant; the ecosystem's own customers are the platform's to erase."""
    body = b'{"points_per_yuan": 1, "expiry": {"kind": "days", "count": 90}, "join_gift": 80}'
    shop.engine.loyalty.define(PLATFORM, "all", body=body)
    request = shop.request("points.join")
    shop.engine.loyalty.join(request, "platform/all", identifier=ANN)
    shop.engine.projector.catch_up()
    assert shop.engine.privacy.erase(PLATFORM, ANN) is not None
    token = shop.engine.tokeniser(PLATFORM).token("taobao_id", "ann")
    found = rows(shop.engine.database, "SELECT holder_token FROM points_member")
    assert token not in {bytes(one) for (one,) in found}
    assert shop.available() == 50


def test_an_order_that_earned_nothing_may_earn_when_it_is_counted_again(shop: Street) -> None:
    """Less than a point leaves no lot: there is nothing to take back and nothing to repeat."""
    assert shop.earn("o1", 99).points == 0
    assert reason(shop.refund("o1", 99)) == "nothing_earned"
    before = footprint(shop)
    assert shop.earn("o1", 99).points == 0
    assert footprint(shop) == before


def test_flags_multiply_and_reward_in_one_order(shop: Street) -> None:
    request = shop.request("points.earn")
    order = Order(SHOP, "o1", ("no_cutlery", "gift_wrap"))
    lines = [Line(5_050, ("green",)), Line(4_990), Line(0, ("green",))]
    said = shop.engine.points.earn(request, (STARS, ANN), order=order, lines=lines)
    assert said.points == 150
    assert [(one.offer, one.because) for one in said.effects] == [("red-packet", "no_cutlery")]
    again = shop.engine.points.earn(request, (STARS, ANN), order=order, lines=lines)
    assert again == said
