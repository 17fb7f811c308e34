"""Whose data may leave with an export: the consent ledger of many people at once."""

from collections.abc import Iterable, Sequence

import psycopg

from quanyu.customers.privacy.consent import (
    ADULT_AGE,
    ConsentEntry,
    Subject,
    allowed,
    personalises,
)
from quanyu.customers.privacy.purposes import PERSONALISATION, purpose_named
from quanyu.customers.privacy.sending import EVERY_CHANNEL, Channel
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.profile_projection import anybody_special
from quanyu.storage.postgres.profiles import LEDGER_FIELDS
from quanyu.storage.postgres.sql_files import sql


def permitted(
    conn: psycopg.Connection,
    persons: Sequence[int],
    *,
    purpose: str,
    now_us: int,
    recipient: str | None = None,
) -> set[int]:
    """Those of the people who allow the purpose now. Raises BadInput for an unknown purpose."""
    wanted = purpose_named(purpose)
    return {
        person
        for person, subject in subjects(conn, persons, purpose=purpose).items()
        if allowed(subject, wanted, at_us=now_us, recipient=recipient).allowed
    }


def subjects(
    conn: psycopg.Connection, persons: Iterable[int], *, purpose: str
) -> dict[int, Subject]:
    """What each of the people has said about one purpose; of adults, no year of birth."""
    asked = list(persons)
    args = {"persons": asked, "purpose": purpose}
    entries: dict[int, list[ConsentEntry]] = {}
    for person, *row in conn.execute(sql("audiences/consents"), args):
        entry = ConsentEntry(**dict(zip(LEDGER_FIELDS, row, strict=True)))
        entries.setdefault(person, []).append(entry)
    minors: dict[int, int] = dict(conn.execute(sql("audiences/minors"), args).fetchall())
    return {
        person: Subject(
            tuple(entries.get(person, ())),
            minors[person] - ADULT_AGE if person in minors else None,
            person in minors,
        )
        for person in asked
    }


def unpersonalised(conn: psycopg.Connection, persons: Iterable[int], *, now_us: int) -> set[int]:
    """Those of the people who are treated as anonymous visitors: minors, and who said no."""
    if not anybody_special(conn):
        return set()
    said = subjects(conn, persons, purpose=PERSONALISATION)
    return {person for person, subject in said.items() if not personalises(subject, now_us)}


def everybody_unpersonalised(conn: psycopg.Connection, merchant: str, *, now_us: int) -> set[int]:
    args = {"merchant_no": known_merchant_no(conn, merchant)}
    special = [row[0] for row in conn.execute(sql("audiences/special_persons"), args)]
    return unpersonalised(conn, special, now_us=now_us)


def kept_in(conn: psycopg.Connection, persons: Sequence[int]) -> set[int]:
    """Those of the people who are on the suppression list for exports, or for everything."""
    args = {"persons": list(persons), "channels": [Channel.EXPORT.value, EVERY_CHANNEL]}
    return {row[0] for row in conn.execute(sql("audiences/suppressed"), args)}


def refusing(
    conn: psycopg.Connection, persons: Sequence[int], *, purpose: str, now_us: int
) -> set[int]:
    """Those of the people who do not allow the purpose now. Where silence means yes, only people
    with a line in the ledger are looked at."""
    asked = set(persons)
    if allowed(Subject(), purpose_named(purpose), at_us=now_us).allowed:
        args = {"persons": list(persons), "purpose": purpose}
        asked = {row[0] for row in conn.execute(sql("audiences/consents"), args)}
    return asked - permitted(conn, list(asked), purpose=purpose, now_us=now_us)
