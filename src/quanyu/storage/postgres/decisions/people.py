"""The port ``People``: who is looking, for a whole group of asks in a handful of statements."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.decisions.guards.caps import KEPT_HOURS
from quanyu.decisions.guards.viewer import STRANGER, Plain, Viewer
from quanyu.decisions.serving.permission import plain_because
from quanyu.decisions.taste import NOBODY
from quanyu.storage.postgres.assessments import profiling
from quanyu.storage.postgres.decisions.contacts import contacts_of
from quanyu.storage.postgres.decisions.deeds import tastes
from quanyu.storage.postgres.decisions.inside import Inside
from quanyu.storage.postgres.decisions.known import Known, known_by
from quanyu.storage.postgres.decisions.tiers import tiers

Names = Callable[[psycopg.Connection, str], Collection[str]]
NO_TIER: frozenset[str] = frozenset()


class PostgresPeople:
    """``audiences(tx, merchant)``: the names that are asked for. ``hours``: the longest window of a
    cap, at most ``KEPT_HOURS``."""

    def __init__(self, inside: Inside, *, audiences: Names, hours: int = KEPT_HOURS) -> None:
        self._inside = inside
        self._audiences = audiences
        self._hours = hours

    def viewers(
        self,
        tx: psycopg.Connection,
        merchant: str,
        *,
        asked: Sequence[Sequence[Identifier]],
        at_us: int,
    ) -> Sequence[Viewer]:
        """Of whoever gets everybody's answer nothing is read but what was paid for."""
        known = known_by(tx, merchant, asked=asked)
        plain = _plain(tx, known, at_us=at_us)
        earned = tiers(tx, merchant, people=known.values())
        personal = {ask: one for ask, one in known.items() if plain[ask] is None}
        viewers = self._personal(tx, merchant, people=personal, at_us=at_us) | {
            ask: Viewer(plain=why) for ask, why in plain.items() if why is not None
        }
        return [
            _with(viewers[ask], earned.get(known[ask].person, NO_TIER))
            if ask in known
            else STRANGER
            for ask in range(len(asked))
        ]

    def _personal(
        self, tx: psycopg.Connection, merchant: str, *, people: Mapping[int, Known], at_us: int
    ) -> dict[int, Viewer]:
        if not people:
            return {}
        nodes = {ask: one.nodes for ask, one in people.items()}
        deeds = tastes(tx, nodes, at_us=at_us)
        contacts = contacts_of(tx, nodes, at_us=at_us, hours=self._hours)
        persons = {one.person for one in people.values()}
        names = self._audiences(tx, merchant)
        inside = self._inside.of(tx, merchant, names=names, persons=persons)
        return {
            ask: Viewer(
                plain=None,
                taste=deeds.get(ask, NOBODY),
                nodes=one.nodes,
                contacts=contacts.get(ask, ()),
                audiences=inside.get(one.person, frozenset()),
            )
            for ask, one in people.items()
        }


def _plain(
    tx: psycopg.Connection, known: Mapping[int, Known], *, at_us: int
) -> dict[int, Plain | None]:
    assessed = bool(known) and profiling(tx, at_us)
    return {
        ask: plain_because(one.subject, at_us=at_us, assessed=assessed, erasing=one.erasing)
        for ask, one in known.items()
    }


def _with(viewer: Viewer, memberships: frozenset[str]) -> Viewer:
    return replace(viewer, memberships=memberships) if memberships else viewer
