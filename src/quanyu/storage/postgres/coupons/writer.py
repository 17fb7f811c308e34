"""The writer of coupons: many commands, one transaction, statements over sets.

Order of locks, everywhere: coupons, offers, holders, minutes, attempts, the book, steps, the log.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import psycopg

from quanyu.clock import Clock
from quanyu.events.recording import Facts
from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Posted
from quanyu.promotions.coupons.coupon import AnyCommand, Done, Outcome
from quanyu.promotions.coupons.deciding import decide, operation, rounds
from quanyu.promotions.coupons.postings import cap_reached, chain
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.storage.postgres.coupons.loading import Loaded, Loader
from quanyu.storage.postgres.coupons.saving import Taken, fact_of, save, save_trips
from quanyu.storage.postgres.coupons.steps import StepRow, Steps
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no

RETRIES = 3
WEIGHT_MAX = 400
QUEUE_MAX = 20_000
Key = tuple[str, str, str]


class Raced(Exception):
    """Another process has answered one of these keys meanwhile: read its answer."""


class CouponWriter:
    """``write`` for callers of their own; ``apply`` inside the transaction of an order."""

    def __init__(
        self,
        database: Database,
        book: Book[psycopg.Connection],
        *,
        facts: Facts[psycopg.Connection],
        clock: Clock,
        loader: Loader,
    ) -> None:
        self._database = database
        self._book = book
        self._facts = facts
        self._clock = clock
        self._loader = loader
        self._steps = Steps()

    def write(self, commands: Sequence[AnyCommand]) -> list[Outcome]:
        for _ in range(RETRIES):
            try:
                with self._database.transaction() as tx:
                    outcomes = self.apply(tx, commands)
                killpoint("coupons.committed")
                return outcomes
            except Raced:
                continue
        raise AssertionError("a committed answer is found by the next try")

    def apply(self, tx: psycopg.Connection, commands: Sequence[AnyCommand]) -> list[Outcome]:
        """Raises Raced when another process holds one of the keys: roll back and try again."""
        merchants = {name: merchant_no(tx, name) for name in sorted({c.merchant for c in commands})}
        outcomes: list[Outcome] = []
        for places in rounds(commands):
            some = [commands[place] for place in places]
            outcomes += self._round(tx, some, merchants=merchants)
        return outcomes

    def _round(
        self, tx: psycopg.Connection, commands: list[AnyCommand], *, merchants: dict[str, int]
    ) -> list[Outcome]:
        prints = {key_of(c): fingerprint(c) for c in reversed(commands)}
        known = self._steps.known(tx, list(prints), merchants=merchants)
        fresh = list({key_of(c): c for c in reversed(commands) if key_of(c) not in known}.values())
        fresh.reverse()
        answers: dict[Key, tuple[bytes, Outcome]] = dict(known)
        if fresh:
            new = self._decided(tx, fresh, merchants=merchants)
            answers.update({key: (prints[key], outcome) for key, outcome in new.items()})
        return [answered(answers[key_of(c)], c) for c in commands]

    def _decided(
        self, tx: psycopg.Connection, commands: list[AnyCommand], *, merchants: dict[str, int]
    ) -> dict[Key, Outcome]:
        now_us = self._clock.now_us()
        loaded = self._loader.load(tx, commands, merchants=merchants, now_us=now_us)
        killpoint("coupons.locked")
        outcomes: dict[Key, Outcome] = {}
        taken: list[Taken] = []
        for command in commands:
            decided = decide(loaded.sight, command)
            if isinstance(decided, Refused):
                outcomes[key_of(command)] = decided
            else:
                taken.append(Taken(command, decided))
        taken = self._posted(tx, taken, outcomes=outcomes)
        killpoint("coupons.posted")
        save(tx, loaded, taken=taken)
        save_trips(tx, loaded)
        killpoint("coupons.saved")
        for one in taken:
            outcomes[key_of(one.command)] = Done(_nameless(one))
        self._note(tx, loaded, outcomes=outcomes, taken=taken, commands=commands)
        killpoint("coupons.noted")
        self._tell(tx, taken, at_us=now_us)
        killpoint("coupons.told")
        return outcomes

    def _posted(
        self, tx: psycopg.Connection, taken: list[Taken], *, outcomes: dict[Key, Outcome]
    ) -> list[Taken]:
        """The book decides the caps; what it refuses is taken out."""
        costly = [one for one in taken if one.step.moves]
        results = self._book.post(tx, [chain(one.command, one.step) for one in costly])
        refused: set[Key] = set()
        for one, result in zip(costly, results, strict=True):
            if isinstance(result, Posted):
                if result.repeated:
                    raise Raced
                continue
            outcomes[key_of(one.command)] = cap_reached(result, one.step)
            refused.add(key_of(one.command))
        return [one for one in taken if key_of(one.command) not in refused]

    def _note(
        self,
        tx: psycopg.Connection,
        loaded: Loaded,
        *,
        outcomes: Mapping[Key, Outcome],
        taken: Sequence[Taken],
        commands: Sequence[AnyCommand],
    ) -> None:
        steps = {key_of(one.command): one.step for one in taken}
        rows = []
        for command in commands:
            key = key_of(command)
            place = loaded.merchants[command.merchant], operation(command), command.request
            step = steps.get(key)
            rows.append(StepRow(*place, fingerprint(command), step, outcomes[key]))
        if self._steps.note(tx, rows, at_us=loaded.sight.now_us) < len(rows):
            raise Raced

    def _tell(self, tx: psycopg.Connection, taken: Sequence[Taken], *, at_us: int) -> None:
        by_merchant: dict[str, list[Any]] = {}
        for command, step in taken:
            told = fact_of(command, step, at_us=at_us)
            if told is not None:
                by_merchant.setdefault(command.merchant, []).append(told)
        for merchant in sorted(by_merchant):
            self._facts.record(tx, merchant, facts=by_merchant[merchant])


def key_of(command: AnyCommand) -> Key:
    return command.merchant, operation(command), command.request


def fingerprint(command: AnyCommand) -> bytes:
    """Of everything that was asked; the key itself is not part of it, and tokens stand in it."""
    return sha256(msgspec.msgpack.encode(command)).digest()


def answered(known: tuple[bytes, Outcome], command: AnyCommand) -> Outcome:
    before, outcome = known
    if before != fingerprint(command):
        return Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)
    return outcome


def _nameless(taken: Taken) -> Any:
    """Answers are kept, and kept answers name nobody: erasure has nothing to do there."""
    return msgspec.structs.replace(taken.step.coupon, holder=None, gift=None, no=0)
