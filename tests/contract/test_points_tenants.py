"""Two merchants with one customer: neither sees, spends or changes what is the other's; nothing of
the customer is written down; whoever is erased is gone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import ANN, ITEM, SHOP, STARS, TERMS, Street, street
from tests.points_books import footprint, put_item, reason

from quanyu.clock import FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.flash_sales.sales import Held
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.programmes import Line
from quanyu.storage.postgres.database import Database

CANARY = "phone:13764021985"
OTHER = "taobao_id:canary-of-the-lake"
SECRETS = ("13764021985", "canary-of-the-lake")
RIVAL = "rival"
SHARED = "platform/all"


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    """The canary is a member of both merchants' programmes and of the ecosystem's."""
    with street(database, clock, data_dir) as made:
        made.programme(join_gift=50)
        body = b'{"points_per_yuan": 3, "expiry": {"kind": "days", "count": 90}, "join_gift": 500}'
        made.engine.loyalty.define(RIVAL, STARS, body=body)
        made.engine.loyalty.define(PLATFORM, "all", body=body)
        for merchant, programme in ((SHOP, STARS), (RIVAL, STARS), (SHOP, SHARED)):
            request = made.request("points.join", merchant=merchant)
            made.engine.loyalty.join(request, programme, identifier=CANARY)
        yield made
        made.conserved()


def balance(shop: Street, merchant: str, programme: str = STARS) -> int:
    return shop.engine.loyalty.balance(merchant, programme, identifier=CANARY).available


def spend(shop: Street, merchant: str, points: int, programme: str = STARS) -> Any:
    """Of the ecosystem's points the platform asks, for the order of a merchant."""
    asking = PLATFORM if programme == SHARED else merchant
    request = shop.request("points.spend", merchant=asking)
    order = Order(merchant, f"s{points}")
    return shop.engine.points.spend(request, (programme, CANARY), order=order, points=points)


def test_one_customer_has_a_purse_with_each(shop: Street) -> None:
    assert (balance(shop, SHOP), balance(shop, RIVAL), balance(shop, SHOP, SHARED)) == (
        50,
        500,
        500,
    )
    spend(shop, SHOP, 50)
    assert (balance(shop, SHOP), balance(shop, RIVAL), balance(shop, RIVAL, SHARED)) == (
        0,
        500,
        500,
    )


def test_the_ecosystem_s_purse_is_spent_with_every_merchant(shop: Street) -> None:
    spend(shop, SHOP, 100, SHARED)
    spend(shop, RIVAL, 150, SHARED)
    assert balance(shop, SHOP, SHARED) == balance(shop, RIVAL, SHARED) == 250
    assert reason(spend(shop, RIVAL, 251, SHARED)) == "not_enough_points"


def test_the_tokens_of_merchants_do_not_match(shop: Street) -> None:
    """One phone, three programmes, three tokens: the tables cannot be joined over people."""
    found = rows(shop.engine.database, "SELECT DISTINCT holder_token FROM points_member")
    assert len(found) == 3


def test_orders_of_two_merchants_are_two_orders(shop: Street) -> None:
    spend(shop, SHOP, 20)
    assert reason(cancel(shop, RIVAL, "s20")) == "nothing_spent"
    assert reason(cancel(shop, SHOP, "s20")) is None


def cancel(shop: Street, merchant: str, order: str) -> Any:
    request = shop.request("points.cancel", merchant=merchant)
    return shop.engine.points.cancel(request, STARS, order=Order(merchant, order))


def test_freezing_one_purse_leaves_the_other(shop: Street) -> None:
    request = shop.request("points.freeze", merchant=RIVAL)
    shop.engine.loyalty.freeze(request, STARS, identifier=CANARY, frozen=True)
    assert reason(spend(shop, SHOP, 5)) is None
    assert reason(spend(shop, RIVAL, 5)) == "frozen"


def exchange(shop: Street, merchant: str) -> Any:
    request = shop.request("points.exchange", merchant=merchant)
    return shop.engine.points.exchange(request, (STARS, CANARY), item="video-month")


def fulfil(shop: Street, merchant: str, code: str) -> Any:
    request = shop.request("points.fulfil", merchant=merchant)
    return shop.engine.points.fulfil(request, code, given=True)


def test_a_code_is_for_its_partner_and_the_owner(shop: Street) -> None:
    put_item(shop, **ITEM)
    put_item(shop, merchant=RIVAL, **ITEM | {"partner": "music"})
    ours, theirs = exchange(shop, SHOP).code, exchange(shop, RIVAL).code
    for stranger, code in ((RIVAL, ours), ("music", ours), ("video", theirs), (SHOP, theirs)):
        with pytest.raises(NotFound):
            fulfil(shop, stranger, code)
    assert fulfil(shop, "video", ours).state == "fulfilled"
    assert fulfil(shop, RIVAL, theirs).state == "fulfilled"


def test_items_of_one_merchant_are_not_offered_by_another(shop: Street) -> None:
    put_item(shop, **ITEM)
    assert [one.offered.name for one in shop.engine.points.items(SHOP, STARS)] == ["video-month"]
    assert list(shop.engine.points.items(RIVAL, STARS)) == []
    with pytest.raises(NotFound):
        exchange(shop, RIVAL)


def test_only_the_ecosystem_says_what_its_points_buy(shop: Street) -> None:
    for merchant in (SHOP, RIVAL):
        with pytest.raises(NotFound):
            put_item(shop, merchant=merchant, programme=SHARED, **ITEM)
    put_item(shop, merchant=PLATFORM, programme="all", **ITEM)
    request = shop.request("points.exchange", merchant=RIVAL)
    said = shop.engine.points.exchange(request, (SHARED, CANARY), item="video-month")
    assert reason(said) is None
    assert balance(shop, SHOP, SHARED) == 460
    with pytest.raises(NotFound):
        fulfil(shop, SHOP, said.code)
    assert fulfil(shop, PLATFORM, said.code).state == "fulfilled"


def test_programmes_are_listed_with_the_ecosystem_s(shop: Street) -> None:
    found = {merchant: shop.engine.loyalty.programmes(merchant) for merchant in (SHOP, "new")}
    assert [(one.owner, one.name) for one in found[SHOP]] == [(SHOP, STARS), (PLATFORM, "all")]
    assert [(one.owner, one.name) for one in found["new"]] == [(PLATFORM, "all")]
    assert found[SHOP][0].terms.tiers[0].label == TERMS["tiers"][0]["label"]


def test_facts_go_to_the_owner_of_the_programme(shop: Street) -> None:
    spend(shop, RIVAL, 7, SHARED)
    found = [one for one in shop.engine.log.read(0, 1_000) if one.event.kind == "points_spent"]
    assert [one.merchant for one in found] == [PLATFORM]


def whole_life(shop: Street) -> None:
    """Everything that could write the canary down: joining, earning, spending, giving, buying."""
    put_item(shop, **ITEM | {"points": 1})
    request = shop.request("points.earn", "order-of-a-canary")
    lines = [Line(10_000)]
    shop.engine.points.earn(request, (STARS, CANARY), order=Order(SHOP, "o1"), lines=lines)
    spend(shop, SHOP, 10)
    shop.join(OTHER)
    request = shop.request("points.transfer")
    shop.engine.points.transfer(request, (STARS, CANARY), to=OTHER, points=5)
    exchange(shop, SHOP)
    shop.sale(per_person=2)
    assert isinstance(shop.attempt(CANARY), Held)
    shop.link(CANARY, OTHER)
    shop.engine.projector.catch_up()


def test_nothing_of_the_customer_is_written_anywhere(shop: Street) -> None:
    """Each row of each table as text: no phone and no name, in the clear or in hex."""
    whole_life(shop)
    tables = rows(
        shop.engine.database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    spelled = [each for one in SECRETS for each in (one, one.encode().hex())]
    for (table,) in tables:
        for (row,) in rows(shop.engine.database, f'SELECT t::text FROM "{table}" t'):
            assert not any(each in row for each in spelled), table


def test_who_is_erased_is_gone_and_the_rest_stays(shop: Street) -> None:
    whole_life(shop)
    tokeniser = shop.engine.tokeniser(SHOP)
    tokens = [
        tokeniser.token(*one.split(":", 1)).hex()
        for one in (CANARY, OTHER)  # type: ignore[arg-type]
    ]
    before = sums(shop)
    assert shop.engine.privacy.erase(SHOP, CANARY) is not None
    for table in ("points_member", "flash_hold"):
        found = str(rows(shop.engine.database, f"SELECT t::text FROM {table} t"))
        assert not any(token in found for token in tokens), table
    assert sums(shop) == before
    assert balance(shop, RIVAL) == 500
    with pytest.raises(NotFound):
        balance(shop, SHOP)
    assert shop.standing() == (2, 1, 0)


def sums(shop: Street) -> list[tuple[Any, ...]]:
    return rows(
        shop.engine.database,
        "SELECT (SELECT sum(remaining) FROM points_lot), (SELECT count(*) FROM points_spend), "
        "(SELECT count(*) FROM points_entitlement), (SELECT count(*) FROM flash_hold)",
    )


def test_who_comes_back_after_erasure_starts_anew(shop: Street) -> None:
    whole_life(shop)
    assert shop.engine.privacy.erase(SHOP, CANARY) is not None
    again = shop.join(CANARY)
    assert (again.new, again.gift_points) == (True, 50)
    assert balance(shop, SHOP) == 50


def test_a_partner_can_still_fulfil_what_an_erased_person_bought(shop: Street) -> None:
    put_item(shop, **ITEM)
    code = exchange(shop, SHOP).code
    shop.link(CANARY, OTHER)
    shop.engine.projector.catch_up()
    assert shop.engine.privacy.erase(SHOP, CANARY) is not None
    assert fulfil(shop, "video", code).state == "fulfilled"


READING: dict[str, Callable[[Street], Any]] = {
    "balance": lambda s: s.engine.loyalty.balance("new", STARS, identifier=CANARY),
    "lots": lambda s: s.engine.points.lots("new", (STARS, CANARY)),
    "codes": lambda s: s.engine.points.entitlements("new", (STARS, CANARY)),
    "items": lambda s: s.engine.points.items("new", STARS),
    "spend": lambda s: spend(s, "new", 1),
    "sale": lambda s: s.engine.flash_sales.show("new", "noon"),
}


@pytest.mark.parametrize("name", READING)
def test_a_merchant_without_a_programme_finds_nothing(shop: Street, name: str) -> None:
    shop.sale()
    before = footprint(shop)
    with pytest.raises(NotFound):
        READING[name](shop)
    assert footprint(shop) == before


def test_eligibility_is_of_one_s_own_programmes_and_the_ecosystem_s(shop: Street) -> None:
    request = shop.request("points.earn")
    lines = [Line(100_000)]
    shop.engine.points.earn(request, (STARS, CANARY), order=Order(SHOP, "o1"), lines=lines)
    words = {m: shop.engine.loyalty.eligibility(m, CANARY) for m in (SHOP, RIVAL, "new")}
    assert words == {SHOP: {"member", "member:gold"}, RIVAL: {"member"}, "new": {"member"}}
    assert shop.engine.loyalty.eligibility("new", ANN) == set()


PHONES = ("13764021985", "+8613764021985", "137-6402-1985", "１３７６４０２１９８５")


@pytest.mark.parametrize("phone", PHONES)
def test_an_order_is_not_named_after_its_buyer(shop: Street, phone: str) -> None:
    """References stand in lots, in the book and in the log, where nothing can be erased."""
    shop.sale()
    held = shop.got(CANARY)
    before = footprint(shop)
    for do in (
        lambda: Order(SHOP, phone),
        lambda: shop.engine.flash_sales.confirm(SHOP, held.hold, order=phone),
    ):
        with pytest.raises(BadInput) as refused:
            do()
        assert refused.value.field == "order"
        assert phone not in str(refused.value)
    assert footprint(shop) == before
