"""Writes what was decided, and checks that each row was still as it was seen."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.events.event import Event
from quanyu.events.recording import Facts, Occasion, fact
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Issue, OnCoupon
from quanyu.promotions.coupons.deciding import WATCHED, operation, receiver
from quanyu.promotions.coupons.step import Step
from quanyu.storage.postgres.coupons.loading import Loaded
from quanyu.storage.postgres.coupons.rows import changes
from quanyu.storage.postgres.sql_files import sql


class Taken(NamedTuple):
    """A command that was not refused, and what it does."""

    command: AnyCommand
    step: Step


class New(NamedTuple):
    merchant: str
    coupon: Coupon
    seq: int | None = None
    """Which piece of its holder it is."""


def save(tx: psycopg.Connection, loaded: Loaded, *, taken: Sequence[Taken]) -> None:
    _change(tx, loaded, taken=taken)
    _add(tx, loaded, issued=[one for one in taken if isinstance(one.command, Issue)])
    _add_rests(tx, loaded, taken=taken)
    _count_holders(tx, loaded, taken=taken)
    _count_values(tx, loaded, taken=taken)
    _trip(tx, loaded)


def _change(tx: psycopg.Connection, loaded: Loaded, *, taken: Sequence[Taken]) -> None:
    """Several steps of one coupon in one write are one change of its row."""
    after: dict[tuple[str, str], Coupon] = {}
    for command, decided in taken:
        place = command.merchant, decided.coupon.id
        if place in loaded.stored:
            after[place] = decided.coupon
    if not after:
        return
    befores = [loaded.stored[place].state.value for place in after]
    args = {"befores": befores, **changes(list(after.values()))}
    changed = tx.execute(sql("coupons/change"), args).rowcount
    assert changed == len(after), f"{changed} of {len(after)} locked coupons were as seen"
    loaded.stored.update(after)


def _add(tx: psycopg.Connection, loaded: Loaded, *, issued: Sequence[Taken]) -> None:
    pieces: Counter[tuple[str, str, Identifier]] = Counter()
    added: list[New] = []
    for command, decided in issued:
        assert isinstance(command, Issue), "only these make coupons"
        place = (command.merchant, command.offer, command.holder)
        pieces[place] += 1
        added.append(New(command.merchant, decided.coupon, loaded.had[place] + pieces[place]))
    _add_rows(tx, loaded, added=added)


def _add_rests(tx: psycopg.Connection, loaded: Loaded, *, taken: Sequence[Taken]) -> None:
    """They count as no piece more of their holder."""
    added = [New(one.command.merchant, one.step.rest) for one in taken if one.step.rest]
    _add_rows(tx, loaded, added=added)


def _add_rows(tx: psycopg.Connection, loaded: Loaded, *, added: Sequence[New]) -> None:
    if not added:
        return
    coupons = [new.coupon for new in added]
    args = {
        "merchants": [loaded.merchants[new.merchant] for new in added],
        "offers": [loaded.numbers[new.merchant, new.coupon.offer] for new in added],
        "coupons": [one.id for one in coupons],
        "kinds": [one.holder and one.holder[0] for one in coupons],
        "tokens": [one.holder and one.holder[1] for one in coupons],
        "seqs": [new.seq for new in added],
        "issued": [one.issued_us for one in coupons],
        "expires": [one.expires_us for one in coupons],
        "faces": [one.face_fen for one in coupons],
        "codes": [None] * len(coupons),
        "lasts": [""] * len(coupons),
    }
    rows = tx.execute(sql("coupons/add"), args).rowcount
    assert rows == len(coupons), f"{rows} of {len(coupons)} coupons were added"


def _count_holders(tx: psycopg.Connection, loaded: Loaded, *, taken: Sequence[Taken]) -> None:
    pieces: Counter[tuple[int, str, bytes]] = Counter()
    for command, decided in taken:
        holder = receiver(command)
        if holder is not None:
            number = loaded.numbers[command.merchant, decided.coupon.offer]
            pieces[(number, *holder)] += 1
    if not pieces:
        return
    args = {
        "offers": [offer for offer, _, _ in pieces],
        "kinds": [kind for _, kind, _ in pieces],
        "tokens": [token for _, _, token in pieces],
        "pieces": list(pieces.values()),
    }
    counted = tx.execute(sql("coupons/count_holders"), args).rowcount
    assert counted == len(pieces), f"{counted} of {len(pieces)} holders were counted"


def _count_values(tx: psycopg.Connection, loaded: Loaded, *, taken: Sequence[Taken]) -> None:
    grown: Counter[tuple[int, str]] = Counter()
    for command, decided in taken:
        what, coupon = WATCHED.get(operation(command)), decided.coupon
        if what is not None:
            number = loaded.numbers[command.merchant, coupon.offer]
            spent_fen = coupon.spent_fen
            grown[number, what] += coupon.face_fen if spent_fen is None else spent_fen
    if grown:
        args = {
            "offers": [number for number, _ in grown],
            "whats": [what for _, what in grown],
            "values": list(grown.values()),
            "minute": loaded.sight.minute,
        }
        tx.execute(sql("coupons/count_minutes"), args)


def _trip(tx: psycopg.Connection, loaded: Loaded) -> None:
    for trip in loaded.sight.trips:
        args = {
            "offer_no": loaded.numbers[trip.offer.merchant, trip.offer.id],
            "at_us": loaded.sight.now_us,
            "what": trip.what,
            "minutes": trip.window,
            "value_fen": trip.value_fen,
        }
        tx.execute(sql("coupons/trip"), args)


def fact_of(command: AnyCommand, decided: Step, *, at_us: int) -> Event | None:
    """None for a coupon that is nobody's: a fact is about somebody."""
    coupon, piece = decided.coupon, decided.rest or decided.coupon
    if decided.fact is None or coupon.holder is None:
        return None
    claim = command.offline if isinstance(command, OnCoupon) else None
    on = Occasion(claim.at_us if claim else at_us, command.touchpoint, (coupon.holder,))
    event_id = f"coupon.{operation(command)}/{command.request}"
    return fact(
        decided.fact,
        event_id,
        on=on,
        offer=coupon.offer,
        order=coupon.order,
        store=coupon.store,
        amount_fen=piece.spent_fen,
        props={"coupon": piece.id, "face_fen": piece.face_fen},
    )


def tell(
    tx: psycopg.Connection,
    facts: Facts[psycopg.Connection],
    *,
    taken: Sequence[Taken],
    at_us: int,
) -> None:
    """Last of all: the log is locked until the transaction ends."""
    by_merchant: dict[str, list[Event]] = {}
    for command, decided in taken:
        told = fact_of(command, decided, at_us=at_us)
        if told is not None:
            by_merchant.setdefault(command.merchant, []).append(told)
    for merchant in sorted(by_merchant):
        facts.record(tx, merchant, facts=by_merchant[merchant])


def nameless(taken: Taken) -> Coupon:
    """Answers are kept, and kept answers name nobody: erasure has nothing to do there."""
    return msgspec.structs.replace(taken.step.coupon, holder=None, gift=None, no=0)
