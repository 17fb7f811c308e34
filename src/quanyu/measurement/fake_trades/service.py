"""Scans of the engine's own orders, and what people say of what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from quanyu.clock import DAY_US, HOUR_US, Clock
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.once import Once
from quanyu.events.requests import Request
from quanyu.events.scrub import scrub_text
from quanyu.measurement.fake_trades.answers import (
    BY_PERSON,
    PPM,
    Against,
    ScanDone,
    Standing,
    SuspectedOrder,
)
from quanyu.measurement.fake_trades.ports import By, Page, PaidOrders, SuspectedOrders

if TYPE_CHECKING:
    from quanyu.compliance.trades.scan import Group, Report, Told

Tx = TypeVar("Tx")
DAYS = 90
DAYS_MAX = 3_660
DUE_AFTER_US = 20 * HOUR_US
ACTOR_MAX = 64
NOTE_MAX = 500
ORDER_MAX = 128
SCANNER = "scan"


@dataclass(frozen=True, slots=True)
class FakeTrades(Generic[Tx]):
    """A scan suspects; whether an order is fake, a person decides, and later scans remember it."""

    once: Once[Tx]
    store: SuspectedOrders[Tx]
    source: PaidOrders
    clock: Clock

    def scan(
        self, request: Request, *, days: int = DAYS, told: "Told" = lambda step: None
    ) -> ScanDone | Refused:
        """Orders paid in the last ``days`` days. Everything is looked at before anything is
        written; what was found is written in one transaction."""
        from quanyu.compliance.trades.scan import scan

        if not 1 <= days <= DAYS_MAX:
            raise BadInput("days", f"use 1 to {DAYS_MAX}")
        now_us = self.clock.now_us()
        paid = self.source.paid(request.merchant, from_us=now_us - days * DAY_US, to_us=now_us + 1)
        report, merchant = scan(paid, told), request.merchant
        seen = ScanDone(
            f"scan_{request.id}", now_us, days, paid.count, len(report.suspects),
            report.flagged_fen, 0, 0, 0, 0, tuple(_against(group) for group in report.groups),
        )  # fmt: skip
        return self.once.run(
            request, lambda tx: self._kept(tx, merchant, seen=seen, report=report), answer=ScanDone
        )

    def _kept(self, tx: Tx, merchant: str, *, seen: ScanDone, report: "Report") -> ScanDone:
        moved = self.store.keep(
            tx,
            merchant,
            suspects=_suspects(report, seen=seen),
            looked_at=set(report.orders.names["order"]),
            by=By(SCANNER, "", seen.at_us, seen.scan),
        )
        decided = seen.flagged - moved.new - moved.still
        done = msgspec.structs.replace(
            seen, new=moved.new, still=moved.still, withdrawn=moved.withdrawn, decided=decided
        )
        self.store.add_scan(tx, merchant, done=done)
        return done

    def scan_due(self, merchants: Sequence[str], told: "Told" = lambda step: None) -> int:
        """Those that were not looked at for most of a day; returns how many. What ``told`` raises
        ends it between two steps; merchants that are done stay done."""
        now_us = self.clock.now_us()
        with self.once.transactions.transaction() as tx:
            last = {name: self.store.last_scan_us(tx, name) or 0 for name in merchants}
        due = [name for name in merchants if now_us - last[name] >= DUE_AFTER_US]
        for name in due:
            self.scan(Request(name, "fraud.scan", f"daily:{now_us}", b""), told=told)
        return len(due)

    def listed(self, merchant: str, page: Page) -> Sequence[SuspectedOrder]:
        with self.once.transactions.transaction() as tx:
            return self.store.listed(tx, merchant, page=page)

    def show(self, merchant: str, order: str) -> SuspectedOrder:
        """With its history. Raises NotFound."""
        with self.once.transactions.transaction() as tx:
            return self._told(tx, merchant, order=order)

    def decide(
        self, request: Request, order: str, *, state: Standing, signed: tuple[str, str]
    ) -> SuspectedOrder | Refused:
        """``state``: confirmed or cleared; ``signed``: actor and note. Raises NotFound for an
        order that no scan suspected. Saying it again changes nothing."""
        assert state in (Standing.CONFIRMED, Standing.CLEARED), "only those are said by people"
        actor, note = _signed(*signed)

        def do(tx: Tx) -> SuspectedOrder:
            found = self._found(tx, request.merchant, order=order)
            if found.state is not state:
                by = By(actor, note, self.clock.now_us(), found.scan)
                self.store.move(tx, request.merchant, found=found, state=state, by=by)
            return self._told(tx, request.merchant, order=order)

        return self.once.run(request, do, answer=SuspectedOrder)

    def suspect(
        self, request: Request, order: str, *, signed: tuple[str, str]
    ) -> SuspectedOrder | Refused:
        """A person suspects what no scan has found, or what was cleared before. ``signed``: actor
        and note. Saying it again, or of a confirmed one, changes nothing. Raises NotFound for an
        order that nobody has paid."""
        actor, note = _signed(*signed)
        self._paid(request.merchant, order)

        def do(tx: Tx) -> SuspectedOrder:
            merchant, now_us = request.merchant, self.clock.now_us()
            found = self.store.find(tx, merchant, order=order) or SuspectedOrder(
                order, Standing.CLEARED, 0, "", BY_PERSON, now_us
            )
            known = found.state is Standing.SUSPECTED and found.by_person
            if not known and found.state is not Standing.CONFIRMED:
                self.store.suspect(
                    tx, merchant, found=found, by=By(actor, note, now_us, found.scan)
                )
            return self._told(tx, merchant, order=order)

        return self.once.run(request, do, answer=SuspectedOrder)

    def _paid(self, merchant: str, order: str) -> None:
        well_said = 0 < len(order) <= ORDER_MAX and "\0" not in order
        if not well_said or not self.source.is_paid(merchant, order=order):
            raise NotFound(f"paid order {order[:40]!r}")

    def _told(self, tx: Tx, merchant: str, *, order: str) -> SuspectedOrder:
        found = self._found(tx, merchant, order=order)
        history = tuple(self.store.history(tx, merchant, order=order))
        return msgspec.structs.replace(found, history=history)

    def _found(self, tx: Tx, merchant: str, *, order: str) -> SuspectedOrder:
        found = None
        if 0 < len(order) <= ORDER_MAX and "\0" not in order:
            found = self.store.find(tx, merchant, order=order)
        if found is None:
            raise NotFound(f"suspected order {order[:40]!r}; see `quanyu fraud list`")
        return found


def _signed(actor: str, note: str) -> tuple[str, str]:
    if not 1 <= len(actor) <= ACTOR_MAX or not actor.isprintable():
        raise BadInput("actor", f"say who does it, in 1 to {ACTOR_MAX} characters")
    if not note.strip() or len(note) > NOTE_MAX or not note.isprintable():
        raise BadInput("note", f"say why, in 1 to {NOTE_MAX} characters")
    return scrub_text(actor), scrub_text(note)


def _against(group: "Group", shows: Sequence[str] = ()) -> Against:
    return Against(
        group.kind,
        round(group.score, 6),
        len(group.buyers),
        len(group.items),
        len(group.orders),
        round(group.density, 6),
        group.evidence,
        tuple(shows),
        group.accounts,
    )


def _suspects(report: "Report", *, seen: ScanDone) -> list[SuspectedOrder]:
    names = report.orders.names["order"]
    return [
        SuspectedOrder(
            names[one.order],
            Standing.SUSPECTED,
            round(one.score * PPM),
            seen.scan,
            msgspec.structs.replace(seen.blocks[one.group], shows=one.shows),
            seen.at_us,
        )
        for one in report.suspects
    ]
