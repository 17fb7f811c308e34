"""Each command of points: what it posts, what it tells, and that both are in its transaction."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import ANN, BEN, ITEM, SHOP, STARS, Street, street
from tests.points_books import Posting, footprint, head, member_no, posted, put_item

from quanyu.clock import FixedClock
from quanyu.money import FEN_MAX
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.programmes import Line
from quanyu.storage.postgres.database import Database


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    """Ann: 50 of joining, 100 of an order that can be spent, 30 spent. Ben has joined."""
    with street(database, clock, data_dir) as made:
        made.programme()
        made.join(ANN)
        made.join(BEN)
        made.earn("o1", 10_000)
        made.wait(7)
        made.spend("s1", 30)
        put_item(made, **ITEM)
        yield made
        made.conserved()


Command = Callable[[Street], Any]


def give(shop: Street) -> Any:
    request = shop.request("points.transfer")
    return shop.engine.points.transfer(request, (STARS, ANN), to=BEN, points=25)


def exchanged(shop: Street) -> Any:
    request = shop.request("points.exchange")
    return shop.engine.points.exchange(request, (STARS, ANN), item="video-month")


def freeze(shop: Street) -> Any:
    return shop.engine.loyalty.freeze(
        shop.request("points.freeze"), STARS, identifier=ANN, frozen=True
    )


def year(shop: Street) -> Any:
    shop.wait(366)


POSTINGS: dict[str, tuple[Command, list[Posting]]] = {
    "join": (
        lambda shop: shop.join("taobao_id:new"),
        [("points.grant", "minted", "m/new/available", 50)],
    ),
    "join again": (lambda shop: shop.join(ANN), []),
    "earn": (
        lambda shop: shop.earn("o2", 2_500),
        [("points.grant_pending", "minted", "m/ann/pending", 25)],
    ),
    "earn nothing": (lambda shop: shop.earn("o2", 99), []),
    "spend": (
        lambda shop: shop.spend("s2", 60),
        [
            ("points.spend", "m/ann/available", "spent", 20),
            ("points.spend", "m/ann/available", "spent", 40),
        ],
    ),
    "cancel": (
        lambda shop: shop.cancel("s1", 10),
        [("points.restore", "spent", "m/ann/available", 10)],
    ),
    "refund": (
        lambda shop: shop.refund("o1", 4_000),
        [("points.take_back", "m/ann/available", "minted", 40)],
    ),
    "refund of more than is left": (
        lambda shop: [shop.spend("s2", 100), shop.refund("o1", 4_000)][1],
        [
            ("points.spend", "m/ann/available", "spent", 20),
            ("points.spend", "m/ann/available", "spent", 80),
            ("points.take_back", "m/ann/available", "minted", 20),
            ("points.owe", "m/ann/debt", "minted", 20),
        ],
    ),
    "give": (
        give,
        [
            ("points.hand_over", "m/ann/available", "m/ben/available", 20),
            ("points.hand_over", "m/ann/available", "m/ben/available", 5),
        ],
    ),
    "exchange": (
        exchanged,
        [
            ("points.spend", "m/ann/available", "spent", 20),
            ("points.spend", "m/ann/available", "spent", 20),
            ("points.exchange", "exchange/shop/1/free", "exchange/shop/1/sold", 1),
            ("points.exchange", "party/shop/payable", "party/video/payable", 1_500),
        ],
    ),
    "freeze": (freeze, []),
    "a year": (
        year,
        [
            ("points.expire", "m/ann/available", "expired", 20),
            ("points.expire", "m/ann/available", "expired", 100),
            ("points.expire", "m/ben/available", "expired", 50),
        ],
    ),
}


def names_of_members(shop: Street) -> dict[str, str]:
    """``m/7/available`` → ``m/ann/available``, of whoever has joined."""
    people = rows(shop.engine.database, "SELECT holder_token FROM points_member")
    tokens = {bytes(token) for (token,) in people}
    tokeniser = shop.engine.tokeniser(SHOP)
    joined = [one for one in ("ann", "ben", "new") if tokeniser.token("taobao_id", one) in tokens]
    return {
        f"m/{member_no(shop, f'taobao_id:{one}')}/{part}": f"m/{one}/{part}"
        for one in joined
        for part in ("pending", "available", "debt")
    }


@pytest.mark.parametrize(("do", "expected"), POSTINGS.values(), ids=POSTINGS)
def test_what_a_command_posts(shop: Street, do: Command, expected: list[Posting]) -> None:
    before = head(shop)
    do(shop)
    names = names_of_members(shop)
    found = [
        (code, names.get(debit, debit), names.get(credit, credit), amount)
        for code, debit, credit, amount in posted(shop, before)
    ]
    assert sorted(found) == sorted(expected)


FACTS: dict[str, tuple[Command, list[tuple[str, str | None, dict[str, Any]]]]] = {
    "join": (
        lambda shop: shop.join("taobao_id:new"),
        [
            ("points_earned", None, {"points": 50, "source": "joining"}),
            ("member_joined", None, {}),
        ],
    ),
    "join again": (lambda shop: shop.join(ANN), []),
    "earn": (lambda shop: shop.earn("o2", 2_500), [("points_earned", "o2", {"points": 25})]),
    "earn nothing": (lambda shop: shop.earn("o2", 99), []),
    "spend": (lambda shop: shop.spend("s2", 60), [("points_spent", "s2", {"points": 60})]),
    "cancel": (lambda shop: shop.cancel("s1"), []),
    "refund": (lambda shop: shop.refund("o1", 4_000), []),
    "give": (give, []),
    "freeze": (freeze, []),
    "a year": (
        year,
        [("points_expired", None, {"points": points}) for points in (20, 50, 100)],
    ),
}


@pytest.mark.parametrize(("do", "expected"), FACTS.values(), ids=FACTS)
def test_what_a_command_tells(
    shop: Street, do: Command, expected: list[tuple[str, str | None, dict[str, Any]]]
) -> None:
    ((before,),) = rows(shop.engine.database, "SELECT head FROM log_head")
    do(shop)
    told = [one.event for one in shop.engine.log.read(before, 100)]
    found = [(one.kind, one.order, one.props) for one in told]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert {one.touchpoint for one in told} <= {"loyalty"}
    assert all(len(one.identifiers) == 1 for one in told)


def test_a_fact_speaks_of_the_identifier_that_was_used(shop: Street) -> None:
    shop.spend("s2", 5)
    told = shop.facts("points_spent")[-1]
    token = shop.engine.tokeniser(SHOP).token("taobao_id", "ann")
    assert told.identifiers == (("taobao_id", token),)


@pytest.mark.parametrize("verb", ["save", "add_spend"])
def test_a_command_that_breaks_half_way_has_done_nothing(
    shop: Street, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger and the log take what the rows have; a fault after any of them undoes all."""
    before = footprint(shop)
    purses = shop.engine.loyalty.ports.purses
    real = getattr(type(purses), verb)

    def breaks(self: Any, *args: Any, **more: Any) -> None:
        real(self, *args, **more)
        raise RuntimeError("power cut")

    monkeypatch.setattr(type(purses), verb, breaks)
    with pytest.raises(RuntimeError, match="power cut"):
        shop.try_spend("s2", 5, key="cut")
    assert footprint(shop) == before
    monkeypatch.undo()
    assert shop.try_spend("s2", 5, key="cut").points == 5


@pytest.mark.parametrize(
    ("cash_fen", "points"), [(0, 0), (1, 0), (99, 0), (100, 1), (FEN_MAX, 10**13)]
)
def test_earning_at_the_edges_of_money(shop: Street, cash_fen: int, points: int) -> None:
    assert shop.earn("edge", cash_fen).points == points
    assert shop.balance().pending == points
    if points:
        assert shop.refund("edge", cash_fen).points == points
        assert shop.balance().pending == 0


def test_the_references_of_postings_name_the_order(shop: Street) -> None:
    found = rows(
        shop.engine.database,
        "SELECT DISTINCT code, reference FROM ledger_transfer WHERE code LIKE 'points.%%' "
        "AND code <> 'points.exchange' ORDER BY 1, 2",
    )
    assert ("points.grant_pending", f"{SHOP}/o1") in found
    assert ("points.spend", f"{SHOP}/s1") in found
    assert ("points.mature", "time") in found


def test_two_merchants_in_one_shared_programme_may_use_one_order_number(shop: Street) -> None:
    """The order of a merchant is not the order of another with the same number."""
    body = b'{"points_per_yuan": 1, "expiry": {"kind": "days", "count": 90}}'
    shop.engine.loyalty.define("platform", "all", body=body)
    who = ("platform/all", ANN)
    for merchant, cash_fen in ((SHOP, 10_000), ("rival", 3_000)):
        request = shop.request("points.join", merchant=merchant)
        shop.engine.loyalty.join(request, "platform/all", identifier=ANN)
        request = shop.request("points.earn", merchant="platform")
        shop.engine.points.earn(request, who, order=Order(merchant, "77"), lines=[Line(cash_fen)])
    for merchant in (SHOP, "rival"):
        balance = shop.engine.loyalty.balance(merchant, "platform/all", identifier=ANN)
        assert balance.pending == 130
    request = shop.request("points.refund", merchant="rival")
    done = shop.engine.points.refund(
        request, "platform/all", order=Order("rival", "77"), cash_fen=3_000
    )
    assert done.points == 30
