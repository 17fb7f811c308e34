"""The desk of points: each verb works in the caller's transaction, so that an order and its points
commit together.

An order spends when it is placed and gets the same lots back when it is cancelled: there is no
hold that could time out between the two. Verbs name an order; the same earning or spending again
gives the first result. ``give_back`` and ``refund`` add up, so their caller keeps its own request.
"""

from collections.abc import Sequence
from functools import partial
from typing import Generic, Unpack

import msgspec

from quanyu.events.event import Event, PropValue
from quanyu.events.recording import Occasion, Said, fact
from quanyu.ledger.refusals import Posted
from quanyu.promotions.loyalty.answers import (
    Earned,
    GivenBack,
    HandedOver,
    IssueOffer,
    Spent,
    TakenBack,
)
from quanyu.promotions.loyalty.lots import Lot, Source, State
from quanyu.promotions.loyalty.moves import Kind, named, transfer
from quanyu.promotions.loyalty.ports import Member, Ports, Tx
from quanyu.promotions.loyalty.programmes import (
    Line,
    Programme,
    available_us,
    expires_us,
    opaque,
    points_for,
    value_fen,
)
from quanyu.promotions.loyalty.refusals import Reason, Refused
from quanyu.promotions.loyalty.shelf import (
    Shelf,
    catch_up,
    earned,
    grant,
    hand_over,
    refund_earning,
    restore,
    spend,
)

TOUCHPOINT = "loyalty"


class Order(msgspec.Struct, frozen=True):
    """An order of a merchant; in a shared programme two merchants may use one number."""

    merchant: str
    id: str
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        opaque("order", self.id)

    @property
    def reference(self) -> str:
        return f"{self.merchant}/{self.id}"


class PointsDesk(Generic[Tx]):
    def __init__(self, ports: Ports[Tx]) -> None:
        self._ports = ports

    def earn(
        self, tx: Tx, programme: Programme, *, member: Member, order: Order, lines: Sequence[Line]
    ) -> Earned | Refused:
        """At payment. Points are pending until the return window is over."""
        now_us = self._ports.clock.now_us()
        points, cash_fen = points_for(programme.terms, lines), sum(one.cash_fen for one in lines)
        effects = effects_of(programme, order)
        self._ports.purses.take_turn(tx, programme, reference=order.reference)
        shelf = self._shelf(tx, [member.id])
        known = self._ports.purses.lot_of(tx, programme, reference=order.reference)
        if known is not None:
            same = (known.member, known.granted, known.cash_fen) == (member.id, points, cash_fen)
            return earned_by(known, effects) if same else Refused(Reason.ALREADY_EARNED)
        if points == 0:
            return Earned(0, now_us, effects)
        lot = msgspec.structs.replace(
            self._new_lot(tx, programme, member=member, points=points),
            available_us=available_us(programme.terms, now_us),
            reference=order.reference,
            funder=order.merchant,
            cash_fen=cash_fen,
        )
        earned(shelf, lot, now_us=now_us)
        key = f"{programme.id}:{order.reference}"
        props: dict[str, PropValue] = {"points": points}
        told = self._said("points_earned", member, key=key, order=order.id, props=props)
        self._write(tx, programme, shelf=shelf, reference=order.reference, facts=[told])
        return earned_by(lot, effects)

    def welcome(self, tx: Tx, programme: Programme, *, member: Member, points: int) -> None:
        """Tells that somebody has joined, and gives points that are available at once and count
        for no tier."""
        shelf = self._shelf(tx, [member.id])
        name = named(programme, member.holder, what="joined")
        told = [self._said("member_joined", member, key=name)]
        if points:
            made = self._new_lot(tx, programme, member=member, points=points)
            lot = msgspec.structs.replace(made, source=Source.JOINING)
            grant(shelf, lot, now_us=self._ports.clock.now_us())
            props: dict[str, PropValue] = {"points": points, "source": lot.source.value}
            told.append(self._said("points_earned", member, key=name, props=props))
        self._write(tx, programme, shelf=shelf, reference="joining", facts=told)

    def spend(
        self, tx: Tx, programme: Programme, *, members: Sequence[Member], order: Order, points: int
    ) -> Spent | Refused:
        """From all purses of the person; the first member is who the fact speaks of."""
        self._ports.purses.take_turn(tx, programme, reference=order.reference)
        shelf = self._shelf(tx, [member.id for member in members])
        before = self._ports.purses.spend_of(tx, programme, reference=order.reference)
        result = Spent(points, value_fen(programme.terms, points))
        if before is not None:
            untouched = not any(link.restored for link in before.links)
            same = before.points == points and untouched
            return result if same else Refused(Reason.ALREADY_SPENT, before.points, points)
        taken = spend(shelf, points)
        if isinstance(taken, Refused):
            return taken
        self._ports.purses.add_spend(tx, programme, reference=order.reference, taken=taken)
        key = f"{programme.id}:{order.reference}"
        props: dict[str, PropValue] = {"points": points}
        told = self._said("points_spent", members[0], key=key, order=order.id, props=props)
        self._write(tx, programme, shelf=shelf, reference=order.reference, facts=[told])
        return result

    def give_back(
        self, tx: Tx, programme: Programme, *, order: Order, points: int | None = None
    ) -> GivenBack | Refused:
        """Points of a spend, all that are still out unless said, to the lots they came from."""
        purses, reference = self._ports.purses, order.reference
        found = purses.spend_of(tx, programme, reference=reference)
        if found is None:
            return Refused(Reason.NOTHING_SPENT)
        lots = [link.lot for link in found.links]
        shelf = self._shelf(tx, [lot.member for lot in purses.lots(tx, lots)])
        shelf.load(purses.lots(tx, lots))
        spent = purses.spend_of(tx, programme, reference=reference)
        assert spent is not None, "spends are never removed"
        done = restore(
            shelf,
            spent.links,
            points=spent.out if points is None else points,
            now_us=self._ports.clock.now_us(),
            grace_days=programme.terms.grace_days,
        )
        if isinstance(done, Refused):
            return done
        purses.save_links(tx, spent, links=done.links)
        self._write(tx, programme, shelf=shelf, reference=reference, facts=())
        return GivenBack(done.points, done.gone)

    def refund(
        self, tx: Tx, programme: Programme, *, order: Order, cash_fen: int
    ) -> TakenBack | Refused:
        """Takes back what the refunded cash had earned."""
        purses = self._ports.purses
        lot = purses.lot_of(tx, programme, reference=order.reference)
        if lot is None:
            return Refused(Reason.NOTHING_EARNED)
        shelf = self._shelf(tx, self._purses_of_person(tx, programme, member=lot.member))
        shelf.load(purses.lots(tx, [lot.id]))
        points = refund_earning(shelf, lot.id, cash_fen=cash_fen)
        if isinstance(points, Refused):
            return points
        self._write(tx, programme, shelf=shelf, reference=order.reference, facts=())
        return TakenBack(points, shelf.debt)

    def transfer(
        self, tx: Tx, programme: Programme, *, members: Sequence[Member], to: Member, points: int
    ) -> HandedOver | Refused:
        """To another member of the programme."""
        if not programme.terms.transferable:
            return Refused(Reason.NOT_TRANSFERABLE)
        givers = [member.id for member in members]
        if to.id in givers:
            return Refused(Reason.SAME_MEMBER)
        self._shelf(tx, [*givers, to.id])
        shelf = self._shelf(tx, givers)
        ids = partial(self._ports.purses.new_lot_ids, tx)
        lots = hand_over(shelf, points, to=to.id, new_ids=ids)
        if isinstance(lots, Refused):
            return lots
        shelf.lots.update((lot.id, lot) for lot in lots)
        self._write(tx, programme, shelf=shelf, reference="transfer", facts=())
        return HandedOver(points)

    def sweep(self, tx: Tx, programme: Programme, *, member: int) -> int:
        """Writes down what time alone has brought about; returns how many moves that were."""
        shelf = self._shelf(tx, [member])
        self._write(tx, programme, shelf=shelf, reference="time", facts=())
        return len(shelf.moves)

    def _shelf(self, tx: Tx, members: Sequence[int]) -> Shelf:
        """Locked, and up to the minute."""
        shelf = self._ports.purses.load(tx, sorted(set(members)), lock=True)
        catch_up(shelf, now_us=self._ports.clock.now_us())
        return shelf

    def _purses_of_person(self, tx: Tx, programme: Programme, *, member: int) -> list[int]:
        purses = self._ports.purses
        (one,) = purses.members_by_id(tx, [member])
        holders = self._ports.people(tx, programme.owner, holder=one.holder)
        found = purses.members(tx, programme, holders=holders)
        return [member, *(other.id for other in found)]

    def _new_lot(self, tx: Tx, programme: Programme, *, member: Member, points: int) -> Lot:
        now_us = self._ports.clock.now_us()
        (id,) = self._ports.purses.new_lot_ids(tx, 1)
        ends_us = expires_us(programme.terms.expiry, now_us)
        return Lot(
            id, member.id, points, points, State.PENDING, now_us, ends_us, funder=programme.owner
        )

    def _write(
        self, tx: Tx, programme: Programme, *, shelf: Shelf, reference: str, facts: Sequence[Event]
    ) -> None:
        """Rows, then postings, then facts: the order in which everybody locks."""
        self._ports.purses.save(tx, shelf)
        chain = [transfer(programme, move, reference=reference) for move in shelf.moves]
        for outcome in self._ports.book.post(tx, [chain]) if chain else ():
            assert isinstance(outcome, Posted), f"lots and book differ: {outcome}"
        told = [*self._expiries(tx, shelf), *facts]
        self._ports.facts.record(tx, programme.owner, facts=told)

    def _expiries(self, tx: Tx, shelf: Shelf) -> list[Event]:
        moves = [move for move in shelf.moves if move.kind is Kind.EXPIRE]
        found = self._ports.purses.members_by_id(tx, sorted({move.member for move in moves}))
        members = {member.id: member for member in found}
        return [
            self._said(
                "points_expired",
                members[move.member],
                key=f"{move.lot}:{move.version}",
                props={"points": move.points},
            )
            for move in moves
        ]

    def _said(self, kind: str, member: Member, *, key: str, **said: Unpack[Said]) -> Event:
        on = Occasion(self._ports.clock.now_us(), TOUCHPOINT, (member.holder,))
        return fact(kind, f"{kind}:{key}", on=on, **said)


def effects_of(programme: Programme, order: Order) -> tuple[IssueOffer, ...]:
    return tuple(
        IssueOffer(one.offer, one.flag)
        for one in programme.terms.order_rewards
        if one.flag in order.flags
    )


def earned_by(lot: Lot, effects: tuple[IssueOffer, ...]) -> Earned:
    return Earned(lot.granted, lot.available_us, effects)
