"""Flash sales on a real database: sold + held + free = loaded, and nothing is sold twice."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.loyalty_ground import ANN, BEN, CAT, SHOP, Street, street

from quanyu.clock import FixedClock
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.promotions.flash_sales.sales import Held, Reason, State
from quanyu.storage.postgres.database import Database


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        yield made


def confirm(shop: Street, held: Held, order: str = "o1") -> object:
    return shop.engine.flash_sales.confirm(SHOP, held.hold, order=order)


def release(shop: Street, held: Held) -> object:
    return shop.engine.flash_sales.release(SHOP, held.hold)


def reason(said: object) -> object:
    return said.reason if isinstance(said, Refused) else said


def test_a_piece_is_held_then_sold(shop: Street) -> None:
    shop.sale()
    held = shop.got(ANN)
    assert (held.item, held.price_fen) == ("serum", 9_900)
    assert shop.standing() == (2, 1, 0)
    sold = confirm(shop, held)
    assert isinstance(sold, Held)
    assert sold.state is State.SOLD
    assert shop.standing() == (2, 0, 1)
    assert confirm(shop, held) == sold
    assert reason(release(shop, held)) is Reason.WRONG_STATE


def test_a_released_piece_is_sold_to_somebody_else(shop: Street) -> None:
    shop.sale(pieces=1)
    held = shop.got(ANN)
    assert reason(shop.attempt(BEN)) is Reason.SOLD_OUT
    assert isinstance(release(shop, held), Held)
    assert isinstance(release(shop, held), Held)
    assert reason(confirm(shop, held)) is Reason.WRONG_STATE
    confirm(shop, shop.got(BEN))
    assert shop.standing() == (0, 0, 1)


def test_a_piece_that_is_not_paid_comes_back_once(shop: Street) -> None:
    shop.sale(pieces=1)
    held = shop.got(ANN)
    shop.minute()
    assert shop.standing() == (1, 0, 0)
    shop.minute()
    assert shop.standing() == (1, 0, 0)
    assert reason(confirm(shop, held)) is Reason.HOLD_EXPIRED
    assert reason(release(shop, held)) is Reason.HOLD_EXPIRED
    confirm(shop, shop.got(BEN))
    assert shop.standing() == (0, 0, 1)


def test_a_hold_ends_on_time_even_when_the_chore_is_late(shop: Street) -> None:
    shop.sale()
    held = shop.got(ANN)
    shop.clock.advance(60_000_000)
    assert reason(confirm(shop, held)) is Reason.HOLD_EXPIRED
    assert shop.standing() == (2, 1, 0)
    shop.engine.ledger_writer.expire()
    assert shop.standing() == (3, 0, 0)


def test_one_person_one_piece(shop: Street) -> None:
    shop.sale()
    confirm(shop, shop.got(ANN))
    assert reason(shop.attempt(ANN)) is Reason.PER_PERSON_LIMIT
    assert shop.standing() == (2, 0, 1)


def test_who_let_a_piece_go_may_try_again(shop: Street) -> None:
    shop.sale()
    release(shop, shop.got(ANN))
    shop.got(ANN)
    shop.minute()
    shop.got(ANN)
    assert shop.standing() == (2, 1, 0)


def test_two_identifiers_of_one_person_get_one(shop: Street) -> None:
    shop.sale()
    shop.link(ANN, "phone:13764021985")
    shop.got("phone:13764021985")
    assert reason(shop.attempt(ANN)) is Reason.PER_PERSON_LIMIT
    shop.got(BEN)


def test_in_one_group_too(shop: Street) -> None:
    shop.sale()
    shop.link(ANN, "phone:13764021985")
    wanted = [shop.asked(who) for who in (ANN, "phone:13764021985", BEN)]
    said = shop.engine.flash_sales.desk.write(wanted)
    assert [isinstance(one, Held) for one in said] == [True, False, True]


def test_the_same_request_gets_the_same_piece(shop: Street) -> None:
    shop.sale()
    first = shop.got(ANN, "r1")
    assert shop.got(ANN, "r1") == first
    assert reason(shop.attempt(BEN, "r1")) is Reason.KEY_USED_FOR_ANOTHER_REQUEST
    wanted = [shop.asked(CAT, "r2"), shop.asked(CAT, "r2"), shop.asked(BEN, "r2")]
    said = shop.engine.flash_sales.desk.write(wanted)
    assert said[0] == said[1]
    assert reason(said[2]) is Reason.KEY_USED_FOR_ANOTHER_REQUEST
    assert shop.standing() == (1, 2, 0)


def test_thirty_two_twins_reserve_one_piece(shop: Street) -> None:
    shop.sale()
    with ThreadPoolExecutor(32) as threads:
        said = list(threads.map(lambda _: shop.attempt(ANN, "twin"), range(32)))
    assert len(set(map(str, said))) == 1
    assert shop.standing() == (2, 1, 0)


@pytest.mark.parametrize(
    ("change", "words", "expected"),
    [
        ({"starts": "2026-03-10T12:00:01+08:00"}, (), Reason.NOT_STARTED),
        (
            {"starts": "2026-03-10T13:00:00+08:00", "early": "2026-03-10T12:00:00+08:00"},
            (),
            Reason.MEMBERS_FIRST,
        ),
        (
            {"starts": "2026-03-10T13:00:00+08:00", "early": "2026-03-10T12:00:00+08:00"},
            ("member",),
            None,
        ),
        ({"only": "member:gold"}, ("member",), Reason.NOT_ELIGIBLE),
        (
            {"starts": "2026-03-10T10:00:00+08:00", "ends": "2026-03-10T12:00:00+08:00"},
            (),
            Reason.OVER,
        ),
    ],
)
def test_windows_and_members(
    shop: Street, change: dict[str, str], words: tuple[str, ...], expected: Reason | None
) -> None:
    shop.sale(**change)
    said = shop.attempt(ANN, None, *words)
    assert isinstance(said, Held) if expected is None else reason(said) is expected


def test_the_kill_switch_reserves_nothing_more_and_lets_the_held_pay(shop: Street) -> None:
    shop.sale()
    held = shop.got(ANN)
    sale, _ = shop.engine.flash_sales.close(SHOP, "noon")
    assert sale.closed
    assert reason(shop.attempt(BEN)) is Reason.CLOSED
    assert isinstance(confirm(shop, held), Held)


def test_what_belongs_to_somebody_else_is_not_found(shop: Street) -> None:
    shop.sale()
    held = shop.got(ANN)
    rival = shop.engine.flash_sales
    assert reason(rival.confirm("rival", held.hold, order="o")) is Reason.NOT_FOUND
    assert reason(rival.release("rival", held.hold)) is Reason.NOT_FOUND
    assert reason(rival.release(SHOP, "no hold")) is Reason.NOT_FOUND
    asked = rival.asked("rival", "noon", identifier=ANN, request="r", words=frozenset())
    assert reason(rival.submit(asked).result(30)) is Reason.NOT_FOUND
    with pytest.raises(NotFound):
        rival.show("rival", "noon")


def test_a_name_is_used_once(shop: Street) -> None:
    shop.sale()
    with pytest.raises(BadInput, match="already"):
        shop.sale()


def test_two_merchants_use_one_name_and_one_key(shop: Street) -> None:
    shop.sale()
    body = {
        "name": "noon", "item": "x", "price_fen": 1, "pieces": 1,
        "starts": "2026-03-10T12:00:00+08:00", "ends": "2026-03-11T12:00:00+08:00",
    }  # fmt: skip
    shop.engine.flash_sales.create("茶馆", json.dumps(body).encode())
    asked = shop.engine.flash_sales.asked(
        "茶馆", "noon", identifier=ANN, request="r", words=frozenset()
    )
    both = shop.engine.flash_sales.desk.write([asked, shop.asked(ANN, "r")])
    assert all(isinstance(one, Held) for one in both)
    assert shop.standing() == (2, 1, 0)
