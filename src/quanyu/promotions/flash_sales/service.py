"""Flash sales: many attempts are one transaction; a reserved piece is a hold in the book.

sold + held + free = loaded, always, because a piece is nowhere but in the book. A hold that is
not paid in time expires there once, and its piece can be sold again: no oversell, no undersell.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from quanyu.clock import SECOND_US
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.errors import NotFound, Refused
from quanyu.events.requests import Request
from quanyu.ledger.accounts import Balance
from quanyu.ledger.refusals import Outcome as Posting
from quanyu.ledger.refusals import Posted, Refusal
from quanyu.ledger.transfers import Phase, Transfer, TransferId, transfer_id
from quanyu.promotions.flash_sales.deciding import Counter
from quanyu.promotions.flash_sales.ports import Inbox, Ports
from quanyu.promotions.flash_sales.sales import (
    NAME,
    Attempt,
    Held,
    Outcome,
    Reason,
    Reservation,
    Sale,
    Standing,
    State,
    Terms,
    account,
    accounts_of,
    decode_terms,
    hold_id,
    loading,
    opaque_order,
    page_of,
    window_of,
)
from quanyu.promotions.pricing.compared_prices import shown

Tx = TypeVar("Tx")


_BREATH = {Refusal.PENDING_TRANSFER_EXPIRED: Reason.HOLD_EXPIRED}


class FlashDesk(Generic[Tx]):
    """The verbs in the caller's transaction, and ``write`` for a group of attempts."""

    def __init__(self, ports: Ports[Tx]) -> None:
        self._ports = ports

    def write(self, attempts: list[Attempt]) -> list[Outcome]:
        """One transaction for all of them, in their order. A refusal is not remembered: the same
        request may succeed later."""
        with self._ports.transaction() as tx:
            return self.attempt(tx, attempts)

    def attempt(self, tx: Tx, attempts: Sequence[Attempt]) -> list[Outcome]:
        rows = self._ports.reservations
        names = sorted({(one.merchant, one.sale) for one in attempts})
        sales = rows.lock_sales(tx, names)
        asked = [(sales.get((one.merchant, one.sale)), one) for one in attempts]
        known = rows.known(tx, [(sale, one.request) for sale, one in asked if sale])
        counter = self._counter(tx, asked)
        new: dict[tuple[int, str], Attempt] = {}
        verdicts: list[Refused | tuple[int, str]] = []
        for sale, one in asked:
            key = (sale.id if sale else 0, one.request)
            before = known.get(key)
            said = before.holder if before else new[key].holder if key in new else None
            if said is not None:
                same = said == one.holder
                verdicts.append(key if same else Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST))
                continue
            refused = counter.decide(one, sale, now_us=self._ports.clock.now_us())
            if refused is None:
                new[key] = one
            verdicts.append(refused or key)
        made = self._reserve(tx, [(sales[(a.merchant, a.sale)], a) for a in new.values()])
        held = {**known, **made}
        return [one if isinstance(one, Refused) else held[one].held for one in verdicts]

    def claim(self, tx: Tx, merchant: str, *, hold: str, order: str, holder: Identifier) -> Outcome:
        """When an order is placed: the piece waits for this order and no other."""
        found = self._waiting(tx, merchant, hold=hold, order=order, holder=holder)
        if isinstance(found, Refused):
            return found
        self._ports.reservations.claim(tx, found, order=order)
        return found.held

    def held(self, tx: Tx, merchant: str, *, hold: str, order: str, holder: Identifier) -> Outcome:
        """What ``claim`` would say."""
        found = self._waiting(tx, merchant, hold=hold, order=order, holder=holder)
        return found if isinstance(found, Refused) else found.held

    def _waiting(
        self, tx: Tx, merchant: str, *, hold: str, order: str, holder: Identifier
    ) -> Reservation | Refused:
        """Locked; of this person, in time, and not for another order."""
        found = self._ports.reservations.lock(tx, merchant, hold=bytes_of(hold))
        if found is None or not self._is_of(tx, found, holder=holder):
            return Refused(Reason.NOT_FOUND)
        if found.expires_us <= self._ports.clock.now_us() or found.state is State.EXPIRED:
            return Refused(Reason.HOLD_EXPIRED)
        if found.state is not State.HELD or found.order not in ("", order):
            return Refused(Reason.WRONG_STATE)
        return found

    def _is_of(self, tx: Tx, found: Reservation, *, holder: Identifier) -> bool:
        if found.holder == holder:
            return True
        both = [found.holder, holder]
        person = self._ports.persons(tx, found.sale.merchant, holders=both)
        return person.get(holder, holder) == person.get(found.holder, found.holder)

    def confirm(self, tx: Tx, merchant: str, *, hold: str, order: str) -> Outcome:
        """At payment: the piece is sold. Repeated, it gives the first result."""
        return self._end(tx, merchant, hold=hold, order=order, state=State.SOLD)

    def release(self, tx: Tx, merchant: str, *, hold: str, order: str = "") -> Outcome:
        """The piece is free again."""
        return self._end(tx, merchant, hold=hold, order=order, state=State.RELEASED)

    def standing(self, tx: Tx, sale: Sale) -> Standing:
        free, sold = account(sale, "free"), account(sale, "sold")
        balances = self._ports.book.balances(tx, [free, sold])
        held = balances[free].debits_pending
        return Standing(
            balances[free].credits_posted, balances[free].available, held, balances[sold].posted
        )

    def in_stock(self, tx: Tx, merchant: str, *, item: str) -> int | None:
        """Free pieces in the sales of the item that are open now; None where there is no such."""
        now_us = self._ports.clock.now_us()
        sales = [
            one for one in self._ports.reservations.sales(tx, merchant)
            if one.terms.item == item and one.is_open(now_us)
        ]  # fmt: skip
        return sum(self.standing(tx, one).free for one in sales) if sales else None

    def _counter(self, tx: Tx, asked: Sequence[tuple[Sale | None, Attempt]]) -> Counter:
        """What every decision of the group needs, read once under the lock of the sales."""
        sales = {sale.id: sale for sale, _ in asked if sale is not None}
        names = {id: (account(one, "free"), account(one, "sold")) for id, one in sales.items()}
        found = self._ports.book.balances(tx, [name for both in names.values() for name in both])
        free = {id: for_sale(found[free], found[sold]) for id, (free, sold) in names.items()}
        person: dict[Identifier, Identifier] = {}
        for merchant in sorted({sale.merchant for sale in sales.values()}):
            holders = sorted(
                {one.holder for sale, one in asked if sale and one.merchant == merchant}
            )
            person |= self._ports.persons(tx, merchant, holders=holders)
        return Counter(free, self._had(tx, asked, person=person), person)

    def _had(
        self,
        tx: Tx,
        asked: Sequence[tuple[Sale | None, Attempt]],
        *,
        person: Mapping[Identifier, Identifier],
    ) -> dict[tuple[int, Identifier], int]:
        """A person's pieces are those of all their identifiers."""
        together: dict[Identifier, list[Identifier]] = {}
        for identifier, name in person.items():
            together.setdefault(name, []).append(identifier)
        wanted = {
            (sale.id, other): sale
            for sale, one in asked
            if sale is not None
            for other in together.get(person.get(one.holder, one.holder), [one.holder])
        }
        pairs = [(sale, holder) for (_, holder), sale in wanted.items()]
        counts = self._ports.reservations.counts(tx, pairs, now_us=self._ports.clock.now_us())
        had: dict[tuple[int, Identifier], int] = {}
        for (sale_id, holder), number in counts.items():
            who = sale_id, person.get(holder, holder)
            had[who] = had.get(who, 0) + number
        return had

    def _reserve(
        self, tx: Tx, granted: Sequence[tuple[Sale, Attempt]]
    ) -> dict[tuple[int, str], Reservation]:
        if not granted:
            return {}
        holds = [holding(sale, one.request) for sale, one in granted]
        outcomes = self._ports.book.post(tx, [[hold] for hold in holds])
        made = {
            (sale.id, one.request): _reservation(sale, one, hold=hold, outcome=outcome)
            for (sale, one), hold, outcome in zip(granted, holds, outcomes, strict=True)
        }
        self._ports.reservations.add(tx, list(made.values()))
        return made

    def _end(self, tx: Tx, merchant: str, *, hold: str, order: str, state: State) -> Outcome:
        rows = self._ports.reservations
        found = rows.lock(tx, merchant, hold=bytes_of(hold))
        if found is None:
            return Refused(Reason.NOT_FOUND)
        if found.state is state:
            return found.held if found.order == order else Refused(Reason.WRONG_STATE)
        over = found.expires_us <= self._ports.clock.now_us()
        if found.state is State.EXPIRED or (found.state is State.HELD and over):
            return Refused(Reason.HOLD_EXPIRED)
        if found.state is not State.HELD or found.order not in ("", order):
            return Refused(Reason.WRONG_STATE)
        (outcome,) = self._ports.book.post(tx, [[ending(found, state)]])
        if not isinstance(outcome, Posted):
            assert outcome.reason in _BREATH, outcome
            return Refused(_BREATH[outcome.reason])
        rows.pass_to(tx, found, state=state, order=order)
        terms = found.sale.terms
        return Held(hold, terms.item, terms.price_fen, found.expires_us, state)


def for_sale(free: Balance, sold: Balance) -> int:
    """Stock that the book has frozen is not for sale."""
    return 0 if free.frozen or sold.frozen else free.available


def _reservation(sale: Sale, attempt: Attempt, *, hold: Transfer, outcome: Posting) -> Reservation:
    assert isinstance(outcome, Posted), f"the sale is locked, so its stock is as read: {outcome}"
    expires_us = outcome.at_us + sale.terms.hold_seconds * SECOND_US
    return Reservation(hold.id, sale, attempt.holder, State.HELD, expires_us, attempt.request)


def holding(sale: Sale, request: str) -> Transfer:
    """One piece, until it is paid or its time is over."""
    return Transfer(
        hold_id(sale, request), account(sale, "free"), account(sale, "sold"), 1, "flash.hold",
        Phase.HOLD, timeout_us=sale.terms.hold_seconds * SECOND_US,
    )  # fmt: skip


def ending(reservation: Reservation, state: State) -> Transfer:
    hold = holding(reservation.sale, reservation.request)
    id = transfer_id(reservation.sale.merchant, f"flash.{state}", reservation.id.hex())
    return hold.settled(id) if state is State.SOLD else hold.released(id)


def bytes_of(hold: str) -> TransferId:
    try:
        return TransferId(bytes.fromhex(hold))
    except ValueError:
        return TransferId(b"")


class FlashSales(Generic[Tx]):
    """The doors: what a merchant and a buyer may ask."""

    def __init__(self, ports: Ports[Tx], *, inbox: Callable[[], Inbox]) -> None:
        self.ports = ports
        self._inbox = inbox
        self._terms: dict[tuple[str, str], Terms] = {}
        self.desk = FlashDesk(ports)

    def create(self, merchant: str, body: bytes) -> Sale:
        """Makes a sale and loads its pieces. Raises BadInput, and Unlawful."""
        terms = decode_terms(body)
        self.ports.door.admit(merchant, page_of(terms), place="sale")
        with self.ports.transaction() as tx:
            self._let_through(tx, merchant, terms=terms)
            sale = self.ports.reservations.add_sale(tx, merchant, terms=terms)
            self.ports.book.open(tx, accounts_of(sale))
            (outcome,) = self.ports.book.post(tx, [[loading(sale)]])
            assert isinstance(outcome, Posted), outcome
        return sale

    def _let_through(self, tx: Tx, merchant: str, *, terms: Terms) -> None:
        """Raises Unlawful for a compared price that is not true."""
        if terms.compared is not None:
            one = shown(terms.compared, item=terms.item, price_fen=terms.price_fen)
            self.ports.comparing.let_through(
                tx, merchant, prices=[one], compared=terms.compared, from_us=window_of(terms)[0]
            )

    def show(self, merchant: str, name: str) -> tuple[Sale, Standing]:
        with self.ports.transaction() as tx:
            sale = self._found(tx, merchant, name=name)
            return sale, self.desk.standing(tx, sale)

    def running(self, merchant: str) -> list[Sale]:
        """Sales that are not over and not closed, also those that are to come."""
        now_us = self.ports.clock.now_us()
        with self.ports.transaction() as tx:
            sales = self.ports.reservations.sales(tx, merchant)
        return [one for one in sales if not one.closed and one.ends_us > now_us]

    def close(self, merchant: str, name: str) -> tuple[Sale, Standing]:
        """The kill switch."""
        with self.ports.transaction() as tx:
            sale = self._found(tx, merchant, name=name)
            self.ports.reservations.close(tx, sale)
            return self._found(tx, merchant, name=name), self.desk.standing(tx, sale)

    def submit(self, attempt: Attempt) -> "Future[Outcome]":
        """Durable when it answers; many callers share one transaction."""
        return self._inbox().submit(attempt)

    def asked(
        self, merchant: str, sale: str, *, identifier: str, request: str, words: frozenset[str]
    ) -> Attempt:
        """An attempt of a person. Raises BadInput, and NotFound for what can be no sale's name."""
        if NAME.fullmatch(sale) is None:
            raise NotFound(f"flash sale {sale!r}")
        Request(merchant, "flash.attempt", request, b"")
        kind, value = read_identifier(identifier)
        holder = kind, self.ports.tokeniser_of(merchant).token(kind, value)
        return Attempt(merchant, sale, holder, request, words)

    def confirm(self, merchant: str, hold: str, *, order: str) -> Outcome:
        with self.ports.transaction() as tx:
            return self.desk.confirm(tx, merchant, hold=hold, order=opaque_order(order))

    def release(self, merchant: str, hold: str) -> Outcome:
        with self.ports.transaction() as tx:
            return self.desk.release(tx, merchant, hold=hold)

    def expire(self) -> int:
        """Notes the holds whose time is over."""
        with self.ports.transaction() as tx:
            return self.ports.reservations.expire(tx, self.ports.clock.now_us())

    def asks_for_words(self, merchant: str, name: str) -> bool:
        """Does eligibility matter to this sale? Its terms never change, so they are remembered."""
        known = self._terms.get((merchant, name))
        if known is None:
            with self.ports.transaction() as tx:
                known = self._terms[merchant, name] = self._found(tx, merchant, name=name).terms
        return known.only is not None or known.early is not None

    def _found(self, tx: Tx, merchant: str, *, name: str) -> Sale:
        if NAME.fullmatch(name) is None:
            raise NotFound(f"flash sale {name!r}")
        sale = self.ports.reservations.sale(tx, merchant, name=name)
        if sale is None:
            raise NotFound(f"flash sale {name!r}")
        return sale
