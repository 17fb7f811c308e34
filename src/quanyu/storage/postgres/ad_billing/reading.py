"""What the judging of a batch needs to know, a few statements for all of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import psycopg

from quanyu.clock import HOUR_US
from quanyu.decisions.billing.clicks import Clicks
from quanyu.decisions.billing.settling import Key, Standing, Told, Touch
from quanyu.decisions.billing.win import WinState
from quanyu.storage.postgres.sql_files import sql

Standings = Iterable[Standing]


def wins(tx: psycopg.Connection, number: int, *, keys: Collection[Key]) -> dict[Key, Standing]:
    """Of the slots that an ad has won; locked."""
    listed = sorted(keys)
    args = {
        "merchant_no": number,
        "traces": [trace for trace, _ in listed],
        "positions": [position for _, position in listed],
    }
    rows = tx.execute(sql("ad_billing/wins"), args).fetchall()
    return {(bytes(row[0]), row[1]): _standing(row) for row in rows}


def _standing(row: tuple[Any, ...]) -> Standing:
    _, _, *rest, state, reason = row
    return Standing(*rest, state=WinState(state), reason=reason)  # type: ignore[misc]


def judged(tx: psycopg.Connection, offsets: Sequence[int]) -> set[int]:
    if not offsets:
        return set()
    rows = tx.execute(sql("ad_billing/judged"), {"offsets": list(offsets)})
    return {offset for (offset,) in rows}


def persons(tx: psycopg.Connection, nodes: Sequence[int]) -> Mapping[int, int]:
    """Node → person, where that is another node."""
    if not nodes:
        return {}
    return dict(tx.execute(sql("identity/person_of"), {"nodes": list(nodes)}).fetchall())


def clicks(tx: psycopg.Connection, number: int, *, touches: Sequence[Touch]) -> Clicks:
    """What the people of the batch clicked around its time."""
    found, times = Clicks(), [one.at_us for one in touches if one.kind == "click"]
    if not times:
        return found
    args = {
        **_people(number, touches),
        "since_us": min(times) - HOUR_US, "until_us": max(times) + HOUR_US,
    }  # fmt: skip
    for person, campaign, at_us in tx.execute(sql("ad_billing/clicks"), args):
        found.add(person, campaign, at_us=at_us)
    return found


def flagged(tx: psycopg.Connection, number: int, *, touches: Sequence[Touch]) -> frozenset[int]:
    if not touches:
        return frozenset()
    rows = tx.execute(sql("ad_billing/flagged"), _people(number, touches))
    return frozenset(person for (person,) in rows)


def told(tx: psycopg.Connection, number: int, *, names: Collection[str]) -> dict[str, Told]:
    if not names:
        return {}
    args = {"merchant_no": number, "touchpoints": sorted(names)}
    rows = tx.execute(sql("ad_billing/told"), args)
    return {name: Told(first_us, last_us) for name, first_us, last_us in rows}


def _people(number: int, touches: Sequence[Touch]) -> dict[str, object]:
    return {"merchant_no": number, "persons": sorted({one.person for one in touches})}
