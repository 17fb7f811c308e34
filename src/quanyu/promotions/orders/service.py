"""Orders: quote → place → pay → ship → confirm → refund. One step, one transaction."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from quanyu.errors import NotFound, Refused
from quanyu.events.requests import Request
from quanyu.promotions.desk import Desk
from quanyu.promotions.orders.answers import Done, Notice
from quanyu.promotions.orders.company import Company
from quanyu.promotions.orders.order import Order, OrderForm
from quanyu.promotions.orders.placing import Placing
from quanyu.promotions.orders.ports import Back, OrderStore
from quanyu.promotions.orders.states import NEXT, OrderRefusal, OrderState, Step
from quanyu.promotions.pricing import Quote
from quanyu.promotions.pricing.refunds import Refund, Unit, refund

Tx = TypeVar("Tx")


class Orders(Generic[Tx]):
    def __init__(
        self, desk: Desk[Tx], store: OrderStore[Tx], *, placing: Placing[Tx], company: Company[Tx]
    ) -> None:
        self._desk = desk
        self._store = store
        self._placing = placing
        self._company = company

    def quote(self, merchant: str, form: OrderForm) -> Quote | Refused:
        """What the order would cost when its cart says; nothing is locked."""
        with self._desk.once.transactions.transaction() as tx:
            priced = self._placing.terms(tx, merchant, form=form)
        return priced if isinstance(priced, Refused) else priced.quote

    def place(self, request: Request, form: OrderForm) -> Done | Refused:
        """Locks the coupons and holds the pieces that the quote counts on, until it is paid."""

        def do(tx: Tx) -> Done | Refused:
            order = self._placing.order(tx, request.merchant, form=form)
            if isinstance(order, Refused):
                return order
            if not self._store.add(tx, order):
                return Refused(OrderRefusal.EXISTS)
            return self._company.placed(tx, order) or done(order)

        return self._desk.once.run(request, do, answer=Done)

    def pay(self, request: Request, notice: Notice) -> Done | Refused:
        """Amount and order must be those that were placed."""

        def do(tx: Tx, order: Order) -> Done | Refused:
            if self._desk.clock.now_us() >= order.deadline_us:
                return Refused(OrderRefusal.DEADLINE_OVER)
            if notice.amount != order.payable_fen:
                return Refused(OrderRefusal.AMOUNT_DIFFERS, notice.amount, order.payable_fen)
            paid = msgspec.structs.replace(order, method=notice.method, state=OrderState.PAID)
            self._store.move(tx, order, to=paid.state, method=notice.method)
            return self._company.paid(tx, paid) or done(paid)

        return self._step(request, notice.order, step=Step.PAY, do=do)

    def cancel(self, request: Request, order: str, *, step: Step = Step.CANCEL) -> Done | Refused:
        """Everything that the order held is free again."""

        def do(tx: Tx, found: Order) -> Done | Refused:
            gone = msgspec.structs.replace(found, state=OrderState.CANCELLED)
            self._store.move(tx, found, to=gone.state)
            return self._company.cancelled(tx, gone) or done(gone)

        return self._step(request, order, step=step, do=do)

    def advance(self, request: Request, order: str, *, step: Step) -> Done | Refused:
        """SHIP or CONFIRM."""

        def do(tx: Tx, found: Order) -> Done | Refused:
            moved = msgspec.structs.replace(found, state=NEXT[found.state, step])
            self._store.move(tx, found, to=moved.state)
            return done(moved)

        return self._step(request, order, step=step, do=do)

    def refund(self, request: Request, order: str, *, units: Sequence[Unit]) -> Refund | Refused:
        """Units that come back: their stored amounts, never recomputed."""

        def do(tx: Tx) -> Refund | Refused:
            found = self._store.locked(tx, request.merchant, order=order)
            if found is None:
                return Refused(OrderRefusal.NOT_FOUND)
            if (found.state, Step.REFUND) not in NEXT:
                return Refused(OrderRefusal.WRONG_STATE)
            if len(set(units)) < len(units):
                return Refused(OrderRefusal.UNIT_TWICE)
            outcome = refund(found.paid, units)
            if isinstance(outcome, Refused):
                return outcome
            self._store.add_refund(tx, found, units=units, refund=outcome)
            if outcome.complete:
                self._store.move(tx, found, to=OrderState.REFUNDED)
            back = Back(units, outcome, request.id)
            return self._company.refunded(tx, found, back=back) or outcome

        return self._desk.once.run(request, do, answer=Refund)

    def find(self, merchant: str, order: str) -> Order:
        """Raises NotFound."""
        with self._desk.once.transactions.transaction() as tx:
            found = self._store.find(tx, merchant, order=order)
        if found is None:
            raise NotFound(f"no order {order[:80]!r}")
        return found

    def lapse(self, limit: int = 200) -> int:
        """Cancels unpaid orders whose deadline is over; returns how many."""
        with self._desk.once.transactions.transaction() as tx:
            due = self._store.due(tx, self._desk.clock.now_us(), limit=limit)
        for merchant, order in due:
            request = Request(merchant, "order.lapse", order, b"")
            self.cancel(request, order, step=Step.LAPSE)
        return len(due)

    def _step(
        self,
        request: Request,
        order: str,
        *,
        step: Step,
        do: Callable[[Tx, Order], Done | Refused],
    ) -> Done | Refused:
        """Locks the order and asks the table whether the step may be taken."""

        def locked(tx: Tx) -> Done | Refused:
            found = self._store.locked(tx, request.merchant, order=order)
            if found is None:
                return Refused(OrderRefusal.NOT_FOUND)
            if (found.state, step) not in NEXT:
                return Refused(OrderRefusal.WRONG_STATE)
            return do(tx, found)

        return self._desk.once.run(request, locked, answer=Done)


def done(order: Order) -> Done:
    open_until = order.deadline_us if order.state is OrderState.PLACED else None
    return Done(order.id, order.state, order.payable_fen, open_until)
