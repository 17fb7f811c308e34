"""Every no of points: it is said with its figures, and nothing whatever has changed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.loyalty_ground import ANN, BEN, CAT, ITEM, SHOP, STARS, Street, street
from tests.points_books import footprint, put_item, reason

from quanyu.clock import FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.exchange import Exchanged
from quanyu.promotions.loyalty.programmes import Line
from quanyu.promotions.loyalty.refusals import Reason
from quanyu.storage.postgres.database import Database

KEY_USED = "key_used_for_another_request"


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    """Ann has 120 points and has spent 30; Ben is frozen; Cat owes 40."""
    with street(database, clock, data_dir) as made:
        made.programme()
        for who in (ANN, BEN, CAT):
            made.join(who)
        made.earn("o1", 10_000)
        made.earn("o2", 10_000, CAT)
        made.wait(7)
        made.spend("s1", 30)
        made.spend("s2", 150, CAT)
        made.refund("o2", 4_000)
        freeze(made, BEN, frozen=True)
        put_item(made, **ITEM)
        put_item(made, **ITEM | {"name": "dear", "points": 121})
        put_item(made, **ITEM | {"name": "last", "pieces": 1, "points": 1, "per_person": None})
        yield made
        made.conserved()


def freeze(shop: Street, who: str, *, frozen: bool) -> Any:
    request = shop.request("points.freeze")
    return shop.engine.loyalty.freeze(request, STARS, identifier=who, frozen=frozen)


def give(shop: Street, who: str, points: int, *, to: str) -> Any:
    request = shop.request("points.transfer")
    return shop.engine.points.transfer(request, (STARS, who), to=to, points=points)


def exchange(shop: Street, item: str, who: str = ANN) -> Any:
    request = shop.request("points.exchange")
    return shop.engine.points.exchange(request, (STARS, who), item=item)


def earn(shop: Street, order: str, cash_fen: int, who: str = ANN) -> Any:
    request = shop.request("points.earn")
    of = Order(SHOP, order)
    return shop.engine.points.earn(request, (STARS, who), order=of, lines=[Line(cash_fen)])


def end(shop: Street, code: str, *, given: bool, merchant: str = "video") -> Any:
    request = shop.request("points.fulfil", merchant=merchant)
    return shop.engine.points.fulfil(request, code, given=given)


def had(shop: Street) -> None:
    assert isinstance(exchange(shop, "video-month"), Exchanged)


def bought_out(shop: Street) -> None:
    assert isinstance(exchange(shop, "last"), Exchanged)


def fulfilled(shop: Street) -> None:
    assert isinstance(end(shop, code_of(shop), given=True), Exchanged)


def code_of(shop: Street) -> str:
    found = shop.engine.points.entitlements(SHOP, (STARS, ANN))
    return found[0].code if found else exchange(shop, "video-month").code


def nothing(shop: Street) -> None:
    """All is as the street has it."""


def untransferable(shop: Street) -> None:
    shop.programme(transferable=False)


def shared(shop: Street) -> None:
    """The ecosystem has points too, and Ann is a member."""
    body = b'{"points_per_yuan": 1, "expiry": {"kind": "days", "count": 90}, "join_gift": 50}'
    shop.engine.loyalty.define("platform", "all", body=body)
    shop.engine.loyalty.join(shop.request("points.join"), SHARED, identifier=ANN)


def earn_shared(shop: Street) -> Any:
    request, of = shop.request("points.earn"), Order(SHOP, "o9")
    return shop.engine.points.earn(request, (SHARED, ANN), order=of, lines=[Line(100)])


def spend_shared(shop: Street) -> Any:
    request, of = shop.request("points.spend"), Order(SHOP, "o9")
    return shop.engine.points.spend(request, (SHARED, ANN), order=of, points=1)


SHARED = "platform/all"
Doing = Callable[[Street], Any]
NOES: dict[str, tuple[Doing, Doing, Reason, int | None, int | None]] = {
    "spend while frozen": (
        nothing, lambda s: s.try_spend("s9", 1, BEN), Reason.FROZEN, None, None,
    ),
    "earn points that cost another": (
        shared, earn_shared, Reason.ONLY_IN_ORDERS, None, None,
    ),
    "spend points that another pays": (
        shared, spend_shared, Reason.ONLY_IN_ORDERS, None, None,
    ),
    "give while frozen": (
        nothing, lambda s: give(s, BEN, 1, to=ANN), Reason.FROZEN, None, None,
    ),
    "exchange while frozen": (
        nothing, lambda s: exchange(s, "last", BEN), Reason.FROZEN, None, None,
    ),
    "spend too much": (
        nothing, lambda s: s.try_spend("s9", 121), Reason.NOT_ENOUGH_POINTS, 120, 121,
    ),
    "give too much": (
        nothing, lambda s: give(s, ANN, 500, to=BEN), Reason.NOT_ENOUGH_POINTS, 120, 500,
    ),
    "exchange too dear": (
        nothing, lambda s: exchange(s, "dear"), Reason.NOT_ENOUGH_POINTS, 120, 121,
    ),
    "spend what one owes": (
        nothing, lambda s: s.try_spend("s9", 1, CAT), Reason.NOT_ENOUGH_POINTS, 0, 1,
    ),
    "give what stays": (
        untransferable, lambda s: give(s, ANN, 1, to=BEN), Reason.NOT_TRANSFERABLE, None, None,
    ),
    "give to oneself": (
        nothing, lambda s: give(s, ANN, 1, to=ANN), Reason.SAME_MEMBER, None, None,
    ),
    "give while owing": (
        nothing, lambda s: give(s, CAT, 1, to=ANN), Reason.IN_DEBT, 40, None,
    ),
    "earn with other cash": (
        nothing, lambda s: earn(s, "o1", 10_001), Reason.ALREADY_EARNED, None, None,
    ),
    "earn for somebody else": (
        nothing, lambda s: earn(s, "o1", 10_000, CAT), Reason.ALREADY_EARNED, None, None,
    ),
    "spend another amount": (
        nothing, lambda s: s.try_spend("s1", 31), Reason.ALREADY_SPENT, 30, 31,
    ),
    "spend after cancelling": (
        lambda s: s.cancel("s1", 5), lambda s: s.try_spend("s1", 30), Reason.ALREADY_SPENT, 30, 30,
    ),
    "cancel what was not spent": (
        nothing, lambda s: s.cancel("s9"), Reason.NOTHING_SPENT, None, None,
    ),
    "cancel an earning": (
        nothing, lambda s: s.cancel("o1"), Reason.NOTHING_SPENT, None, None,
    ),
    "refund what was not earned": (
        nothing, lambda s: s.refund("o9", 1), Reason.NOTHING_EARNED, None, None,
    ),
    "refund a spending": (
        nothing, lambda s: s.refund("s1", 1), Reason.NOTHING_EARNED, None, None,
    ),
    "cancel too much": (
        nothing, lambda s: s.cancel("s1", 31), Reason.MORE_THAN_SPENT, 30, 31,
    ),
    "cancel too much in parts": (
        lambda s: s.cancel("s1", 20), lambda s: s.cancel("s1", 11),
        Reason.MORE_THAN_SPENT, 10, 11,
    ),
    "refund too much": (
        nothing, lambda s: s.refund("o1", 10_001), Reason.MORE_THAN_PAID, 10_000, 10_001,
    ),
    "refund too much in parts": (
        lambda s: s.refund("o1", 1), lambda s: s.refund("o1", 10_000),
        Reason.MORE_THAN_PAID, 9_999, 10_000,
    ),
    "exchange the last piece again": (
        bought_out, lambda s: exchange(s, "last"), Reason.SOLD_OUT, 0, 1,
    ),
    "exchange twice": (
        had, lambda s: exchange(s, "video-month"), Reason.PER_PERSON_LIMIT, 1, 1,
    ),
    "fulfil twice": (
        fulfilled, lambda s: end(s, code_of(s), given=True), Reason.WRONG_STATE, None, None,
    ),
    "fail what was fulfilled": (
        fulfilled, lambda s: end(s, code_of(s), given=False), Reason.WRONG_STATE, None, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOES)
def test_a_no_says_why_and_changes_nothing(shop: Street, name: str) -> None:
    prepare, do, why, have, need = NOES[name]
    prepare(shop)
    before = footprint(shop)
    said = do(shop)
    assert (reason(said), said.have, said.need) == (why.value, have, need)
    assert footprint(shop) == before


def test_every_reason_is_given_by_something_here() -> None:
    given = {why for _, _, why, _, _ in NOES.values()}
    left = {one.value for one in set(Reason) - given}
    assert left <= {KEY_USED, "withheld"}, "test_withheld gives the last"


UNKNOWN: dict[str, Doing] = {
    "spend of a stranger": lambda s: s.try_spend("s9", 1, "taobao_id:dan"),
    "giving to a stranger": lambda s: give(s, ANN, 1, to="taobao_id:dan"),
    "giving by a stranger": lambda s: give(s, "taobao_id:dan", 1, to=ANN),
    "earning of a stranger": lambda s: earn(s, "o9", 100, "taobao_id:dan"),
    "freezing a stranger": lambda s: freeze(s, "taobao_id:dan", frozen=True),
    "an item that is not there": lambda s: exchange(s, "moon"),
    "a code that is none": lambda s: end(s, "ent_123", given=True),
    "a code of nobody": lambda s: end(s, f"ent_{'0' * 32}", given=True),
    "a code in capitals": lambda s: end(s, code_of(s).upper(), given=True),
    "lots of a stranger": lambda s: s.engine.points.lots(SHOP, (STARS, "taobao_id:dan")),
    "codes of a stranger": lambda s: s.engine.points.entitlements(SHOP, (STARS, "phone:1")),
    "another programme": lambda s: s.engine.points.items(SHOP, "moons"),
    "the ecosystem's": lambda s: s.engine.points.items(SHOP, "platform/stars"),
    "another merchant's by path": lambda s: s.engine.points.items("rival", f"{SHOP}/{STARS}"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_there_is_not_found(shop: Street, name: str) -> None:
    code_of(shop)
    before = footprint(shop)
    with pytest.raises(NotFound):
        UNKNOWN[name](shop)
    assert footprint(shop) == before


@pytest.mark.parametrize("identifier", ["", "ann", ":ann", "taobao_id:", "Taobao:ann", "a b:c"])
def test_who_cannot_be_somebody_is_bad_input(shop: Street, identifier: str) -> None:
    before = footprint(shop)
    for do in (
        lambda: shop.engine.loyalty.balance(SHOP, STARS, identifier=identifier),
        lambda: shop.try_spend("s9", 1, identifier),
        lambda: give(shop, ANN, 1, to=identifier),
    ):
        with pytest.raises(BadInput) as refused:
            do()
        assert refused.value.field == "identifier"
        assert refused.value.mend
    assert footprint(shop) == before


def test_one_key_one_request(shop: Street) -> None:
    """The same key for another content: refused by every verb, and nothing happens."""
    request = shop.request("points.spend", "k")
    order = Order(SHOP, "s9")
    shop.engine.points.spend(request, (STARS, ANN), order=order, points=5)
    before = footprint(shop)
    other = msgspec.structs.replace(request, content=b"other")
    said = shop.engine.points.spend(other, (STARS, ANN), order=Order(SHOP, "s8"), points=6)
    assert reason(said) == KEY_USED
    assert footprint(shop) == before


def test_the_name_of_the_platform_leads_to_its_programme_only(shop: Street) -> None:
    body = b'{"points_per_yuan": 2, "expiry": {"kind": "days", "count": 9}}'
    shop.engine.loyalty.define(PLATFORM, STARS, body=body)
    with shop.engine.database.transaction() as tx:
        find = shop.engine.loyalty.programme
        mine, theirs = (find(tx, SHOP, name=name) for name in (STARS, f"platform/{STARS}"))
        assert (mine.owner, theirs.owner) == (SHOP, PLATFORM)
        assert find(tx, PLATFORM, name=STARS) == theirs
        with pytest.raises(NotFound):
            find(tx, "rival", name=STARS)
