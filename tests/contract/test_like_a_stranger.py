"""PIPL 24: whoever switched personalisation off, and any child, is answered as somebody of whom
nothing is known, byte for byte: profile, explanation, coupons by audience, quotes. What is
published for everybody (a first order, a tier) still counts for them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.contract.test_order_eligibility import FIRST, FULL, cart, off, priced
from tests.engine_ground import opened, paid, said, settled, tell
from tests.money_ground import template
from tests.orders_ground import SHOP, Door

from quanyu.clock import DAY_US, FixedClock
from quanyu.errors import Refused
from quanyu.interfaces.api.application import create_app
from quanyu.promotions.coupons.coupon import Done
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.offers.answers import Offer
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

STRANGER, KNOWN = "stranger", "known"
ANONYMOUS = ("off", "child", "linked")
"""Switched off; under age; joined to an account that is switched off."""
VIEWED: dict[str, Any] = {"event": "view", "op": "ge", "value": 1}
CITY: dict[str, Any] = {"tag": "city", "op": "eq", "value": "上海"}


def lives(engine: Engine, clock: FixedClock, name: str, *, born: int) -> None:
    """Half a year of a good customer."""
    who, now_us = {"taobao_id": name}, clock.now_us()
    about = {"birth_year": born, "city": "上海", "gender": "female"}
    tell(
        engine, SHOP,
        said(f"{name}-join", who, at_us=now_us - 90 * DAY_US, kind="member_joined", props=about),
        *(said(f"{name}-v{n}", who, at_us=now_us - n * DAY_US, item=f"i{n}") for n in range(1, 9)),
        *(paid(f"{name}-p{n}", who, at_us=now_us - n * DAY_US) for n in range(1, 4)),
    )  # fmt: skip


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        for name in (KNOWN, "off", "linked"):
            lives(made, clock, name, born=1990)
        lives(made, clock, "child", born=2015)
        nobody = said("stranger-1", {"taobao_id": STRANGER}, at_us=clock.now_us())
        tell(made, SHOP, nobody)
        settled(made)
        made.privacy.personalise(SHOP, "taobao_id:off", on=False)
        made.privacy.personalise(SHOP, "phone:13800000001", on=False)
        made.privacy.personalise(SHOP, f"taobao_id:{STRANGER}", on=False)
        ends = ("taobao_id:linked", "phone:13800000001")
        made.identity.link(SHOP, ends, rule="manual", actor="clerk")
        settled(made)
        yield made


def define(engine: Engine) -> None:
    for name, tree in (("看过", VIEWED), ("上海", CITY)):
        engine.audiences.create(SHOP, name, definition=tree)


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine)


@pytest.fixture
def door(app: FastAPI) -> Door:
    return Door(app)


def portrait(engine: Engine, name: str) -> str:
    """All that a profile says beyond identifiers, the timeline and the consents."""
    found = engine.profiles.profile(SHOP, f"taobao_id:{name}", timeline=0)
    assert found is not None
    document = found.as_json()
    return json.dumps({key: document[key] for key in ("portrait", "tags")}, sort_keys=True)


def values(engine: Engine, name: str) -> dict[str, Any]:
    """Tag → value, whatever the events are called that it comes from."""
    found = engine.profiles.profile(SHOP, f"taobao_id:{name}", timeline=0)
    assert found is not None
    return {line.reading.tag.key: line.reading.value for line in found.tags}


def test_the_profile_is_a_strangers(engine: Engine) -> None:
    told = {name: portrait(engine, name) for name in (*ANONYMOUS, STRANGER, KNOWN)}
    assert {told[name] for name in ANONYMOUS} == {told[STRANGER]}
    assert told[KNOWN] != told[STRANGER], "the comparison sees something"
    assert (values(engine, KNOWN)["city"], values(engine, "off")) == ("上海", {})


def test_no_audience_has_them(engine: Engine) -> None:
    define(engine)
    for audience in ("看过", "上海"):
        for who in (*ANONYMOUS, STRANGER, KNOWN):
            told = engine.audiences.explain(SHOP, audience, identifier=f"taobao_id:{who}")
            token = engine.privacy.token(SHOP, f"taobao_id:{who}")
            held = engine.audience_holders.is_member(SHOP, audience, holder=token)
            assert (told.member, held) == (who == KNOWN, who == KNOWN), (audience, who)
        assert engine.audiences.count(SHOP, audience) == 1


def publish(engine: Engine, id: str, **change: Any) -> None:
    offers = engine.offers
    made: Any = offers.create(SHOP, template(id, **change), actor="lin", request=f"c-{id}")
    for verb, actor in (("submit", "lin"), ("approve", "wang")):
        made = offers.move(SHOP, id, verb=verb, by=offers.by(actor, f"{verb}-{id}"))
    assert isinstance(made, Offer), made


def claims(engine: Engine, name: str, offer: str) -> Any:
    form = {"offer": offer, "identifier": f"taobao_id:{name}"}
    return engine.coupons.act(SHOP, "claim", form=form, request=f"{offer}-{name}")


def test_coupons_are_refused_and_given_as_to_a_stranger(engine: Engine) -> None:
    define(engine)
    publish(engine, "vip", audience="看过")
    publish(engine, "all")
    strangers = claims(engine, STRANGER, "vip")
    assert strangers == Refused(Reason.NOT_IN_AUDIENCE)
    assert [claims(engine, name, "vip") for name in ANONYMOUS] == [strangers] * 3
    assert isinstance(claims(engine, KNOWN, "vip"), Done)
    for name in (*ANONYMOUS, STRANGER, KNOWN):
        assert isinstance(claims(engine, name, "all"), Done), name


def test_the_quote_is_a_strangers_to_the_byte(door: Door) -> None:
    """Price is a function of item, published eligibility, time and stock: of nobody's profile."""
    door.promote({"id": "all", "lane": "item", "benefit": {"amount_off": {"amount": 500}}})
    asked = {"cart": cart("A", "B")}
    everybody = ({"identifiers": {"taobao_id": name}} for name in (*ANONYMOUS, STRANGER, KNOWN))
    told = [door.ok("quote", asked | who) for who in ({}, *everybody)]
    assert len({json.dumps(one, sort_keys=True) for one in told}) == 1
    assert told[0]["payable"] == 2 * (FULL - 500)


def test_a_first_order_still_is_one(door: Door) -> None:
    door.promote(off("first", "first_order"))
    for name in ANONYMOUS:
        assert priced(door, taobao_id=name) == FIRST
        order = {"identifiers": {"taobao_id": name}, "cart": cart("A")}
        assert int(door.place(f"o-{name}", **order)["payable"]) == FIRST
        assert priced(door, taobao_id=name) == FULL, "their own orders count all the same"
    assert priced(door, taobao_id=STRANGER) == FIRST


def test_switched_on_again_everything_is_as_before(engine: Engine, clock: FixedClock) -> None:
    define(engine)
    publish(engine, "vip", audience="看过")
    clock.advance(1)
    for who in ("taobao_id:off", "taobao_id:linked", "taobao_id:child"):
        engine.privacy.personalise(SHOP, who, on=True)
    settled(engine)
    for name in ("off", "linked"):
        assert values(engine, name) == values(engine, KNOWN)
        assert isinstance(claims(engine, name, "vip"), Done)
    assert values(engine, "child") == {}
    assert claims(engine, "child", "vip") == Refused(Reason.NOT_IN_AUDIENCE)
    assert engine.audiences.count(SHOP, "看过") == 3
