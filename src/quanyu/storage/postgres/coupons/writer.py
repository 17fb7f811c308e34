"""The writer of coupons: many commands, one transaction, statements over sets.

Order of locks, everywhere: coupons, offers, holders, minutes, attempts, tills, the book, steps, the
log.
"""

from collections.abc import Sequence

import psycopg

from quanyu.events.once import Raced
from quanyu.promotions.coupons.coupon import AnyCommand, Done, Outcome
from quanyu.promotions.coupons.deciding import decide, rounds
from quanyu.promotions.coupons.refusals import Refused
from quanyu.storage.postgres.coupons import offline
from quanyu.storage.postgres.coupons.ground import Gathering, Ground
from quanyu.storage.postgres.coupons.loading import Loaded, Loader, numbers_of
from quanyu.storage.postgres.coupons.posting import refused_by_the_book
from quanyu.storage.postgres.coupons.saving import Taken, nameless, save, tell
from quanyu.storage.postgres.coupons.steps import (
    Answer,
    Key,
    NoMoney,
    Steps,
    answered,
    fingerprint,
    is_stale,
    key_of,
)
from quanyu.storage.postgres.killpoints import killpoint

RETRIES = 3


class CouponWriter:
    """Of one process; several may write side by side."""

    def __init__(self, ground: Ground, loader: Loader) -> None:
        self._ground = ground
        self._loader = loader
        self._steps = Steps()

    def write(self, commands: Sequence[AnyCommand]) -> list[Outcome]:
        """One transaction, but for what must see the end of another (``rounds``)."""
        outcomes: list[Outcome] = []
        for places in rounds(commands):
            outcomes += self._written([commands[place] for place in places])
        return outcomes

    def apply(
        self, tx: psycopg.Connection, gathering: Gathering, *, commands: Sequence[AnyCommand]
    ) -> list[Outcome]:
        """In the transaction of an order, which writes to the book at its end: what the book will
        say is judged by its balances now. Raises Raced as ``write`` would try again."""
        judging = CouponWriter(self._ground.inside(gathering), self._loader)
        return judging._round(tx, list(commands))

    def _written(self, commands: list[AnyCommand]) -> list[Outcome]:
        broke: frozenset[Key] = frozenset()
        for _ in range(RETRIES + len(commands)):
            try:
                with self._ground.database.transaction() as tx:
                    outcomes = self._round(tx, commands, broke=broke)
                killpoint("coupons.committed")
                return outcomes
            except Raced:
                continue
            except NoMoney as no:
                broke |= no.keys
        raise AssertionError("a committed answer is found by the next try")

    def _round(
        self,
        tx: psycopg.Connection,
        commands: list[AnyCommand],
        *,
        broke: frozenset[Key] = frozenset(),
    ) -> list[Outcome]:
        """The first of twins is decided, all of them get its answer."""
        merchants = numbers_of(tx, commands)
        first: dict[Key, AnyCommand] = {}
        for command in commands:
            first.setdefault(key_of(command), command)
        prints = {key: fingerprint(command) for key, command in first.items()}
        answers = self._steps.known(tx, list(first), merchants=merchants)
        fresh = [command for key, command in first.items() if key not in answers]
        if fresh:
            loaded = self._loaded(tx, fresh, merchants=merchants)
            loaded.sight.broke = broke
            new = self._decided(tx, fresh, loaded=loaded, prints=prints)
            answers.update({key: (prints[key], told) for key, told in new.items()})
        return [
            answered(answers[key], prints[key] if command is first[key] else fingerprint(command))
            for key, command in zip(map(key_of, commands), commands, strict=True)
        ]

    def _loaded(
        self, tx: psycopg.Connection, commands: list[AnyCommand], *, merchants: dict[str, int]
    ) -> Loaded:
        now_us = self._ground.clock.now_us()
        loaded = self._loader.load(tx, commands, merchants=merchants, now_us=now_us)
        offline.load(tx, commands, loaded=loaded)
        killpoint("coupons.locked")
        return loaded

    def _decided(
        self,
        tx: psycopg.Connection,
        commands: list[AnyCommand],
        *,
        loaded: Loaded,
        prints: dict[Key, bytes],
    ) -> dict[Key, Outcome]:
        now_us = loaded.sight.now_us
        outcomes: dict[Key, Outcome] = {}
        taken: list[Taken] = []
        for command in commands:
            decided = decide(loaded.sight, command)
            if isinstance(decided, Refused):
                outcomes[key_of(command)] = decided
            else:
                taken.append(Taken(command, decided))
        self._finish(tx, loaded, outcomes=outcomes, taken=taken)
        steps = {key_of(one.command): one.step for one in taken}
        answers = [
            Answer(key, loaded.merchants[key[0]], prints[key], steps.get(key), outcomes[key])
            for key in (key_of(command) for command in commands if not is_stale(command))
        ]
        self._steps.note(tx, answers, at_us=now_us)
        killpoint("coupons.noted")
        tell(tx, self._ground.facts, taken=taken, at_us=now_us)
        killpoint("coupons.told")
        return outcomes

    def _finish(
        self,
        tx: psycopg.Connection,
        loaded: Loaded,
        *,
        outcomes: dict[Key, Outcome],
        taken: list[Taken],
    ) -> None:
        """Posts and saves; what the book refuses goes from ``taken`` to ``outcomes``."""
        refused = refused_by_the_book(tx, self._ground, taken=taken)
        killpoint("coupons.posted")
        outcomes.update(refused)
        taken[:] = [one for one in taken if key_of(one.command) not in refused]
        save(tx, loaded, taken=taken)
        offline.save(tx, loaded, taken=taken)
        killpoint("coupons.saved")
        outcomes.update({key_of(one.command): Done(nameless(one), one.step.lost) for one in taken})
