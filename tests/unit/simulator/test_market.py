"""The pretend market repeats itself exactly, and looks like the real one."""

from collections import Counter

import msgspec
import pytest

from quanyu.clock import DAY_US, parse_iso
from quanyu.events.event import IncomingEvent
from quanyu.events.facts import FACT_TYPES
from quanyu.simulator.catalogue import catalogue, item_id, item_price_fen
from quanyu.simulator.market import Market

END_US = parse_iso("2026-11-22T00:00:00+08:00")
MARKET = Market(seed=7, people=120, days=14, end_us=END_US)


@pytest.fixture(scope="module")
def events() -> list[dict[str, object]]:
    return list(MARKET.events())


def test_the_same_seed_gives_the_same_bytes(events: list[dict[str, object]]) -> None:
    encode = msgspec.json.Encoder().encode
    assert [encode(e) for e in events] == [encode(e) for e in MARKET.events()]


def test_another_seed_gives_another_market(events: list[dict[str, object]]) -> None:
    other = list(Market(seed=8, people=120, days=14, end_us=END_US).events())
    assert other != events


def test_every_event_has_the_public_form(events: list[dict[str, object]]) -> None:
    decode = msgspec.json.Decoder(IncomingEvent).decode
    for event in events:
        decoded = decode(msgspec.json.encode(event))
        assert decoded.kind in FACT_TYPES
        for field in FACT_TYPES[decoded.kind].requires:
            assert event.get(field) is not None


def test_event_ids_do_not_repeat(events: list[dict[str, object]]) -> None:
    assert len({e["event_id"] for e in events}) == len(events)


def test_all_of_it_lies_inside_the_asked_days(events: list[dict[str, object]]) -> None:
    moments = [parse_iso(str(e["at"])) for e in events]
    assert max(moments) < END_US
    assert min(moments) > END_US - 16 * DAY_US


def test_the_loop_is_whole(events: list[dict[str, object]]) -> None:
    kinds = Counter(str(e["kind"]) for e in events)
    for kind in ("watch", "click", "view", "add_to_cart", "order_placed", "payment_completed"):
        assert kinds[kind] > 0, kind
    assert kinds["payment_completed"] <= kinds["order_placed"]
    assert kinds["coupon_redeemed"] <= kinds["store_arrived"] <= kinds["store_searched"]


def test_views_outnumber_carts_as_they_do_on_taobao(events: list[dict[str, object]]) -> None:
    kinds = Counter(str(e["kind"]) for e in events)
    assert 0.03 < kinds["add_to_cart"] / kinds["view"] < 0.09
    assert 0.01 < kinds["favourite"] / kinds["view"] < 0.06


def test_the_truth_names_every_identifier_that_is_sent(events: list[dict[str, object]]) -> None:
    owner = {(k, v): who for who, ids in MARKET.truth().items() for k, v in ids.items()}
    for event in events:
        identifiers = event["identifiers"]
        assert isinstance(identifiers, dict)
        assert len({owner[pair] for pair in identifiers.items()}) == 1


def test_prices_are_whole_fen_and_rise_with_the_number() -> None:
    for goods in catalogue().goods:
        prices = [item_price_fen(goods, n) for n in range(goods.items)]
        assert prices == sorted(prices)
        assert all(type(price) is int and price > 0 for price in prices)
        assert item_id(goods, 3) == f"{goods.code}-003"
