"""Points on a real database: rows, postings and facts say the same."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import ANN, BEN, CAT, ITEM, SHOP, STARS, Street, street

from quanyu.clock import FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.loyalty.answers import (
    Frozen,
    GivenBack,
    HandedOver,
    IssueOffer,
    Spent,
    TakenBack,
)
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.exchange import Exchanged, Offered
from quanyu.promotions.loyalty.exchange import State as CodeState
from quanyu.promotions.loyalty.programmes import Line
from quanyu.promotions.loyalty.refusals import Reason, Refused
from quanyu.promotions.parties import party_payable
from quanyu.storage.postgres.database import Database


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        made.programme()
        yield made
        made.conserved()


def refusal(said: Any) -> Any:
    return said.reason if isinstance(said, Refused) else said


def test_joining_gives_a_gift_once_and_tells_it(shop: Street) -> None:
    first, again = shop.join(), shop.join()
    assert (first.new, first.gift_points, again.new) == (True, 50, False)
    assert first.member == again.member
    assert "ann" not in first.member
    assert shop.available() == 50
    assert len(shop.facts("member_joined")) == 1
    assert [one.props["points"] for one in shop.facts("points_earned")] == [50]


def test_points_are_pending_until_the_window_is_over(shop: Street) -> None:
    shop.join()
    said = shop.earn("o1", 12_345)
    assert said.points == 123
    assert (shop.balance().available, shop.balance().pending) == (50, 123)
    shop.wait(7)
    assert (shop.balance().available, shop.balance().pending) == (173, 0)
    assert shop.balance().tier == "silver"
    assert shop.balance().value_fen == 173


def test_green_lines_earn_double_and_no_cutlery_gets_a_red_packet(shop: Street) -> None:
    shop.join()
    said = shop.earn("o1", 10_000, flags=("green",), order_flags=("no_cutlery",))
    assert said.points == 200
    assert said.effects == (IssueOffer("red-packet", "no_cutlery"),)


def test_an_order_earns_once(shop: Street) -> None:
    shop.join()
    assert shop.earn("o1", 10_000, key="a") == shop.earn("o1", 10_000, key="a")
    assert shop.earn("o1", 10_000, key="b") == shop.earn("o1", 10_000, key="a")
    assert shop.balance().pending == 100
    request = shop.request("points.earn")
    said = shop.engine.points.earn(
        request, (STARS, ANN), order=Order(SHOP, "o1"), lines=[Line(20_000)]
    )
    assert refusal(said) == Reason.ALREADY_EARNED


def test_spending_and_cancelling_restores_the_same_lots(shop: Street) -> None:
    shop.join()
    shop.earn("o1", 10_000)
    shop.wait(7)
    before = rows(shop.engine.database, "SELECT id, remaining, state FROM points_lot ORDER BY id")
    assert shop.spend("o2", 120) == Spent(120, 120)
    assert shop.available() == 30
    assert shop.cancel("o2", 70) == GivenBack(70)
    assert shop.cancel("o2") == GivenBack(50)
    after = rows(shop.engine.database, "SELECT id, remaining, state FROM points_lot ORDER BY id")
    assert after == before
    assert refusal(shop.cancel("o2", 1)) == Reason.MORE_THAN_SPENT
    assert refusal(shop.cancel("o9")) == Reason.NOTHING_SPENT


def test_an_order_spends_once(shop: Street) -> None:
    shop.join()
    assert shop.spend("o1", 20) == shop.spend("o1", 20)
    assert refusal(shop.try_spend("o1", 21)) == Reason.ALREADY_SPENT
    assert shop.available() == 30
    shop.cancel("o1")
    assert refusal(shop.try_spend("o1", 20)) == Reason.ALREADY_SPENT


def test_a_refusal_changes_nothing_and_keeps_its_key(shop: Street) -> None:
    shop.join()
    said = shop.try_spend("o1", 51, key="again")
    assert said == Refused(Reason.NOT_ENOUGH_POINTS, 50, 51)
    shop.earn("o2", 1_000)
    shop.wait(7)
    assert shop.try_spend("o1", 51, key="again") == said
    assert shop.try_spend("o1", 51) == Spent(51, 51)


def test_the_same_key_for_something_else_is_refused(shop: Street) -> None:
    shop.join()
    request = shop.request("points.spend", "k")
    first = shop.engine.points.spend(request, (STARS, ANN), order=Order(SHOP, "o1"), points=5)
    assert isinstance(first, Spent)
    other = msgspec.structs.replace(request, content=b"other")
    said = shop.engine.points.spend(other, (STARS, ANN), order=Order(SHOP, "o2"), points=6)
    assert refusal(said) == "key_used_for_another_request"
    assert shop.available() == 45


def test_points_end_and_it_is_told(shop: Street) -> None:
    shop.join()
    shop.wait(366)
    assert shop.available() == 0
    (told,) = shop.facts("points_expired")
    assert told.props["points"] == 50
    assert shop.engine.loyalty.sweep() == 0


def test_time_counts_before_the_sweep_comes(shop: Street) -> None:
    shop.join()
    shop.earn("o1", 5_000)
    shop.clock.advance(8 * 86_400_000_000)
    assert shop.balance().available == 100
    assert shop.spend("o2", 100).points == 100
    shop.clock.advance(400 * 86_400_000_000)
    assert shop.balance().available == 0
    assert refusal(shop.try_spend("o3", 1)) == Reason.NOT_ENOUGH_POINTS


def test_what_comes_back_after_its_end_is_gone(shop: Street) -> None:
    shop.join()
    shop.spend("o1", 30)
    shop.wait(400)
    assert shop.cancel("o1") == GivenBack(30, gone=30)
    assert shop.available() == 0
    assert sorted(int(one.props["points"]) for one in shop.facts("points_expired")) == [20, 30]


def test_unless_the_programme_gives_days_of_grace(shop: Street) -> None:
    shop.programme(grace_days=10)
    shop.join()
    shop.spend("o1", 30)
    shop.wait(400)
    assert shop.cancel("o1") == GivenBack(30)
    assert shop.available() == 30
    shop.wait(10)
    assert shop.available() == 0


def test_a_refund_goes_into_debt_and_later_points_pay_it(shop: Street) -> None:
    shop.join()
    shop.earn("o1", 10_000)
    shop.wait(7)
    shop.spend("o2", 150)
    assert shop.refund("o1", 4_000) == TakenBack(40, 40)
    assert shop.refund("o1", 6_000) == TakenBack(60, 100)
    assert refusal(shop.refund("o1", 1)) == Reason.MORE_THAN_PAID
    assert refusal(shop.refund("o9", 1)) == Reason.NOTHING_EARNED
    assert shop.balance().debt == 100
    assert shop.balance().tier is None
    shop.earn("o3", 13_000)
    shop.wait(7)
    assert (shop.balance().debt, shop.balance().available) == (0, 30)


def test_points_go_to_somebody_else(shop: Street) -> None:
    shop.join()
    shop.join(BEN)
    request = shop.request("points.transfer")
    said = shop.engine.points.transfer(request, (STARS, ANN), to=BEN, points=30)
    assert said == HandedOver(30)
    assert (shop.available(), shop.available(BEN)) == (20, 80)
    again = shop.engine.points.transfer(request, (STARS, ANN), to=BEN, points=30)
    assert again == HandedOver(30)
    assert shop.available() == 20


@pytest.mark.parametrize(
    ("to", "points", "reason"),
    [(ANN, 1, Reason.SAME_MEMBER), (BEN, 51, Reason.NOT_ENOUGH_POINTS)],
)
def test_some_transfers_are_refused(shop: Street, to: str, points: int, reason: Reason) -> None:
    shop.join()
    shop.join(BEN)
    request = shop.request("points.transfer")
    said = shop.engine.points.transfer(request, (STARS, ANN), to=to, points=points)
    assert refusal(said) == reason
    assert shop.available() == 50


def test_a_programme_may_keep_points_with_who_earned_them(shop: Street) -> None:
    shop.programme(transferable=False)
    shop.join()
    shop.join(BEN)
    request = shop.request("points.transfer")
    said = shop.engine.points.transfer(request, (STARS, ANN), to=BEN, points=1)
    assert refusal(said) == Reason.NOT_TRANSFERABLE


def test_a_frozen_member_earns_and_does_not_spend(shop: Street) -> None:
    shop.join()
    request = shop.request("points.freeze")
    said = shop.engine.loyalty.freeze(request, STARS, identifier=ANN, frozen=True)
    assert said == Frozen(True)
    assert refusal(shop.try_spend("o1", 1)) == Reason.FROZEN
    assert shop.earn("o2", 1_000).points == 10
    thaw = shop.request("points.freeze")
    shop.engine.loyalty.freeze(thaw, STARS, identifier=ANN, frozen=False)
    assert shop.spend("o1", 1).points == 1


def test_linked_people_share_and_after_an_unmerge_each_has_their_own(shop: Street) -> None:
    shop.join()
    phone = "phone:13764021985"
    edge = shop.link(ANN, phone)
    second = shop.join(phone)
    assert (second.new, second.gift_points) == (True, 0)
    shop.earn("o1", 2_000, who=phone)
    shop.wait(7)
    assert shop.available(ANN) == shop.available(phone) == 70
    shop.spend("o2", 60, who=phone)
    assert shop.available(ANN) == 10
    assert shop.cancel("o2") == GivenBack(60)
    shop.engine.identity.unlink(SHOP, edge, actor="test", reason="two people")
    assert (shop.available(ANN), shop.available(phone)) == (50, 20)


def test_who_is_no_member_is_not_found(shop: Street) -> None:
    with pytest.raises(NotFound, match="join first"):
        shop.try_spend("o1", 1, who=CAT)
    with pytest.raises(NotFound, match="programme"):
        shop.engine.loyalty.balance(SHOP, "moons", identifier=ANN)


def test_another_merchant_sees_nothing(shop: Street) -> None:
    shop.join()
    with pytest.raises(NotFound):
        shop.engine.loyalty.balance("rival", STARS, identifier=ANN)
    assert shop.engine.loyalty.eligibility("rival", ANN) == set()


def test_the_ecosystem_s_programme_is_everybody_s(shop: Street) -> None:
    body = json.dumps({"points_per_yuan": 1, "expiry": {"kind": "year_end"}}).encode()
    shop.engine.loyalty.define(PLATFORM, "all", body=body)
    for merchant in (SHOP, "rival"):
        request = shop.request("points.join", merchant=merchant)
        shop.engine.loyalty.join(request, "platform/all", identifier=CAT)
        assert shop.engine.loyalty.eligibility(merchant, CAT) == {"member"}
    assert rows(shop.engine.database, "SELECT count(*) FROM points_member") == [(1,)]


def test_tiers_are_eligibility(shop: Street) -> None:
    assert shop.engine.loyalty.eligibility(SHOP, ANN) == set()
    shop.join()
    assert shop.engine.loyalty.eligibility(SHOP, ANN) == {"member"}
    shop.earn("o1", 100_000)
    assert shop.engine.loyalty.eligibility(SHOP, ANN) == {"member", "member:gold"}
    with shop.engine.database.transaction() as tx:
        token = shop.engine.tokeniser(SHOP).token("taobao_id", "ann")
        holder = "taobao_id", token
        assert "member:gold" in shop.engine.loyalty.words(tx, SHOP, known_to=lambda owner: [holder])


@pytest.mark.parametrize("name", ["", "a b", "x" * 41, "星"])
def test_programmes_have_plain_names(shop: Street, name: str) -> None:
    with pytest.raises(BadInput):
        shop.engine.loyalty.define(SHOP, name, body=b'{"points_per_yuan": 1}')


def item(shop: Street, **change: Any) -> None:
    offered = msgspec.convert(ITEM | change, type=Offered)
    shop.engine.points.offer(SHOP, STARS, offered=offered)


def exchange(shop: Street, who: str = ANN, key: str | None = None) -> Any:
    request = shop.request("points.exchange", key)
    return shop.engine.points.exchange(request, (STARS, who), item="video-month")


def owed(shop: Street, party: str) -> int:
    name = party_payable(party).id
    with shop.engine.database.transaction() as tx:
        return shop.engine.book.balances(tx, [name])[name].posted


def fulfil(shop: Street, code: str, *, given: bool, merchant: str = "video") -> Any:
    request = shop.request("points.fulfil", merchant=merchant)
    return shop.engine.points.fulfil(request, code, given=given)


def test_points_buy_a_partner_s_benefit(shop: Street) -> None:
    shop.join()
    item(shop)
    said = exchange(shop, key="x")
    assert isinstance(said, Exchanged)
    assert exchange(shop, key="x") == said
    assert shop.available() == 10
    assert (owed(shop, "video"), owed(shop, SHOP)) == (1_500, -1_500)
    assert fulfil(shop, said.code, given=True).state is CodeState.FULFILLED
    assert refusal(fulfil(shop, said.code, given=True)) == Reason.WRONG_STATE
    assert refusal(fulfil(shop, said.code, given=False)) == Reason.WRONG_STATE
    (shown,) = shop.engine.points.entitlements(SHOP, (STARS, ANN))
    assert (shown.code, shown.state) == (said.code, CodeState.FULFILLED)


def test_a_partner_that_cannot_deliver_gives_everything_back(shop: Street) -> None:
    shop.join()
    item(shop, pieces=1)
    said = exchange(shop)
    assert fulfil(shop, said.code, given=False).state is CodeState.FAILED
    assert shop.available() == 50
    assert (owed(shop, "video"), owed(shop, SHOP)) == (0, 0)
    assert isinstance(exchange(shop), Exchanged)


def test_limits_of_an_exchange(shop: Street) -> None:
    for who in (ANN, BEN, CAT):
        shop.join(who)
    item(shop, per_person=1, points=20)
    assert isinstance(exchange(shop), Exchanged)
    assert refusal(exchange(shop)) == Reason.PER_PERSON_LIMIT
    assert isinstance(exchange(shop, BEN), Exchanged)
    assert refusal(exchange(shop, CAT)) == Reason.SOLD_OUT
    assert shop.available(CAT) == 50


def test_an_exchange_needs_its_points(shop: Street) -> None:
    shop.join()
    item(shop, points=51)
    assert refusal(exchange(shop)) == Reason.NOT_ENOUGH_POINTS
    assert owed(shop, "video") == 0


def test_a_stranger_fulfils_nothing(shop: Street) -> None:
    shop.join()
    item(shop)
    said = exchange(shop)
    with pytest.raises(NotFound):
        fulfil(shop, said.code, given=True, merchant="rival")
    with pytest.raises(NotFound):
        shop.engine.points.offer("rival", STARS, offered=msgspec.convert(ITEM, type=Offered))
    with pytest.raises(BadInput, match="already"):
        item(shop)


def test_five_buyers_of_two_pieces_at_once(shop: Street) -> None:
    item(shop, points=20)
    people = [f"taobao_id:p{n}" for n in range(5)]
    for who in people:
        shop.join(who)
    with ThreadPoolExecutor(5) as threads:
        said = list(threads.map(lambda who: exchange(shop, who), people))
    assert sum(isinstance(one, Exchanged) for one in said) == 2
    assert [refusal(one) for one in said].count(Reason.SOLD_OUT) == 3


def test_an_erased_person_is_gone_and_their_points_stay_in_the_book(shop: Street) -> None:
    shop.join()
    shop.engine.identity.link(SHOP, (ANN, "phone:13764021985"), rule="login", actor="test")
    shop.engine.projector.catch_up()
    token = shop.engine.tokeniser(SHOP).token("taobao_id", "ann")
    receipt = shop.engine.privacy.erase(SHOP, ANN)
    assert receipt is not None
    found = rows(shop.engine.database, "SELECT holder_kind, holder_token FROM points_member")
    assert [kind for kind, _ in found] == ["gone"]
    assert bytes(found[0][1]) != token
    with pytest.raises(NotFound):
        shop.balance()
