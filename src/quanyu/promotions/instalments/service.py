"""The desk of instalments: a plan begins with its order's payment, and ends by being paid."""

from collections.abc import Callable
from typing import Generic, TypeVar

from quanyu.clock import Clock
from quanyu.errors import NotFound, Refused
from quanyu.events.event import Event, PropValue
from quanyu.events.recording import Occasion, fact
from quanyu.events.requests import Request
from quanyu.promotions.desk import Desk
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.instalments.agreement import (
    Agreement,
    Changed,
    pay_term,
    refund,
    settle,
)
from quanyu.promotions.instalments.answers import GoingBack, Paid, TermNotice, paid
from quanyu.promotions.instalments.ports import AgreementStore
from quanyu.promotions.instalments.postings import FeePosting, charged, returned
from quanyu.promotions.instalments.states import PlanRefusal

Tx = TypeVar("Tx")


class Instalments(Generic[Tx]):
    def __init__(self, desk: Desk[Tx], store: AgreementStore[Tx]) -> None:
        self._desk = desk
        self._store = store

    @property
    def clock(self) -> Clock:
        return self._desk.clock

    def begin(self, tx: Tx, agreement: Agreement, *, work: Gathering[Tx]) -> None:
        """In the transaction that books the order's payment; the order tells the fact."""
        self._store.add(tx, agreement)
        gather(tx, work, fee=charged(agreement))

    def give_back(
        self, tx: Tx, merchant: str, *, back: GoingBack, work: Gathering[Tx]
    ) -> Refused | None:
        """In the transaction of the order's refund, which tells the fact."""
        found = self._store.locked(tx, merchant, order=back.order)
        if found is None or not back.cash_fen:
            return None
        changed = refund(found, back.cash_fen, weights=back.by_shop)
        if isinstance(changed, Refused):
            return changed
        self._store.change(tx, found, after=changed.agreement)
        gather(tx, work, fee=returned(found, changed.back, key=back.key))
        return None

    def pay(self, request: Request, notice: TermNotice) -> Paid | Refused:
        """A term, once, in order, just what is due; or everything that is left at once."""
        now_us = self.clock.now_us()
        number, amount_fen = notice.term, notice.amount_fen

        def step(found: Agreement) -> Changed | Refused:
            if number is None:
                return settle(found, amount_fen=amount_fen, now_us=now_us)
            return pay_term(found, number, amount_fen=amount_fen, now_us=now_us)

        return self._step(request, notice, step=step)

    def find(self, merchant: str, order: str) -> Agreement:
        """Raises NotFound."""
        with self._desk.once.transactions.transaction() as tx:
            found = self._store.find(tx, merchant, order=order)
        if found is None:
            raise NotFound(f"no instalments of an order {order[:80]!r}")
        return found

    def _step(
        self,
        request: Request,
        notice: TermNotice,
        *,
        step: Callable[[Agreement], Changed | Refused],
    ) -> Paid | Refused:
        def do(tx: Tx) -> Paid | Refused:
            found = self._store.locked(tx, request.merchant, order=notice.order)
            if found is None:
                return Refused(PlanRefusal.NO_PLAN)
            changed = step(found)
            if isinstance(changed, Refused):
                return changed
            self._store.change(tx, found, after=changed.agreement)
            fee = returned(found, changed.back, key=request.id)
            told = self._told(changed, notice)
            self._desk.settle(tx, request.merchant, chain=fee.chain, facts=[told])
            return paid(changed)

        return self._desk.once.run(request, do, answer=Paid)

    def _told(self, changed: Changed, notice: TermNotice) -> Event:
        of = changed.agreement.financed
        on = Occasion(self.clock.now_us(), of.touchpoint, (of.holder,))
        props: dict[str, PropValue] = {"terms": len(changed.agreement.plan.terms)}
        props |= {"settled": True} if notice.term is None else {"term": notice.term}
        what = "settled" if notice.term is None else str(notice.term)
        return fact(
            "instalment_paid", f"instalment:{of.order}:{what}", on=on, order=of.order,
            amount_fen=changed.amount_fen, props=props,
        )  # fmt: skip


def gather(tx: Tx, work: Gathering[Tx], *, fee: FeePosting) -> None:
    """Nothing is posted where no fen moves."""
    if fee.chain:
        work.open(tx, fee.accounts)
        work.post(tx, [fee.chain])
