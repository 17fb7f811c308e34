"""Offers in PostgreSQL: every change is one transaction with its line of history."""

from collections.abc import Callable
from typing import Any

import msgspec
import psycopg

from quanyu.errors import Refused
from quanyu.events.once import Once
from quanyu.events.requests import Request
from quanyu.ledger.book import Book
from quanyu.promotions.offers.answers import Change, Offer, OfferAnswer, OfferRefusal
from quanyu.promotions.offers.lifecycle import OfferState, OfferVerb, moved
from quanyu.promotions.offers.ports import By
from quanyu.promotions.offers.terms import Template
from quanyu.storage.postgres.offers.changing import (
    Locked,
    add,
    lock,
    move,
    note,
    publish,
    reset,
    turn,
)
from quanyu.storage.postgres.offers.reading import found, history, offer_balances

Work = Callable[[psycopg.Connection], OfferAnswer]


class PostgresOffers:
    """The port ``OfferStore``. Above ``four_eyes_fen`` of money somebody else approves."""

    def __init__(
        self, once: Once[psycopg.Connection], book: Book[psycopg.Connection], *, four_eyes_fen: int
    ) -> None:
        self._once = once
        self._database = once.transactions
        self._book = book
        self._four_eyes_fen = four_eyes_fen

    def create(self, merchant: str, template: Template, *, by: By) -> OfferAnswer:
        name = str(template.terms["id"])

        def work(tx: psycopg.Connection) -> OfferAnswer:
            offer_no = add(tx, merchant, template=template, at_us=by.at_us)
            if offer_no is None:
                return Refused(OfferRefusal.ID_TAKEN)
            note(tx, offer_no, by=by, what="create", ends=("", OfferState.DRAFT))
            return found(tx, merchant, offer=name)[0]

        content = [by.actor, msgspec.to_builtins(template)]
        return self._run((merchant, "offer.create", by.request), work, content=content)

    def move(self, merchant: str, offer: str, *, verb: OfferVerb, by: By) -> OfferAnswer:
        def work(tx: psycopg.Connection) -> OfferAnswer:
            locked = lock(tx, merchant, offer=offer)
            if locked is None:
                return Refused(OfferRefusal.NOT_FOUND)
            after = moved(locked.state, verb)
            if after is None:
                return Refused(OfferRefusal.WRONG_STATE)
            seen = found(tx, merchant, offer=offer)[0]
            if verb is OfferVerb.APPROVE and self._needs_another(seen, locked, actor=by.actor):
                return Refused(OfferRefusal.SAME_ACTOR)
            submitted_by = by.actor if verb is OfferVerb.SUBMIT else None
            move(tx, locked, after=after, submitted_by=submitted_by)
            note(tx, locked.offer_no, by=by, what=verb, ends=(locked.state, after))
            if verb is OfferVerb.APPROVE:
                publish(tx, self._book, offer=seen)
            return msgspec.structs.replace(seen, state=after)

        place = merchant, f"offer.{verb}", by.request
        return self._run(place, work, content=[by.actor, offer, by.note])

    def _needs_another(self, offer: Offer, locked: Locked, *, actor: str) -> bool:
        return offer.template.money > self._four_eyes_fen and locked.submitted_by == actor

    def kill(self, merchant: str, offer: str | None, *, killed: bool, by: By) -> list[str]:
        """Waits for redemptions under way; none comes through after it has returned."""
        ends = ("running", "killed") if killed else ("killed", "running")
        with self._database.transaction() as tx:
            turned = turn(tx, merchant, offer=offer, killed=killed)
            for number, _ in turned:
                note(tx, number, by=by, what="kill" if killed else "revive", ends=ends)
        return sorted(name for _, name in turned)

    def reset_breaker(self, merchant: str, offer: str, *, by: By) -> OfferAnswer:
        def work(tx: psycopg.Connection) -> OfferAnswer:
            locked = lock(tx, merchant, offer=offer)
            if locked is None:
                return Refused(OfferRefusal.NOT_FOUND)
            if not reset(tx, locked):
                return Refused(OfferRefusal.NOT_TRIPPED)
            note(tx, locked.offer_no, by=by, what="breaker_reset", ends=("tripped", "running"))
            return found(tx, merchant, offer=offer)[0]

        place = merchant, "offer.breaker_reset", by.request
        return self._run(place, work, content=[by.actor, offer, by.note])

    def find(self, merchant: str, offer: str) -> Offer | None:
        with self._database.transaction() as tx:
            return next(iter(found(tx, merchant, offer=offer)), None)

    def listed(self, merchant: str) -> list[Offer]:
        with self._database.transaction() as tx:
            return found(tx, merchant)

    def history(self, merchant: str, offer: str) -> list[Change]:
        with self._database.transaction() as tx:
            return history(tx, merchant, offer=offer)

    def balances(self, merchant: str, offer: str) -> dict[str, int]:
        with self._database.transaction() as tx:
            return offer_balances(tx, self._book, merchant=merchant, offer=offer)

    def _run(self, place: tuple[str, str, str], work: Work, *, content: Any) -> OfferAnswer:
        """``place``: (merchant, operation, key)."""
        request = Request(*place, msgspec.json.encode(content, order="deterministic"))
        return self._once.run(request, work, answer=Offer)
