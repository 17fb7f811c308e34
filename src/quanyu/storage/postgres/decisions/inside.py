"""In which of the audiences that campaigns name people are, as of now."""

from collections.abc import Collection
from dataclasses import dataclass

import psycopg

from quanyu.clock import SECOND_US, Clock
from quanyu.storage.postgres.audience_members import Memberships
from quanyu.storage.postgres.campaigns import PostgresCampaigns
from quanyu.storage.postgres.sql_files import sql

Names = Collection[str]
FRESH_US = SECOND_US


class Inside:
    def __init__(self, memberships: Memberships) -> None:
        self._memberships = memberships

    def of(
        self, tx: psycopg.Connection, merchant: str, *, names: Names, persons: Collection[int]
    ) -> dict[int, frozenset[str]]:
        """Person → names; nobody is in an audience that there is not."""
        if not names or not persons:
            return {}
        args = {"merchant": merchant, "names": list(names)}
        numbers: dict[str, int] = dict(tx.execute(sql("audiences/numbers"), args).fetchall())
        members = self._memberships.of(tx, list(numbers.values()))
        held = [(name, members[number]) for name, number in numbers.items() if number in members]
        return {
            person: frozenset(name for name, those in held if person in those) for person in persons
        }


@dataclass(frozen=True, slots=True)
class _Looked:
    at_us: int
    revision: int
    names: frozenset[str]


class CampaignAudiences:
    """The audiences that campaigns name which have not ended: looked at again once a second, and
    read again when a campaign has changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._looked: dict[str, _Looked] = {}

    def __call__(self, tx: psycopg.Connection, merchant: str) -> Names:
        held, now_us = self._looked.get(merchant), self._clock.now_us()
        if held is not None and 0 <= now_us - held.at_us < FRESH_US:
            return held.names
        campaigns = PostgresCampaigns()
        revision = campaigns.revision(tx, merchant)
        if held is not None and held.revision == revision:
            names = held.names
        else:
            named = (one.audience for one in campaigns.unended(tx, merchant))
            names = frozenset(name for name in named if name is not None)
        self._looked[merchant] = _Looked(now_us, revision, names)
        return names
