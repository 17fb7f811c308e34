"""Audiences as benefits see them: by identifiers that may hold something."""

from collections.abc import Iterator, Sequence

import psycopg

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.errors import BadInput, NotFound
from quanyu.storage.postgres.assessments import profiling
from quanyu.storage.postgres.audience_consent import permitted
from quanyu.storage.postgres.audience_members import Memberships
from quanyu.storage.postgres.audience_people import person_with, strongest
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql

ENABLE = "see `quanyu privacy enable personalisation`"
PAGE = 1_000


class AudienceHolders:
    def __init__(self, database: Database, memberships: Memberships, *, clock: Clock) -> None:
        self._database = database
        self._memberships = memberships
        self._clock = clock

    def exists(self, merchant: str, audience: str) -> bool:
        with self._database.transaction() as tx:
            return _number(tx, merchant, audience=audience) is not None

    def is_member(self, merchant: str, audience: str, *, holder: Identifier) -> bool:
        with self._database.transaction() as tx:
            return bool(self.among(tx, merchant, audience=audience, holders=[holder]))

    def among(
        self, tx: psycopg.Connection, merchant: str, *, audience: str, holders: Sequence[Identifier]
    ) -> set[Identifier]:
        """Of these, those whose person is in the audience as of now; nobody is in one that has
        been deleted, nor in any while personalisation is off."""
        number = _number(tx, merchant, audience=audience)
        if number is None or not profiling(tx, self._clock.now_us()):
            return set()
        members = self._memberships.of(tx, [number])[number]
        found = {one: person_with(tx, merchant, identifier=one) for one in holders}
        return {one for one, person in found.items() if person is not None and person in members}

    def pages(self, merchant: str, audience: str) -> tuple[int, Iterator[list[Identifier | None]]]:
        """(people, pages): the strongest identifier of each member; None for those who have
        switched personal offers off, and for who was erased meanwhile. Raises NotFound, and
        BadInput while personalisation is off."""
        with self._database.transaction() as tx:
            number = _number(tx, merchant, audience=audience)
            if number is None:
                raise NotFound(f"audience {audience[:80]!r}; see `quanyu audience list`")
            if not profiling(tx, self._clock.now_us()):
                raise BadInput("audience", f"is empty while personalisation is off; {ENABLE}")
            persons = self._memberships.of(tx, [number])[number].to_array().tolist()
        return len(persons), self._pages(persons)

    def _pages(self, persons: Sequence[int]) -> Iterator[list[Identifier | None]]:
        for first in range(0, len(persons), PAGE):
            page = persons[first : first + PAGE]
            with self._database.transaction() as tx:
                now_us = self._clock.now_us()
                may = permitted(tx, page, purpose=PERSONALISATION, now_us=now_us)
                held = strongest(tx, sorted(may))
            yield [held.get(person) for person in page]


def _number(tx: psycopg.Connection, merchant: str, *, audience: str) -> int | None:
    args = {"merchant_no": known_merchant_no(tx, merchant), "name": audience}
    row = tx.execute(sql("audiences/number"), args).fetchone()
    return None if row is None else int(row[0])
