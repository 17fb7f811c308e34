"""Orders on a real database and book: placed, paid, sent, refunded; to the fen in the ledger."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine_ground import opened
from tests.unit.promotions.quote_example import CART, OFFERS

from quanyu.clock import MINUTE_US, FixedClock
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.requests import Request
from quanyu.promotions.orders.answers import Done, Notice
from quanyu.promotions.orders.company import Company
from quanyu.promotions.orders.order import OrderForm, decode_order
from quanyu.promotions.orders.placing import PAY_WITHIN_US, Placing
from quanyu.promotions.orders.service import Orders
from quanyu.promotions.orders.states import NEXT, OrderState, Step
from quanyu.promotions.pricing import Offer, Quote, decode_offers
from quanyu.promotions.pricing.refunds import Refund
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.orders import PostgresOrders
from quanyu.wiring import Engine

SHOP = "市场"
UNITS = [("A1", 1), ("A2", 1), ("A2", 2), ("B1", 1)]
OFFERS_OF_EXAMPLE = decode_offers(json.dumps(OFFERS))


class Catalogue:
    def __init__(self, offers: Sequence[Offer]) -> None:
        self.offers = offers

    def active(self, tx: Any, merchant: str) -> Sequence[Offer]:
        return self.offers

    def put(self, tx: Any, merchant: str, *, offer: Offer) -> None:
        self.offers = [*self.offers, offer]

    def remove(self, tx: Any, merchant: str, *, offer: str) -> bool:
        raise NotImplementedError


class Market:
    """An engine with the example's offers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.catalogue = Catalogue(OFFERS_OF_EXAMPLE)
        placing = Placing(
            self.catalogue, (), engine.buyer, engine.eligibility, engine.release_gate, engine.clock
        )
        self.orders = Orders(
            engine.money_desk,
            PostgresOrders(),
            placing=placing,
            company=Company(engine.money_desk, ()),
        )

    def place(self, order: str = "o1", **change: Any) -> Done | Refused:
        return self.orders.place(asked(f"place-{order}", "order.place"), form(order, **change))

    def pay(self, order: str = "o1", *, amount: int = 36_890, key: str = "pay") -> Done | Refused:
        notice = Notice(order, amount, "alipay")
        return self.orders.pay(asked(f"{key}-{order}", "order.pay"), notice)

    def refund(self, units: Sequence[tuple[str, int]], *, key: str = "r1") -> Refund | Refused:
        return self.orders.refund(asked(key, "order.refund"), "o1", units=units)

    def balances(self) -> dict[str, int]:
        names = {
            "cash": "clearing/alipay",
            "A": f"party/{SHOP}/A/payable",
            "B": f"party/{SHOP}/B/payable",
            "platform": "party/platform/payable",
            "forgone": f"party/{SHOP}/A/forgone",
        }
        with self.engine.database.transaction() as tx:
            found = self.engine.book.balances(tx, list(names.values()))
        return {k: found[name].posted if name in found else 0 for k, name in names.items()}

    def facts(self) -> list[tuple[str, int | None]]:
        return [(one.event.kind, one.event.amount_fen) for one in self.engine.log.read(0, 100)]


@pytest.fixture
def market(database: Database, clock: FixedClock, data_dir: Path) -> Any:
    with opened(database, clock, data_dir) as engine:
        yield Market(engine)


def asked(key: str, operation: str, content: bytes = b"") -> Request:
    return Request(SHOP, operation, key, content)


def form(order: str = "o1", **change: Any) -> OrderForm:
    said = {
        "order": order,
        "identifiers": {"taobao_id": "ann"},
        "touchpoint": "taobao.detail",
        "cart": CART,
        **change,
    }
    return decode_order(json.dumps(said))


def test_the_worked_example_as_an_order(market: Market) -> None:
    """368.90 are paid; shop A is owed 313.65, shop B 90.25, of which the platform bears 35.00."""
    placed = market.place(expected_payable=36_890)
    assert isinstance(placed, Done)
    assert (placed.state, placed.payable_fen) == (OrderState.PLACED, 36_890)
    paid = market.pay()
    assert isinstance(paid, Done)
    assert paid.state is OrderState.PAID
    owed = {"cash": -36_890, "A": 31_365, "B": 9_025, "platform": -3_500, "forgone": 12_635}
    assert market.balances() == owed
    assert market.facts() == [("order_placed", 36_890), ("payment_completed", 36_890)]


def test_the_refund_of_the_first_lipstick(market: Market) -> None:
    market.place()
    market.pay()
    back = market.refund([("A2", 1)])
    assert isinstance(back, Refund)
    assert (back.cash_fen, back.red_packets, back.points) == (8_392, {"red-10": 231}, 115)
    assert back.platform["cross-300-50"] == 477
    after = market.balances()
    assert (after["cash"], after["A"]) == (-36_890 + 8_392, 31_365 - 8_392 - 823)
    assert market.facts()[-1] == ("refund_completed", 8_392)
    assert market.refund([("A2", 1)]) == back, "the same request again"
    assert market.refund([("A2", 1)], key="r2") == Refused("unit_returned_already")


def test_everything_goes_back_and_nobody_owes_anything(market: Market) -> None:
    market.place()
    market.pay()
    for number, unit in enumerate(UNITS):
        assert isinstance(market.refund([unit], key=f"r{number}"), Refund)
    assert set(market.balances().values()) == {0}
    found = market.orders.find(SHOP, "o1")
    assert (found.state, found.refunded_fen) == (OrderState.REFUNDED, 36_890)
    assert market.refund([UNITS[0]], key="late") == Refused("order_in_wrong_state")


def test_a_repeated_notice_is_one_payment(market: Market) -> None:
    market.place()
    told = [market.pay(), market.pay()]
    assert told[0] == told[1]
    assert market.balances()["cash"] == -36_890
    assert market.pay(key="another notice") == Refused("order_in_wrong_state")


@pytest.mark.parametrize(("amount", "have"), [(36_889, 36_889), (0, 0), (36_891, 36_891)])
def test_a_notice_with_another_amount_pays_nothing(market: Market, amount: int, have: int) -> None:
    market.place()
    assert market.pay(amount=amount) == Refused("amount_differs", have, 36_890)
    assert (market.balances()["cash"], len(market.facts())) == (0, 1)


def test_the_price_that_was_shown_is_the_price_that_is_paid(market: Market) -> None:
    assert market.place(expected_payable=36_000) == Refused("price_changed", 36_890, 36_000)
    with pytest.raises(NotFound):
        market.orders.find(SHOP, "o1")
    market.catalogue.offers = []
    assert market.place("o2", expected_payable=36_890) == Refused("price_changed", 54_590, 36_890)


def test_an_order_keeps_the_rules_it_was_placed_under(market: Market) -> None:
    market.place()
    market.pay()
    market.catalogue.offers = []
    back = market.refund([("A2", 1)])
    assert isinstance(back, Refund)
    assert back.cash_fen == 8_392


def test_a_cart_does_not_choose_its_own_time(market: Market, clock: FixedClock) -> None:
    market.catalogue.offers = decode_offers(
        json.dumps([
            {"id": "tonight", "lane": "item", "benefit": {"percent_off": {"percent": 50}},
             "window": {"from": "2026-11-11T00:00:00+08:00"}},
        ])
    )  # fmt: skip
    quote, placed = market.orders.quote(SHOP, form()), market.place()
    assert isinstance(quote, Quote)
    assert isinstance(placed, Done)
    assert placed.payable_fen == 54_590, "the cart says 11-11, the clock says March"
    assert quote.payable < 54_590, "what a cart would cost in November may be asked"


def test_an_unpaid_order_lapses(market: Market, clock: FixedClock) -> None:
    market.place()
    market.place("o2")
    market.pay("o2")
    clock.advance(PAY_WITHIN_US)
    assert market.pay() == Refused("pay_deadline_over")
    assert market.orders.lapse() == 1
    assert market.orders.lapse() == 0
    states = [market.orders.find(SHOP, order).state for order in ("o1", "o2")]
    assert states == [OrderState.CANCELLED, OrderState.PAID]
    assert PAY_WITHIN_US == 30 * MINUTE_US


def test_an_id_is_one_order(market: Market) -> None:
    market.place()
    other = market.orders.place(asked("other key", "order.place"), form())
    assert other == Refused("order_exists")


ASKS = {
    Step.CANCEL: lambda m: m.orders.cancel(asked("c", "order.cancel"), "o1"),
    Step.SHIP: lambda m: m.orders.advance(asked("s", "order.ship"), "o1", step=Step.SHIP),
    Step.CONFIRM: lambda m: m.orders.advance(asked("f", "order.confirm"), "o1", step=Step.CONFIRM),
    Step.PAY: lambda m: m.pay(key="again"),
    Step.REFUND: lambda m: m.refund([("A2", 1)], key="again"),
}
REACH: dict[OrderState, list[Step]] = {
    OrderState.PLACED: [],
    OrderState.CANCELLED: [Step.CANCEL],
    OrderState.PAID: [Step.PAY],
    OrderState.SHIPPED: [Step.PAY, Step.SHIP],
    OrderState.CONFIRMED: [Step.PAY, Step.CONFIRM],
}


@pytest.mark.parametrize("state", REACH)
@pytest.mark.parametrize("step", ASKS)
def test_every_step_in_every_state(market: Market, state: OrderState, step: Step) -> None:
    """The table decides, and the database agrees."""
    market.place()
    for before in REACH[state]:
        if before is Step.PAY:
            market.pay()
        else:
            ASKS[before](market)
    outcome = ASKS[step](market)
    same_request = step in REACH[state] and step is not Step.PAY
    allowed = (state, step) in NEXT or same_request
    assert isinstance(outcome, Refused) is not allowed
    if not allowed:
        assert outcome == Refused("order_in_wrong_state")
        assert market.orders.find(SHOP, "o1").state is state


def test_steps_of_an_order_that_is_not_there(market: Market) -> None:
    for ask in ASKS.values():
        assert ask(market) == Refused("order_not_found")


@pytest.mark.parametrize(
    ("units", "reason"),
    [
        ([], "nothing_to_refund"),
        ([("A9", 1)], "unit_not_in_order"),
        ([("A2", 3)], "unit_not_in_order"),
        ([("A2", 0)], "unit_not_in_order"),
        ([("A2", -1)], "unit_not_in_order"),
        ([("A2", 1), ("A2", 1)], "unit_named_twice"),
    ],
)
def test_refunds_that_are_refused(
    market: Market, units: list[tuple[str, int]], reason: str
) -> None:
    market.place()
    market.pay()
    before = market.balances()
    assert market.refund(units) == Refused(reason)
    assert market.balances() == before


@settings(max_examples=20)
@given(order=st.permutations(UNITS), cut=st.integers(1, 4))
def test_in_whatever_order_units_go_back(order: list[tuple[str, int]], cut: int) -> None:
    """Without a database: the sums of the stored quote."""
    from quanyu.promotions.pricing import decode_cart, evaluate
    from quanyu.promotions.pricing.refunds import Paid, refund

    quote = evaluate(decode_cart(json.dumps(CART)), OFFERS_OF_EXAMPLE)
    paid = Paid(quote, {offer.id: offer for offer in OFFERS_OF_EXAMPLE})
    total = points = 0
    for part in (order[:cut], order[cut:]):
        if part:
            back = refund(paid, part)
            assert isinstance(back, Refund)
            total, points = total + back.cash_fen, points + back.points
            paid = Paid(
                quote, paid.offers, paid.returned | set(part), total,
                paid.shipping_refunded_fen + back.shipping_fen,
            )  # fmt: skip
    assert (total, points) == (quote.payable, 500)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cart": {}}, "order.cart"),
        ({"cart": {**CART, "age": 30}}, "order.cart.age"),
        ({"identifiers": {}}, "order.identifiers"),
        ({"order": ""}, "order.order"),
        ({"coupon": []}, "order.coupon"),
        ({"expected_payable": -1}, "order.expected_payable"),
    ],
)
def test_orders_that_cannot_be_read(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        form(**change)
    assert refused.value.field.startswith(field)
