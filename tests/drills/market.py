"""The worked example of docs on prices as a market that several engines and a door serve at once:
368.90 for two promotions per shop, two coupons and 500 points."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from tests.drills.coupon_ground import opened, publish
from tests.orders_ground import Door
from tests.unit.promotions.quote_example import CART, OFFERS

from quanyu.clock import Clock
from quanyu.errors import Refused, StorageUnavailable
from quanyu.events.requests import Request
from quanyu.interfaces.api.application import create_app
from quanyu.interfaces.api.money_doors import asked
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.asking import Asking
from quanyu.promotions.orders.order import decode_order
from quanyu.promotions.orders.states import Step
from quanyu.promotions.pricing import decode_offers
from quanyu.promotions.vouchers.voucher import Visit, Voucher, VoucherProduct
from quanyu.wiring import Engine

SHOP, PAYABLE_FEN, POINTS = "market", 36_890, 500
TERMS = {"points_per_yuan": 1, "expiry": {"kind": "months", "count": 12}, "join_gift": POINTS}
COUPONS = [one for one in OFFERS if one["kind"] == "coupon"]
PROMOTIONS = [one for one in OFFERS if one["kind"] == "promotion"]
UNITS = [("A1", 1), ("A2", 1), ("A2", 2), ("B1", 1)]
HOTPOT = VoucherProduct("hotpot-200", "A", 20_000, 90)
Units = Sequence[tuple[str, int]]


class Bought(NamedTuple):
    order: str
    who: str
    coupons: list[str]


class Clerk:
    """Asks one engine as a library; answers in the public form, or with the reason."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def pay(self, order: str, key: str, *, amount_fen: int = PAYABLE_FEN) -> Any:
        notice = Notice(order, amount_fen, "alipay")
        return said(self.engine.orders.pay(Asking(SHOP, key).pay(notice), notice))

    def cancel(self, order: str, key: str) -> Any:
        return said(self.engine.orders.cancel(Asking(SHOP, key).step(Step.CANCEL, order), order))

    def refund(self, order: str, key: str, *, units: Units) -> Any:
        ask = Asking(SHOP, key).refund(order, units)
        return said(self.engine.orders.refund(ask, order, units=units))

    def use(self, code: str, key: str, *, amount_fen: int) -> Any:
        visit = Visit("s1", amount_fen, self.engine.clock.now_us())
        ask = asked(SHOP, "voucher.use", key=key, content=[visit.store, visit.amount_fen])
        return said(self.engine.vouchers.use(ask, code, visit=visit))

    def refund_voucher(self, voucher: str, key: str) -> Any:
        ask = asked(SHOP, "voucher.refund", key=key, content=[voucher])
        return said(self.engine.vouchers.refund(ask, voucher))


class Caller:
    """The same over HTTP."""

    def __init__(self, engine: Engine) -> None:
        self.door = Door(create_app(engine), SHOP)

    def pay(self, order: str, key: str, *, amount_fen: int = PAYABLE_FEN) -> Any:
        return self._ask(
            f"orders/{order}/pay", key, body={"amount": amount_fen, "method": "alipay"}
        )

    def cancel(self, order: str, key: str) -> Any:
        return self._ask(f"orders/{order}/cancel", key)

    def refund(self, order: str, key: str, *, units: Units) -> Any:
        body = {"units": [{"line": line, "unit": unit} for line, unit in units]}
        return self._ask(f"orders/{order}/refund", key, body=body)

    def use(self, code: str, key: str, *, amount_fen: int) -> Any:
        return self._ask(
            "vouchers/use", key, body={"code": code, "store": "s1", "amount": amount_fen}
        )

    def refund_voucher(self, voucher: str, key: str) -> Any:
        return self._ask(f"vouchers/{voucher}/refund", key)

    def _ask(self, path: str, key: str, *, body: Any = None) -> Any:
        answer = self.door.post(path, body, key=key)
        told = answer.json()
        if answer.status_code == 503:
            raise StorageUnavailable(told["error"]["message"])
        assert answer.status_code < 500, told
        return told if answer.is_success else told["error"]["code"]


def said(outcome: Any) -> Any:
    if isinstance(outcome, Refused):
        return str(outcome.reason)
    return outcome.as_json() if hasattr(outcome, "as_json") else msgspec.to_builtins(outcome)


class Market:
    """Three engines and a door over one database; the first engine sets the scene and looks."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.engine = engines[0]
        self.desks = [*map(Clerk, engines[1:]), Caller(engines[0])]
        plenty = {"pieces": 1_000_000, "money": 2_000_000_000, "trips_at": 1000}
        for one in COUPONS:
            publish(
                self.engine, one["id"], merchant=SHOP, benefit=one["benefit"], terms=one, **plenty
            )
        for offer in decode_offers(json.dumps(PROMOTIONS)):
            self.engine.promotions.put(SHOP, offer)
        self.engine.loyalty.define(SHOP, "stars", body=json.dumps(TERMS).encode())
        self.engine.vouchers.define(SHOP, HOTPOT)

    def buyer(self, name: str) -> Bought:
        """A member with the coupons of the example, about to order."""
        who = f"taobao_id:{name}"
        self.engine.loyalty.join(Request(SHOP, "points.join", name, b""), "stars", identifier=who)
        return Bought(f"o-{name}", who, [self.coupon(who, one["id"]) for one in COUPONS])

    def coupon(self, who: str, offer: str) -> str:
        form = {"offer": offer, "identifier": who}
        told = self.engine.coupons.act(SHOP, "issue", form=form, request=f"{offer}-{who}")
        assert not isinstance(told, Refused), told
        return told.coupon.id

    def place(self, bought: Bought, cart: Any = CART) -> Any:
        told = {
            "order": bought.order,
            "identifiers": {"taobao_id": bought.who.partition(":")[2]},
            "touchpoint": "taobao.detail",
            "cart": cart,
            "coupons": bought.coupons,
            "programme": "stars",
        }
        form = decode_order(json.dumps(told))
        ask = Asking(SHOP, f"place-{bought.order}").place(
            form, tokeniser=self.engine.tokeniser(SHOP)
        )
        return said(self.engine.orders.place(ask, form))

    def bought(self, name: str) -> Bought:
        made = self.buyer(name)
        assert self.place(made)["payable"] == PAYABLE_FEN
        assert self.desks[0].pay(made.order, f"pay-{name}")["state"] == "paid"
        return made

    def vouchers(self, name: str, pieces: int) -> Bought:
        line = {"line": "V", "shop": "A", "item": HOTPOT.item, "quantity": pieces}
        cart = {"now": CART["now"], "lines": [{**line, "list_price": 9_900}]}
        made = Bought(f"o-{name}", f"taobao_id:{name}", [])
        payable_fen = self.place(made, cart)["payable"]
        self.desks[0].pay(made.order, f"pay-{name}", amount_fen=payable_fen)
        return made

    def held(self, bought: Bought) -> list[tuple[Voucher, str]]:
        kind, value = bought.who.split(":")
        holder = (kind, self.engine.tokeniser(SHOP).token(kind, value))
        return self.engine.vouchers.held_by(SHOP, [holder])

    def codes(self, bought: Bought) -> dict[str, str]:
        return {voucher.id: code for voucher, code in self.held(bought)}

    def states(self, bought: Bought) -> set[str]:
        return {self.engine.coupons.find(SHOP, one).state.value for one in bought.coupons}

    def points(self, bought: Bought) -> int:
        found = self.engine.loyalty.balance(SHOP, "stars", identifier=bought.who)
        assert found.debt == 0
        return found.available

    def balances(self) -> dict[str, int]:
        """Of what buyers and shops are owed."""
        names = {
            "cash": "clearing/alipay", "platform": "party/platform/payable",
            **{shop: f"party/{SHOP}/{shop}/payable" for shop in "AB"},
            "deferred": f"party/{SHOP}/A/deferred", "discounts": f"party/{SHOP}/A/discounts",
        }  # fmt: skip
        with self.engine.database.transaction() as tx:
            found = self.engine.book.balances(tx, list(names.values()))
        return {k: found[name].posted if name in found else 0 for k, name in names.items()}

    def faults(self) -> list[str]:
        self.engine.projector.catch_up()
        return [str(check) for check in self.engine.audit() if not check.holds]


@contextmanager
def market(url: str, folder: Path, *, clock: Clock | None = None) -> Iterator[Market]:
    with ExitStack() as stack:
        engines = [stack.enter_context(opened(url, folder, clock=clock)) for _ in range(4)]
        yield Market(engines)
