"""Who goes along with an order, and what each step brings about in the ledger and the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from quanyu.errors import Refused
from quanyu.events.event import Event, PropValue
from quanyu.events.recording import Occasion, fact
from quanyu.promotions.desk import Desk
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders import postings
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, Companion

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class Company(Generic[Tx]):
    """Each step asks every companion, and then writes once: balances, ledger, log, in that order
    for everybody, so that two orders never wait for each other in a circle."""

    desk: Desk[Tx]
    companions: Sequence[Companion[Tx]]

    def placed(self, tx: Tx, order: Order) -> Refused | None:
        told = [self._fact("order_placed", order)]
        return self._step(tx, order, told=told, ask=lambda one, w: one.place(tx, order, work=w))

    def paid(self, tx: Tx, order: Order) -> Refused | None:
        told = [self._fact("payment_completed", order)]
        return self._step(
            tx, order, told=told,
            ask=lambda one, w: one.pay(tx, order, work=w), posting=postings.paid(order),
        )  # fmt: skip

    def cancelled(self, tx: Tx, order: Order) -> Refused | None:
        return self._step(tx, order, told=(), ask=lambda one, w: one.cancel(tx, order, work=w))

    def refunded(self, tx: Tx, order: Order, *, back: Back) -> Refused | None:
        on = self._occasion(order)
        id = f"refund:{order.id}:{back.key}"
        amount_fen = back.refund.cash_fen
        told = [
            fact("refund_completed", id, on=on, order=order.id, amount_fen=amount_fen,
                 content=order.terms.show or None)
        ]  # fmt: skip
        return self._step(
            tx, order, told=told,
            ask=lambda one, w: one.refund(tx, order, back=back, work=w),
            posting=postings.refunded(order, back.refund, key=back.key),
        )  # fmt: skip

    def _step(
        self,
        tx: Tx,
        order: Order,
        *,
        told: Sequence[Event],
        ask: Callable[[Companion[Tx], Gathering[Tx]], Refused | None],
        posting: postings.Posting | None = None,
    ) -> Refused | None:
        work = Gathering(self.desk.book, self.desk.facts)
        if posting is not None:
            posting.into(work, tx)
        for companion in self.companions:
            refusal = ask(companion, work)
            if refusal is not None:
                return refusal
        work.record(tx, order.merchant, facts=told)
        work.flush(tx)
        return None

    def _fact(self, kind: str, order: Order) -> Event:
        """About the whole order; its item is the one that most was paid for."""
        dearest = max(order.terms.quote.lines, key=lambda line: (line.cash, line.line))
        category = next(
            line.category for line in order.terms.cart.lines if line.line == dearest.line
        )
        props: dict[str, PropValue] = {"lines": len(order.terms.quote.lines)}
        if category:
            props["category"] = category
        return fact(
            kind, f"{kind}:{order.id}", on=self._occasion(order), order=order.id,
            amount_fen=order.payable_fen, item=dearest.item, store=dearest.shop, props=props,
            content=order.terms.show or None,
        )  # fmt: skip

    def _occasion(self, order: Order) -> Occasion:
        """Identifiers that one order names are one person's; an erased buyer has a pseudonym."""
        who = tuple(sorted(order.buyer.own)) or (order.holder,)
        return Occasion(self.desk.clock.now_us(), order.touchpoint, who)
