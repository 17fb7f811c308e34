"""A reserved piece on a real database: each way it may go, what that posts, and each no."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import ANN, BEN, CAT, SHOP, Street, street
from tests.points_books import footprint, head, posted, reason

from quanyu.clock import DAY_US, FixedClock, format_iso
from quanyu.errors import BadInput, NotFound
from quanyu.promotions.flash_sales.sales import TRANSITIONS, Held, Reason, State
from quanyu.storage.postgres.database import Database

THREADS = 8


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        yield made
        made.conserved()


def confirm(shop: Street, hold: str, order: str = "o1") -> Any:
    return shop.engine.flash_sales.confirm(SHOP, hold, order=order)


def release(shop: Street, hold: str) -> Any:
    return shop.engine.flash_sales.release(SHOP, hold)


def state_of(shop: Street, hold: str) -> State:
    statement = "SELECT state FROM flash_hold WHERE id = decode(%s, 'hex')"
    ((state,),) = rows(shop.engine.database, statement, hold)
    return State(state)


def held(shop: Street) -> str:
    return shop.got(ANN, "r1").hold


def sold(shop: Street) -> str:
    hold = held(shop)
    confirm(shop, hold)
    return hold


def released(shop: Street) -> str:
    hold = held(shop)
    release(shop, hold)
    return hold


def expired(shop: Street) -> str:
    hold = held(shop)
    shop.minute()
    return hold


def overdue(shop: Street) -> str:
    """Its time is over and nobody has noted it yet."""
    hold = held(shop)
    shop.clock.advance(60_000_000)
    return hold


Way = Callable[[Street], str]
BEFORE: dict[str, tuple[Way, State]] = {
    "held": (held, State.HELD),
    "sold": (sold, State.SOLD),
    "released": (released, State.RELEASED),
    "expired": (expired, State.EXPIRED),
    "overdue": (overdue, State.HELD),
}
AFTER: dict[tuple[str, str], tuple[State, str | None]] = {
    ("held", "confirm"): (State.SOLD, None),
    ("held", "release"): (State.RELEASED, None),
    ("held", "chore"): (State.HELD, None),
    ("sold", "confirm"): (State.SOLD, None),
    ("sold", "release"): (State.SOLD, "wrong_state"),
    ("sold", "chore"): (State.SOLD, None),
    ("released", "confirm"): (State.RELEASED, "wrong_state"),
    ("released", "release"): (State.RELEASED, None),
    ("released", "chore"): (State.RELEASED, None),
    ("expired", "confirm"): (State.EXPIRED, "hold_expired"),
    ("expired", "release"): (State.EXPIRED, "hold_expired"),
    ("expired", "chore"): (State.EXPIRED, None),
    ("overdue", "confirm"): (State.HELD, "hold_expired"),
    ("overdue", "release"): (State.HELD, "hold_expired"),
    ("overdue", "chore"): (State.EXPIRED, None),
}
"""(before, what is done) → the state after it, and the no."""
DOINGS: dict[str, Callable[[Street, str], Any]] = {
    "confirm": confirm,
    "release": release,
    "chore": lambda shop, _: shop.engine.flash_sales.expire(),
}


@pytest.mark.parametrize(("before", "doing"), AFTER)
def test_the_ways_of_a_piece(shop: Street, before: str, doing: str) -> None:
    shop.sale()
    make, was = BEFORE[before]
    hold = make(shop)
    assert state_of(shop, hold) is was
    expected, why = AFTER[before, doing]
    book = footprint(shop)
    said = DOINGS[doing](shop, hold)
    assert reason(said) == why
    assert state_of(shop, hold) is expected
    if expected is was:
        assert footprint(shop) == book, "what changes no state changes nothing"
    else:
        assert expected in TRANSITIONS[was]
    if isinstance(said, Held):
        assert (said.hold, said.state) == (hold, expected)


def test_the_table_has_every_pair() -> None:
    assert set(AFTER) == {(before, doing) for before in BEFORE for doing in DOINGS}


POSTS: dict[str, tuple[Callable[[Street], Any], list[tuple[str, str, str, int]]]] = {
    "hold": (held, [("flash.hold", "sale/shop/1/free", "sale/shop/1/sold", 1)]),
    "sell": (sold, [("flash.hold", "sale/shop/1/free", "sale/shop/1/sold", 1)] * 2),
    "let go": (released, [("flash.hold", "sale/shop/1/free", "sale/shop/1/sold", 1)] * 2),
    "run out": (expired, [("flash.hold", "sale/shop/1/free", "sale/shop/1/sold", 1)] * 2),
    "close": (lambda shop: shop.engine.flash_sales.close(SHOP, "noon"), []),
    "ask for nothing": (lambda shop: shop.engine.flash_sales.desk.write([]), []),
}


@pytest.mark.parametrize(("do", "expected"), POSTS.values(), ids=POSTS)
def test_what_a_piece_posts(shop: Street, do: Callable[[Street], Any], expected: list[Any]) -> None:
    shop.sale()
    before = head(shop)
    do(shop)
    assert posted(shop, before) == expected


def test_making_a_sale_loads_it(shop: Street) -> None:
    shop.sale(pieces=77)
    assert posted(shop, 0) == [("flash.load", "sale/shop/1/loaded", "sale/shop/1/free", 77)]
    assert shop.standing() == (77, 0, 0)


def test_a_piece_is_sold_to_one_order(shop: Street) -> None:
    """Paid for again under the same order it is the same sale; another order has no piece."""
    shop.sale()
    hold = held(shop)
    first = confirm(shop, hold, "o1")
    before = footprint(shop)
    assert confirm(shop, hold, "o1") == first
    assert reason(confirm(shop, hold, "o2")) == "wrong_state"
    assert footprint(shop) == before
    assert rows(shop.engine.database, "SELECT order_key FROM flash_hold") == [("o1",)]


def test_two_orders_that_pay_for_one_piece_at_once(shop: Street) -> None:
    shop.sale()
    hold = held(shop)
    with ThreadPoolExecutor(THREADS) as threads:
        said = list(threads.map(lambda n: confirm(shop, hold, f"o{n % 2}"), range(16)))
    assert sorted(str(reason(one)) for one in said) == ["None"] * 8 + ["wrong_state"] * 8
    assert shop.standing() == (2, 0, 1)


@pytest.mark.parametrize("turn", range(4))
def test_paying_against_letting_go_ends_one_way(shop: Street, turn: int) -> None:
    shop.sale()
    hold = held(shop)
    doings = [confirm, release] if turn % 2 else [release, confirm]
    with ThreadPoolExecutor(2) as threads:
        said = [one.result(30) for one in [threads.submit(do, shop, hold) for do in doings]]
    assert [reason(one) for one in said].count(None) == 1
    assert state_of(shop, hold) in (State.SOLD, State.RELEASED)
    assert shop.standing() in ((2, 0, 1), (3, 0, 0))


def test_paying_against_the_chores_is_in_time_or_not(shop: Street) -> None:
    """Half of the holds are paid in the last microsecond, while the chores go round."""
    shop.sale(pieces=20, per_person=20)
    holds = [shop.got(ANN).hold for _ in range(10)]
    shop.clock.advance(60_000_000 - 1)
    later = [shop.got(BEN).hold for _ in range(10)]
    chores = [shop.engine.ledger_writer.expire, shop.engine.flash_sales.expire] * 4
    with ThreadPoolExecutor(THREADS) as threads:
        paid = [threads.submit(confirm, shop, hold, f"o{hold}") for hold in holds]
        swept = [threads.submit(chore) for chore in chores]
        said = [one.result(30) for one in paid]
        assert all(one.exception(30) is None for one in swept)
    assert [reason(one) for one in said] == [None] * 10
    assert {state_of(shop, hold) for hold in later} == {State.HELD}
    assert shop.standing() == (0, 10, 10)


@pytest.mark.parametrize("by_us", [-1, 0, 1])
def test_a_hold_lasts_to_the_microsecond(shop: Street, by_us: int) -> None:
    shop.sale(hold_seconds=60)
    hold = held(shop)
    shop.clock.advance(60_000_000 + by_us)
    assert reason(confirm(shop, hold)) == (None if by_us < 0 else "hold_expired")


def test_a_hold_may_be_paid_after_the_sale_is_over(shop: Street) -> None:
    now_us = shop.clock.now_us()
    shop.sale(ends=format_iso(now_us + 1_000_000), hold_seconds=60)
    hold = held(shop)
    shop.clock.advance(30_000_000)
    assert reason(shop.attempt(BEN)) == "over"
    assert reason(confirm(shop, hold)) is None


def test_a_piece_that_came_back_is_not_sold_after_the_end(shop: Street) -> None:
    now_us = shop.clock.now_us()
    shop.sale(pieces=1, ends=format_iso(now_us + 30_000_000))
    held(shop)
    shop.minute()
    assert shop.standing() == (1, 0, 0)
    assert reason(shop.attempt(BEN)) == "over"


@pytest.mark.parametrize("way", ["held", "sold", "released", "expired"])
def test_the_same_request_is_told_what_became_of_its_piece(shop: Street, way: str) -> None:
    shop.sale(per_person=3)
    make, was = BEFORE[way]
    hold = make(shop)
    before = footprint(shop)
    again = shop.got(ANN, "r1")
    assert (again.hold, again.state) == (hold, was)
    assert footprint(shop) == before


def test_an_old_request_takes_no_new_piece(shop: Street) -> None:
    """The hold of r1 has run out: r1 stays what it was, and a new key is a new attempt."""
    shop.sale(pieces=1)
    hold = expired(shop)
    again = shop.got(ANN, "r1")
    assert (again.hold, again.state) == (hold, State.EXPIRED)
    assert shop.standing() == (1, 0, 0)
    assert shop.got(ANN, "r2").hold != hold
    assert shop.standing() == (0, 1, 0)


def test_a_refused_request_leaves_its_key_free(shop: Street) -> None:
    shop.sale(pieces=1)
    hold = held(shop)
    assert reason(shop.attempt(BEN, "mine")) == "sold_out"
    release(shop, hold)
    assert shop.got(BEN, "mine").state is State.HELD


SALES: dict[str, tuple[dict[str, Any], str | None]] = {
    "noon": ({}, None),
    "later": ({"starts": "2026-03-10T12:00:01+08:00"}, "not_started"),
    "early": (
        {"starts": "2026-03-10T13:00:00+08:00", "early": "2026-03-10T12:00:00+08:00"},
        "members_first",
    ),
    "past": ({"starts": "2026-03-10T10:00:00+08:00", "ends": "2026-03-10T12:00:00+08:00"}, "over"),
    "shut": ({}, "closed"),
    "vip": ({"only": "member:gold"}, "not_eligible"),
    "had": ({}, "per_person_limit"),
    "gone": ({"pieces": 1}, "sold_out"),
    "none": ({}, "not_found"),
}


def asked(shop: Street, name: str, who: str, request: str) -> Any:
    return shop.engine.flash_sales.asked(
        SHOP, name, identifier=who, request=request, words=frozenset()
    )


def test_one_group_may_ask_for_every_sale_and_gets_every_answer(shop: Street) -> None:
    """Nine sales in one transaction: each attempt is judged by its own sale and no other."""
    desk = shop.engine.flash_sales.desk
    for name, (change, _) in SALES.items():
        if name != "none":
            shop.sale(name=name, **change)
    shop.engine.flash_sales.close(SHOP, "shut")
    desk.write([asked(shop, "had", ANN, "first"), asked(shop, "gone", BEN, "first")])
    said = desk.write([asked(shop, name, ANN, "r") for name in SALES])
    assert [reason(one) for one in said] == [why for _, why in SALES.values()]
    assert rows(shop.engine.database, "SELECT count(*) FROM flash_hold") == [(3,)]


def test_every_reason_is_given_by_something_here() -> None:
    given = {why for _, why in SALES.values()} | {why for _, why in AFTER.values()}
    left = {one.value for one in Reason} - given
    assert left <= {"key_used_for_another_request", "withheld"}, "test_withheld gives the last"


def test_figures_come_with_a_no_that_counts(shop: Street) -> None:
    shop.sale(pieces=3, per_person=2)
    shop.got(ANN)
    shop.got(ANN)
    said = shop.attempt(ANN)
    assert (reason(said), said.have, said.need) == ("per_person_limit", 2, 2)
    shop.got(BEN)
    said = shop.attempt(CAT)
    assert (reason(said), said.have, said.need) == ("sold_out", 0, 1)


@pytest.mark.parametrize("hold", ["", "zz", "00" * 15, "00" * 16, "00" * 17, "秒", "%"])
def test_what_is_no_hold_is_not_found(shop: Street, hold: str) -> None:
    shop.sale()
    before = footprint(shop)
    assert reason(confirm(shop, hold)) == "not_found"
    assert reason(release(shop, hold)) == "not_found"
    assert footprint(shop) == before


@pytest.mark.parametrize("name", ["", "a b", "noon\n", "x" * 41, "秒杀", "../noon"])
def test_what_can_be_no_name_is_not_found(shop: Street, name: str) -> None:
    for ask in (
        lambda: shop.engine.flash_sales.show(SHOP, name),
        lambda: shop.engine.flash_sales.close(SHOP, name),
        lambda: asked(shop, name, ANN, "r"),
        lambda: shop.engine.flash_sales.asks_for_words(SHOP, name),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize(
    ("who", "request_key"),
    [("ann", "r"), ("", "r"), (ANN, ""), (ANN, "a\x00"), (ANN, "\ud800"), (ANN, "k" * 300)],
)
def test_who_asks_without_a_name_or_a_key(shop: Street, who: str, request_key: str) -> None:
    shop.sale()
    with pytest.raises(BadInput) as refused:
        asked(shop, "noon", who, request_key)
    assert refused.value.mend


def test_a_sale_that_cannot_be_leaves_nothing(shop: Street) -> None:
    before = footprint(shop)
    for body in (b"{}", b'{"name": "noon"}'):
        with pytest.raises(BadInput):
            shop.engine.flash_sales.create(SHOP, body)
    assert footprint(shop) == before
    shop.sale()
    before = footprint(shop)
    with pytest.raises(BadInput):
        shop.sale(price_fen=1)
    assert footprint(shop) == before


def test_whether_words_matter_is_asked_once_per_sale(shop: Street) -> None:
    shop.sale()
    shop.sale(name="vip", only="member")
    shop.sale(name="early", early=format_iso(shop.clock.now_us()))
    found = {n: shop.engine.flash_sales.asks_for_words(SHOP, n) for n in ("noon", "vip", "early")}
    assert found == {"noon": False, "vip": True, "early": True}


def test_closing_twice_is_closing(shop: Street) -> None:
    shop.sale()
    held(shop)
    first, standing = shop.engine.flash_sales.close(SHOP, "noon")
    assert (first.closed, standing.held, standing.free) == (True, 1, 2)
    before = footprint(shop)
    assert shop.engine.flash_sales.close(SHOP, "noon") == (first, standing)
    assert footprint(shop) == before


def test_a_group_larger_than_the_stock(shop: Street) -> None:
    """A thousand attempts in one transaction; the first thirty of them get the pieces."""
    shop.sale(pieces=30)
    wanted = [shop.asked(f"taobao_id:p{number}") for number in range(1_000)]
    said = shop.engine.flash_sales.desk.write(wanted)
    assert [isinstance(one, Held) for one in said] == [True] * 30 + [False] * 970
    assert {reason(one) for one in said[30:]} == {"sold_out"}
    assert len({one.hold for one in said[:30] if isinstance(one, Held)}) == 30
    assert shop.standing() == (0, 30, 0)


def test_the_largest_sale_there_may_be(shop: Street) -> None:
    shop.sale(pieces=10**9, price_fen=10**15, per_person=10_000)
    assert shop.got(ANN).price_fen == 10**15
    assert shop.standing() == (10**9 - 1, 1, 0)


def test_days_later_the_standing_is_still_the_same(shop: Street) -> None:
    shop.sale()
    sold(shop)
    shop.clock.advance(30 * DAY_US)
    shop.minute()
    assert shop.standing() == (2, 0, 1)


@pytest.mark.parametrize("part", ["free", "sold"])
def test_stock_that_the_book_has_frozen_is_not_for_sale_and_others_are(
    shop: Street, part: str
) -> None:
    """One frozen sale in a group must not take the attempts of all the others down with it."""
    shop.sale()
    shop.sale(name="other")
    hold = held(shop)
    name = f"sale/shop/1/{part}"
    with shop.engine.database.transaction() as tx:
        shop.engine.book.freeze(tx, name, frozen=True)
    desk = shop.engine.flash_sales.desk
    said = desk.write([asked(shop, "noon", BEN, "r"), asked(shop, "other", BEN, "r")])
    assert [reason(one) for one in said] == ["sold_out", None]
    assert reason(confirm(shop, hold)) is None, "what is held may still be paid"
    with shop.engine.database.transaction() as tx:
        shop.engine.book.freeze(tx, name, frozen=False)
    assert isinstance(shop.attempt(BEN), Held)
    assert shop.standing() == (1, 1, 1)
