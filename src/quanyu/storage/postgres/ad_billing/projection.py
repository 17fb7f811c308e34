"""Projection ``ad_billing``: settles or releases wins as the log tells of their slots.

What was judged stays judged: a rebuild reads the log again and finds every event judged and every
win ended, so that no money moves twice.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import psycopg

from quanyu.decisions.billing.booking import Booking, Earning
from quanyu.decisions.billing.clicks import Limits
from quanyu.decisions.billing.settling import KINDS, Key, Settling, Touch, slot_of
from quanyu.events.event import LoggedEvent
from quanyu.storage.postgres.ad_billing import reading
from quanyu.storage.postgres.ad_billing.leases import PROJECTION
from quanyu.storage.postgres.ad_billing.writing import keep, summed
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.profile_projection import Nodes


class Batch(NamedTuple):
    """Of one merchant."""

    merchant: str
    settling: Settling


class AdBilling:
    name = PROJECTION

    def __init__(
        self, booking: Booking[psycopg.Connection], *, nodes: Nodes, limits: Limits = Limits()
    ) -> None:
        self._booking = booking
        self._nodes = nodes
        self._limits = limits

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        slots: dict[str, list[tuple[Key, LoggedEvent]]] = {}
        for logged in events:
            if (key := slot_of(logged.event)) is not None:
                slots.setdefault(logged.merchant, []).append((key, logged))
        batches = [Batch(name, self._judged(tx, name, slots=slots[name])) for name in sorted(slots)]
        earnings = self._earned(tx, batches)
        killpoint("ads.judged")
        self._booking.earn(tx, earnings)
        killpoint("ads.settled")

    def reset(self, tx: psycopg.Connection) -> None:
        """Nothing: money that has moved is not moved back and again."""

    def _judged(
        self, tx: psycopg.Connection, merchant: str, *, slots: list[tuple[Key, LoggedEvent]]
    ) -> Settling:
        number = merchant_no(tx, merchant)
        wins = reading.wins(tx, number, keys={key for key, _ in slots})
        known = [(key, logged) for key, logged in slots if key in wins]
        touches = self._touches(tx, merchant, slots=known)
        settling = Settling(
            wins, reading.clicks(tx, number, touches=touches),
            flagged=reading.flagged(tx, number, touches=touches),
            told=reading.told(tx, number, names=_touchpoints(wins.values(), touches)),
            limits=self._limits,
        )  # fmt: skip
        verdicts = settling.run(touches)
        keep(tx, number, settling=settling, verdicts=verdicts, touches=touches)
        return settling

    def _touches(
        self, tx: psycopg.Connection, merchant: str, *, slots: list[tuple[Key, LoggedEvent]]
    ) -> list[Touch]:
        """Those that were not judged before."""
        before = reading.judged(tx, [logged.offset for _, logged in slots])
        new = [(key, logged) for key, logged in slots if logged.offset not in before]
        nodes = self._nodes.of(tx, merchant, events=[logged.event for _, logged in new])
        persons = reading.persons(tx, nodes)
        return [
            Touch(
                logged.offset, key, KINDS[logged.event.kind], logged.event.at_us,
                logged.event.touchpoint, node, persons.get(node, node),
            )
            for (key, logged), node in zip(new, nodes, strict=True)
        ]  # fmt: skip

    def _earned(self, tx: psycopg.Connection, batches: Sequence[Batch]) -> list[Earning]:
        """Leases are summed for all merchants at once: they are locked in one order."""
        settled: Counter[int] = Counter()
        released: Counter[int] = Counter()
        whose: dict[int, tuple[str, str]] = {}
        for merchant, settling in batches:
            for lease, campaign, millifen in settling.settled:
                settled[lease] += millifen
                whose[lease] = merchant, campaign
            for lease, _, millifen in settling.released:
                released[lease] += millifen
        before = summed(tx, settled=settled, released=released)
        return [
            Earning(*place, lease, before[lease], settled[lease])
            for lease, place in sorted(whose.items())
        ]


def _touchpoints(wins: "reading.Standings", touches: Sequence[Touch]) -> set[str]:
    return {one.touchpoint for one in wins} | {one.touchpoint for one in touches}
