"""How a show is going, from its orders and from events; slots and the rest make up the whole."""

from typing import Any

import pytest
from hypothesis import given
from tests.unit.content.shows.plans import SERUM, show
from tests.unit.promotions.shows.sold import sold
from tests.unit.promotions.shows.test_commission import ORDERS, orders_of

from quanyu.clock import parse_iso
from quanyu.content.shows.show import Standing
from quanyu.content.shows.states import ShowState
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.shows.board import Board, board
from quanyu.promotions.shows.ports import Looked, Sold

STARTED_US = parse_iso("2026-03-10T18:00:00+08:00")
LIVE = Standing(show(), ShowState.LIVE, STARTED_US, "lin", "h", STARTED_US)


def shown(*orders: Sold, looked: Looked | None = None) -> Board:
    return board(LIVE, list(orders), looked=looked or Looked())


def test_before_anything_was_sold() -> None:
    found = shown()
    assert (found.gmv_fen, found.paid_orders, found.ctr_permille) == (0, 0, None)
    assert [one.slot for one in found.slots] == ["s1", "s2"]
    assert found.as_json()["started"] == "2026-03-10T18:00:00+08:00"
    assert found.as_json()["ended"] is None


def test_what_was_sold() -> None:
    found = shown(
        sold("o1", ("A", "serum", 2, 16_000), ("B", "lipstick", 5, 12_000), returned=[("L1", 1)]),
        sold("o2", ("A", "serum", 1, 16_000), ("A", "cream", 1, 900)),
        sold("o3", ("A", "serum", 1, 16_000), state=OrderState.PLACED),
        sold("o4", ("A", "serum", 1, 16_000), state=OrderState.CANCELLED),
        sold("o5", ("A", "serum", 50, 16_000), suspected=True),
    )
    assert (found.gmv_fen, found.returned_fen, found.other_fen) == (108_900, 16_000, 900)
    assert (found.placed_orders, found.paid_orders, found.suspected_orders) == (4, 2, 1)
    assert found.redemptions == 1
    best, second = found.slots
    assert (best.slot, best.gmv_fen, best.orders, best.pieces) == ("s2", 60_000, 1, 5)
    assert (second.slot, second.gmv_fen, second.orders, second.pieces) == ("s1", 48_000, 2, 3)
    assert (best.title, second.title) == ("lipstick", "精华液")


def test_how_it_was_looked_at() -> None:
    looked = Looked(1_200, 4_000, 250, {"serum": 200, "cream": 50})
    found = shown(looked=looked)
    assert (found.viewers, found.impressions, found.clicks) == (1_200, 4_000, 250)
    assert found.ctr_permille == 62
    assert {one.item: one.clicks for one in found.slots} == {"serum": 200, "lipstick": 0}
    assert found.slots[0].item == "serum", "of equal sales the one that was clicked more"


def test_an_item_in_two_slots_is_counted_once() -> None:
    twice = show(slots=[SERUM, SERUM | {"id": "s9"}])
    standing = Standing(twice, ShowState.LIVE, STARTED_US, "lin", "h", STARTED_US)
    found = board(standing, [sold("o1", ("A", "serum", 1, 16_000))], looked=Looked())
    assert [(one.slot, one.gmv_fen) for one in found.slots] == [("s1", 16_000)]


@given(ORDERS)
def test_slots_and_the_rest_make_up_the_whole(drawn: list[Any]) -> None:
    orders = orders_of(drawn)
    found = shown(*orders)
    assert sum(one.gmv_fen for one in found.slots) + found.other_fen == found.gmv_fen
    assert found.gmv_fen == sum(one.terms.quote.cash for one in orders)
    assert 0 <= found.returned_fen <= found.gmv_fen
    assert found.other_fen >= 0


@pytest.mark.parametrize("state", list(ShowState))
def test_every_state_can_be_looked_at(state: ShowState) -> None:
    standing = Standing(show(), state, STARTED_US, "lin", "h")
    assert board(standing, [], looked=Looked()).state == state
