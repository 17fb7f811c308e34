"""Offers and audiences on real parts: issued to all members by name, and for members alone."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.audience_world import BUYERS, SHOP, World, opened
from tests.money_ground import template
from tests.till_ground import RISK

from quanyu.clock import DAY_US, FixedClock
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.promotions.coupons import service
from quanyu.promotions.coupons.coupon import Done
from quanyu.promotions.coupons.giving import NOT_PERMITTED, Given
from quanyu.promotions.coupons.passing import Issued
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State
from quanyu.promotions.offers.answers import Offer
from quanyu.storage.postgres import audience_holders
from quanyu.storage.postgres.database import Database


@pytest.fixture
def shop(database: Database, data_dir: Path, clock: FixedClock) -> Iterator[World]:
    with opened(database, clock, data_dir) as made:
        yield made


def publish(shop: World, id: str = "t1", **change: Any) -> None:
    offers = shop.engine.offers
    made: Any = offers.create(SHOP, template(id, **change), actor="lin", request=f"c-{id}")
    for verb, actor in (("submit", "lin"), ("approve", "wang")):
        made = offers.move(SHOP, id, verb=verb, by=offers.by(actor, f"{verb}-{id}"))
    assert isinstance(made, Offer), made


def buyers(shop: World, *people: str | dict[str, str]) -> None:
    for who in people:
        shop.record("payment_completed", who, amount_fen=100, order=f"o-{who}")
    shop.settle()
    shop.create("buyers", BUYERS)


def give(shop: World, request: str = "all", **more: Any) -> Any:
    asked = {"offer": "t1", "audience": "buyers", **more}
    return shop.engine.giving.to_audience(SHOP, asked.pop("offer"), request=request, **asked)


_keys = count(1)


def act(shop: World, verb: str, **form: Any) -> Any:
    return shop.engine.coupons.act(SHOP, verb, form=form, request=f"k-{next(_keys)}")


def week_later(shop: World) -> None:
    """Midnights have passed, and with them the bulk evaluations."""
    shop.later(8 * DAY_US)
    shop.audiences.refresh_due()


def held(shop: World, who: str) -> list[State]:
    return [one.state for one in shop.engine.coupons.of_person(SHOP, who)]


def test_everybody_in_the_audience_has_one(shop: World) -> None:
    publish(shop)
    shop.record("view", "m-9", item="i")
    buyers(shop, "m-1", "m-2", {"member_id": "m-3", "taobao_id": "tb-3"})
    assert give(shop) == Given("t1", "buyers", {"issued": 3})
    assert held(shop, "member_id:m-1") == [State.ISSUED]
    assert held(shop, "member_id:m-9") == []
    assert shop.engine.offers.balances(SHOP, "t1")["pieces/out"] == 3


def test_a_person_of_several_identifiers_has_one_piece_on_the_strongest(shop: World) -> None:
    publish(shop)
    both = {"member_id": "m-3", "taobao_id": "tb-3"}
    buyers(shop, both)
    assert give(shop).counts == {"issued": 1}
    (mine,) = shop.engine.coupons.of_person(SHOP, "taobao_id:tb-3")
    assert mine.holder == shop.engine.buyer(SHOP, both).own[0]


def test_a_run_that_broke_off_goes_on(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pages; after the break the same key gives those who have one no second."""
    monkeypatch.setattr(audience_holders, "PAGE", 2)
    monkeypatch.setattr(service, "AT_ONCE", 1)
    publish(shop, per_person=5)
    buyers(shop, *(f"m-{n}" for n in range(5)))
    seen: list[tuple[int, int]] = []

    def breaks(done: int, people: int) -> None:
        seen.append((done, people))
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give(shop, told=breaks)
    assert seen == [(2, 5), (4, 5)]
    assert shop.engine.offers.balances(SHOP, "t1")["pieces/out"] == 4
    assert give(shop).counts == {"issued": 5}
    assert give(shop).counts == {"issued": 5}
    assert shop.engine.offers.balances(SHOP, "t1")["pieces/out"] == 5
    assert give(shop, "again").counts == {"issued": 5}


def test_who_has_had_one_and_caps_are_counted(shop: World) -> None:
    publish(shop, pieces=3, money=6000)
    buyers(shop, *(f"m-{n}" for n in range(4)))
    assert isinstance(act(shop, "issue", offer="t1", identifier="member_id:m-0"), Done)
    counts = give(shop).counts
    assert counts == {"issued": 2, Reason.PER_PERSON_LIMIT: 1, Reason.CAP_PIECES: 1}


def test_who_switched_personal_offers_off_is_left_out(shop: World) -> None:
    publish(shop)
    buyers(shop, "m-1", "m-2")
    shop.engine.privacy.personalise(SHOP, "member_id:m-1", on=False)
    shop.settle()
    counts = give(shop).counts
    assert counts["issued"] == 1
    assert counts.get(NOT_PERMITTED, 0) in (0, 1)
    assert held(shop, "member_id:m-1") == []
    assert PERSONALISATION == "personalisation"


def test_an_empty_audience_costs_nothing(shop: World) -> None:
    publish(shop)
    shop.create("buyers", BUYERS)
    assert give(shop).counts == {}


def test_what_cannot_be_given(shop: World) -> None:
    publish(shop)
    with pytest.raises(NotFound, match="audience"):
        give(shop, audience="none")
    buyers(shop, "m-1")
    with pytest.raises(NotFound, match="offer"):
        give(shop, offer="none")
    with pytest.raises(NotFound):
        shop.engine.giving.to_audience("shoes", "t1", audience="buyers", request="k")
    shop.engine.offers.move(SHOP, "t1", verb="stop", by=shop.engine.offers.by("lin", "s"))
    assert give(shop) == Refused(Reason.OFFER_NOT_ACTIVE)
    assert held(shop, "member_id:m-1") == []


def test_a_draft_for_an_audience_that_does_not_exist(shop: World) -> None:
    with pytest.raises(BadInput) as refused:
        publish(shop, audience="buyers")
    assert refused.value.field == "template.audience"
    shop.create("buyers", BUYERS)
    publish(shop, audience="buyers")


def test_only_members_take_lock_and_redeem(shop: World) -> None:
    """Membership is asked again each time, as of then: who has left is refused, who comes is in."""
    shop.create("buyers", BUYERS)
    publish(shop, audience="buyers", valid_for="60d", per_person=9)
    who = "member_id:m-1"
    assert act(shop, "claim", offer="t1", identifier=who) == Refused(Reason.NOT_IN_AUDIENCE)
    shop.record("payment_completed", "m-1", amount_fen=1, order="o")
    shop.settle()
    coupon = act(shop, "claim", offer="t1", identifier=who).coupon.id
    other = act(shop, "issue", offer="t1", identifier="member_id:m-2").coupon.id
    bill = {"amount": 12_000, "store": "s"}
    assert act(shop, "redeem", coupon=other, **bill) == Refused(Reason.NOT_IN_AUDIENCE)
    assert act(shop, "lock", coupon=other, order="o2") == Refused(Reason.NOT_IN_AUDIENCE)
    week_later(shop)
    assert act(shop, "redeem", coupon=coupon, **bill) == Refused(Reason.NOT_IN_AUDIENCE)
    assert act(shop, "lock", coupon=coupon, order="o1") == Refused(Reason.NOT_IN_AUDIENCE)
    shop.record("payment_completed", "m-1", amount_fen=1, order="o3")
    shop.settle()
    assert act(shop, "redeem", coupon=coupon, **bill).coupon.state is State.USED


def test_a_member_under_another_identifier(shop: World) -> None:
    buyers(shop, {"member_id": "m-3", "taobao_id": "tb-3"})
    publish(shop, audience="buyers")
    taken = act(shop, "claim", offer="t1", identifier="taobao_id:tb-3")
    assert isinstance(taken, Done)


def test_a_printed_code_for_members(shop: World) -> None:
    """Nobody's code is in no audience; bound, it is its holder's."""
    buyers(shop, "m-1")
    publish(shop, audience="buyers")
    shop.engine.coupons.make_codes(SHOP, "spring", form=("t1", 1))
    code = list(shop.engine.coupons.export(SHOP, "spring"))[1].split(",")[1]
    bill = {"code": code, "amount": 12_000, "store": "s"}
    assert act(shop, "redeem", **bill) == Refused(Reason.NOT_IN_AUDIENCE)
    assert isinstance(act(shop, "bind", code=code, identifier="member_id:m-1"), Done)
    assert act(shop, "redeem", **bill).discount_fen == 2000


def test_an_audience_that_was_deleted_has_no_members(shop: World) -> None:
    buyers(shop, "m-1")
    publish(shop, audience="buyers")
    shop.audiences.delete(SHOP, "buyers")
    told = act(shop, "claim", offer="t1", identifier="member_id:m-1")
    assert told == Refused(Reason.NOT_IN_AUDIENCE)


def test_a_pass_is_for_members(shop: World) -> None:
    """A till without a network cannot ask; so it is asked when the pass is made."""
    buyers(shop, "m-1")
    publish(shop, audience="buyers", offline=RISK, valid_for="60d")
    coupon = act(shop, "claim", offer="t1", identifier="member_id:m-1").coupon.id

    def asked() -> Any:
        return shop.engine.passes.pass_for(SHOP, coupon, identifier="member_id:m-1")

    assert isinstance(asked(), Issued)
    week_later(shop)
    assert asked() == Refused(Reason.NOT_IN_AUDIENCE)


def test_audiences_of_other_merchants_do_not_count(shop: World) -> None:
    buyers(shop, "m-1")
    publish(shop, audience="buyers")
    holders = shop.engine.audience_holders
    me = ("member_id", shop.engine.tokeniser(SHOP).token("member_id", "m-1"))
    assert holders.is_member(SHOP, "buyers", holder=me)
    assert not holders.is_member("shoes", "buyers", holder=me)
    assert not holders.exists("shoes", "buyers")
