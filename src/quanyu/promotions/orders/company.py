"""Who goes along with an order, and what each step brings about in the ledger and the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from quanyu.errors import Refused
from quanyu.events.event import Event, PropValue
from quanyu.events.recording import Occasion, fact
from quanyu.promotions.desk import Desk
from quanyu.promotions.orders import postings
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Companion, Consequences
from quanyu.promotions.pricing.refunds import Refund

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class Company(Generic[Tx]):
    """Each step asks every companion, and then writes once: balances, ledger, log, in that order
    for everybody, so that two orders never wait for each other in a circle."""

    desk: Desk[Tx]
    companions: Sequence[Companion[Tx]]

    def placed(self, tx: Tx, order: Order) -> Refused | None:
        return self._step(
            tx, order, of=Consequences(), kind="order_placed",
            ask=lambda one, so_far: one.place(tx, order, so_far=so_far),
        )  # fmt: skip

    def paid(self, tx: Tx, order: Order) -> Refused | None:
        return self._step(
            tx, order, of=postings.paid(order), kind="payment_completed",
            ask=lambda one, so_far: one.pay(tx, order, so_far=so_far),
        )  # fmt: skip

    def cancelled(self, tx: Tx, order: Order) -> None:
        so_far = Consequences()
        for companion in self.companions:
            companion.cancel(tx, order, so_far=so_far)
        self._write(tx, order, so_far=so_far)

    def refunded(self, tx: Tx, order: Order, *, refund: Refund, key: str) -> Refused | None:
        so_far = postings.refunded(order, refund, key=key)
        for companion in self.companions:
            refusal = companion.refund(tx, order, refund=refund, so_far=so_far)
            if refusal is not None:
                return refusal
        on = Occasion(self.desk.clock.now_us(), order.touchpoint, (order.holder,))
        id = f"refund:{order.id}:{key}"
        so_far.facts.append(
            fact("refund_completed", id, on=on, order=order.id, amount_fen=refund.cash_fen)
        )
        self._write(tx, order, so_far=so_far)
        return None

    def _step(
        self,
        tx: Tx,
        order: Order,
        *,
        of: Consequences,
        kind: str,
        ask: Callable[[Companion[Tx], Consequences], Refused | None],
    ) -> Refused | None:
        for companion in self.companions:
            refusal = ask(companion, of)
            if refusal is not None:
                return refusal
        of.facts.append(self._fact(kind, order))
        self._write(tx, order, so_far=of)
        return None

    def _fact(self, kind: str, order: Order) -> Event:
        """About the whole order; its item is the one that most was paid for."""
        on = Occasion(self.desk.clock.now_us(), order.touchpoint, (order.holder,))
        dearest = max(order.terms.quote.lines, key=lambda line: (line.cash, line.line))
        category = next(
            line.category for line in order.terms.cart.lines if line.line == dearest.line
        )
        props: dict[str, PropValue] = {"lines": len(order.terms.quote.lines)}
        if category:
            props["category"] = category
        return fact(
            kind, f"{kind}:{order.id}", on=on, order=order.id, amount_fen=order.payable_fen,
            item=dearest.item, store=dearest.shop, props=props,
        )  # fmt: skip

    def _write(self, tx: Tx, order: Order, *, so_far: Consequences) -> None:
        self.desk.settle(
            tx, order.merchant, chain=so_far.chain, accounts=so_far.accounts, facts=so_far.facts
        )
