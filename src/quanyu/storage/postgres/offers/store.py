"""Offers in PostgreSQL: every change is one transaction with its line of history."""

from collections.abc import Callable

import msgspec
import psycopg

from quanyu.errors import BadInput
from quanyu.events.requests import Conflict, Request, Requests
from quanyu.ledger.book import Book
from quanyu.promotions.offers.accounts import accounts
from quanyu.promotions.offers.answers import Change, Offer, OfferAnswer, OfferRefusal, OfferRefused
from quanyu.promotions.offers.lifecycle import OfferState, OfferVerb, moved
from quanyu.promotions.offers.ports import By
from quanyu.promotions.offers.terms import Template
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.offers.changing import Locked, lock, move, note, publish
from quanyu.storage.postgres.offers.reading import found, history, offer_balances
from quanyu.storage.postgres.sql_files import sql

_encode = msgspec.json.Encoder(order="deterministic").encode
_answer = msgspec.json.Decoder(OfferAnswer).decode
Work = Callable[[psycopg.Connection], OfferAnswer]


class PostgresOffers:
    """The port ``OfferStore``. Above ``four_eyes_fen`` of money somebody else approves."""

    def __init__(
        self,
        database: Database,
        book: Book[psycopg.Connection],
        *,
        requests: Requests[psycopg.Connection],
        four_eyes_fen: int,
    ) -> None:
        self._database = database
        self._book = book
        self._requests = requests
        self._four_eyes_fen = four_eyes_fen

    def create(self, merchant: str, template: Template, *, by: By) -> OfferAnswer:
        name = str(template.terms["id"])

        def work(tx: psycopg.Connection) -> OfferAnswer:
            args = {
                "merchant_no": merchant_no(tx, merchant),
                "offer": name,
                "template": _encode(template),
                "at_us": by.at_us,
            }
            row = tx.execute(sql("offers/add"), args).fetchone()
            if row is None:
                return OfferRefused(OfferRefusal.ID_TAKEN, have=name)
            note(tx, row[0], by=by, what="create", ends=("", OfferState.DRAFT))
            return found(tx, merchant, offer=name)[0]

        content = _encode([by.actor, msgspec.to_builtins(template)])
        return self._once(Request(merchant, "offer.create", by.request, content), work)

    def move(self, merchant: str, offer: str, *, verb: OfferVerb, by: By) -> OfferAnswer:
        def work(tx: psycopg.Connection) -> OfferAnswer:
            locked = lock(tx, merchant, offer=offer)
            if locked is None:
                return OfferRefused(OfferRefusal.NOT_FOUND)
            after = moved(locked.state, verb)
            if after is None:
                return OfferRefused(OfferRefusal.WRONG_STATE, have=locked.state.value)
            seen = found(tx, merchant, offer=offer)[0]
            if verb is OfferVerb.APPROVE and self._needs_another(seen, locked, by.actor):
                return OfferRefused(OfferRefusal.SAME_ACTOR, have=by.actor)
            submitted_by = by.actor if verb is OfferVerb.SUBMIT else None
            move(tx, locked, after=after, submitted_by=submitted_by)
            note(tx, locked.offer_no, by=by, what=verb, ends=(locked.state, after))
            if verb is OfferVerb.APPROVE:
                publish(tx, self._book, offer=seen)
            return msgspec.structs.replace(seen, state=after)

        content = _encode([by.actor, offer, by.note])
        return self._once(Request(merchant, f"offer.{verb}", by.request, content), work)

    def _needs_another(self, offer: Offer, locked: Locked, actor: str) -> bool:
        return offer.template.money > self._four_eyes_fen and locked.submitted_by == actor

    def kill(self, merchant: str, offer: str | None, *, killed: bool, by: By) -> list[str]:
        """Waits for redemptions under way; none comes through after it has returned."""
        args: dict[str, object] = {"offer": offer, "killed": killed}
        with self._database.transaction() as tx:
            args["merchant_no"] = merchant_no(tx, merchant)
            turned = tx.execute(sql("offers/kill"), args).fetchall()
            for number, _ in turned:
                ends = ("running", "killed") if killed else ("killed", "running")
                note(tx, number, by=by, what="kill" if killed else "revive", ends=ends)
        killpoint("offers.committed")
        return sorted(name for _, name in turned)

    def reset_breaker(self, merchant: str, offer: str, *, by: By) -> OfferAnswer:
        def work(tx: psycopg.Connection) -> OfferAnswer:
            locked = lock(tx, merchant, offer=offer)
            if locked is None:
                return OfferRefused(OfferRefusal.NOT_FOUND)
            args = {"offer_no": locked.offer_no}
            if tx.execute(sql("offers/reset_breaker"), args).rowcount == 0:
                return OfferRefused(OfferRefusal.NOT_TRIPPED)
            tx.execute(sql("offers/forget_minutes"), args)
            note(tx, locked.offer_no, by=by, what="breaker_reset", ends=("tripped", "running"))
            return found(tx, merchant, offer=offer)[0]

        content = _encode([by.actor, offer, by.note])
        return self._once(Request(merchant, "offer.breaker_reset", by.request, content), work)

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
        names = [one.id for one in accounts(merchant, offer)]
        with self._database.transaction() as tx:
            balances = self._book.balances(tx, names)
        return offer_balances(balances, merchant=merchant, offer=offer)

    def settle(self, now_us: int) -> int:
        """The chore: offers without free pieces are exhausted, those past their end have ended."""
        with self._database.transaction() as tx:
            rows = tx.execute(sql("offers/open_ones")).fetchall()
        return sum(self._settled(row, now_us) for row in rows)

    def _settled(self, row: tuple[str, str, bytes, str], now_us: int) -> bool:
        merchant, offer, template, state = row
        last_us = msgspec.json.decode(template, type=Template).last_us
        by = By("quanyu", now_us, f"{offer}/{now_us}")
        if last_us is not None and last_us <= now_us:
            verb = OfferVerb.END
        elif state == OfferState.ACTIVE and not self.balances(merchant, offer)["pieces/free"]:
            verb = OfferVerb.EXHAUST
        else:
            return False
        return isinstance(self.move(merchant, offer, verb=verb, by=by), Offer)

    def _once(self, request: Request, work: Work) -> OfferAnswer:
        """Raises BadInput for a key that was used for something else."""
        with self._database.transaction() as tx:
            before = self._requests.begin(tx, request)
            if isinstance(before, Conflict):
                raise BadInput(
                    "idempotency_key", "it was used for another request; choose a new one"
                )
            if before is not None:
                answer: OfferAnswer = _answer(before)
                return answer
            answer = work(tx)
            self._requests.answer(tx, request, answer=msgspec.json.encode(answer))
            killpoint("offers.answered")
        killpoint("offers.committed")
        return answer
