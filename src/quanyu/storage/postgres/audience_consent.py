"""Whose data may leave with an export: the consent ledger of many people at once."""

from collections.abc import Sequence

import psycopg

from quanyu.customers.privacy.consent import ADULT_AGE, ConsentEntry, Subject, allowed
from quanyu.customers.privacy.purposes import purpose_named
from quanyu.storage.postgres.sql_files import sql

FIELDS = ("purpose", "action", "notice_version", "at_us", "actor", "number")


def permitted(
    conn: psycopg.Connection, persons: Sequence[int], *, purpose: str, now_us: int
) -> set[int]:
    """Those of the people who allow the purpose now. Raises BadInput for an unknown purpose."""
    wanted = purpose_named(purpose)
    args = {"persons": list(persons), "purpose": purpose}
    entries: dict[int, list[ConsentEntry]] = {}
    for person, *row in conn.execute(sql("audiences/consents"), args):
        entry = ConsentEntry(**dict(zip(FIELDS, row, strict=True)))
        entries.setdefault(person, []).append(entry)
    minors: dict[int, int] = dict(conn.execute(sql("audiences/minors"), args).fetchall())
    subjects = {
        person: Subject(
            tuple(entries.get(person, ())),
            minors[person] - ADULT_AGE if person in minors else None,
        )
        for person in persons
    }
    return {p for p, subject in subjects.items() if allowed(subject, wanted, at_us=now_us).allowed}


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
