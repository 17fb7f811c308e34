"""The port ``AudienceStore`` in PostgreSQL."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg

from quanyu.clock import Clock
from quanyu.customers.audiences.ports import Audience, Filling, Known
from quanyu.customers.audiences.tree import Node
from quanyu.ids import Token
from quanyu.storage.postgres.audience_consent import (
    everybody_unpersonalised,
    kept_in,
    permitted,
)
from quanyu.storage.postgres.audience_members import (
    Bitmap,
    Change,
    Memberships,
    append_changes,
    bitmap_of,
    lock_head,
    save_snapshot,
)
from quanyu.storage.postgres.audience_people import (
    Sources,
    page_of_people,
    person_with,
    public_ids,
    views,
)
from quanyu.storage.postgres.audience_table import Row, put, remove, rows_of, trees_of
from quanyu.storage.postgres.audience_timers import lay_filling
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.sql_files import sql

if TYPE_CHECKING:
    from quanyu.storage.postgres.audience_live import LiveAudiences

PAGE = 10_000
UNSAVED_MAX = 5_000
"""So many changes a reader adds to a snapshot in a few milliseconds."""


class PostgresAudiences:
    def __init__(
        self, database: Database, memberships: Memberships, *, sources: Sources, clock: Clock
    ) -> None:
        self._database = database
        self._clock = clock
        self._memberships = memberships
        self._sources = sources

    def trees(self, merchant: str) -> dict[str, Node]:
        with self._database.transaction() as conn:
            return trees_of(rows_of(conn, merchant), self._sources.catalogue)

    def listed(self, merchant: str) -> list[Audience]:
        with self._database.transaction() as conn:
            rows = rows_of(conn, merchant)
            members = self._memberships.of(conn, [row.number for row in rows.values()])
        return [_audience(row, len(members[row.number])) for row in rows.values()]

    def put(
        self, merchant: str, name: str, *, tree: Node, fill: Callable[[], Filling], now_us: int
    ) -> int:
        """The head is held while everybody is evaluated, so that no live change falls between."""
        with self._database.transaction() as conn:
            head = lock_head(conn)
            number, version = put(conn, merchant, name=name, tree=tree, now_us=now_us)
            filling = fill()
            args = {"audience_no": number, "refresh_us": filling.refresh_us}
            epoch = _one(conn, "audiences/next_epoch", args=args)
            members = bitmap_of(filling.persons)
            save_snapshot(conn, number, epoch=epoch, change_no=head.change_no, members=members)
            conn.execute(sql("audiences/drop_timers_of"), {"audience_no": number})
            lay_filling(conn, number, filling=filling)
        return version

    def refresh(self, merchant: str, name: str, *, fill: Callable[[], Filling], now_us: int) -> int:
        with self._database.transaction() as conn:
            head = lock_head(conn)
            row = rows_of(conn, merchant).get(name)
            if row is None:
                return 0
            before = self._memberships.of(conn, [row.number])[row.number]
            filling = fill()
            after = bitmap_of(filling.persons)
            changes = [
                Change(row.number, person, now_us, entered, "refresh")
                for persons, entered in ((after - before, True), (before - after, False))
                for person in persons
            ]
            append_changes(conn, head, changes=changes)
            args = {"audience_no": row.number, "refresh_us": filling.refresh_us}
            conn.execute(sql("audiences/set_refresh"), args)
            lay_filling(conn, row.number, filling=filling)
        return len(changes)

    def due(self, now_us: int) -> list[tuple[str, str]]:
        with self._database.transaction() as conn:
            return conn.execute(sql("audiences/due_refreshes"), {"now_us": now_us}).fetchall()

    def remove(self, merchant: str, name: str) -> bool:
        with self._database.transaction() as conn:
            lock_head(conn)
            return remove(conn, merchant, name=name)

    def members(self, merchant: str, names: Collection[str]) -> dict[str, Bitmap]:
        """Names that do not exist are left out."""
        with self._database.transaction() as conn:
            rows = rows_of(conn, merchant)
            wanted = {name: rows[name].number for name in names if name in rows}
            members = self._memberships.of(conn, wanted.values())
        return {name: members[number] for name, number in wanted.items()}

    def public_ids(self, merchant: str, persons: Sequence[int]) -> dict[int, str]:
        with self._database.transaction() as conn:
            return public_ids(conn, merchant, persons=persons)

    def permitted(
        self, merchant: str, persons: Sequence[int], *, purpose: str, recipient: str | None = None
    ) -> set[int]:
        now_us = self._clock.now_us()
        with self._database.transaction() as conn:
            may = permitted(conn, persons, purpose=purpose, now_us=now_us, recipient=recipient)
            return may - kept_in(conn, sorted(may))

    def unpersonalised(self, merchant: str) -> Bitmap:
        with self._database.transaction() as conn:
            now_us = self._clock.now_us()
            return bitmap_of(everybody_unpersonalised(conn, merchant, now_us=now_us))

    def known(self, merchant: str, identifier: tuple[str, Token]) -> Known | None:
        with self._database.transaction() as conn:
            person = person_with(conn, merchant, identifier=identifier)
            if person is None:
                return None
            tags = self._sources.tags.of_persons(conn, merchant, persons=[person])
            view = views(conn, {person: ()}, tags=tags)[person]
            return Known(person, public_ids(conn, merchant, persons=[person])[person], view)

    def tags_of_everybody(self, merchant: str) -> Iterator[Mapping[int, Mapping[str, Any]]]:
        """Pages of person → tag values, for the lake."""
        after = -1
        while True:
            with self._database.transaction() as conn:
                page = page_of_people(conn, merchant, after=after, limit=PAGE)
                if not page:
                    return
                tags = self._sources.tags.of_persons(conn, merchant, persons=page)
            yield tags
            after = page[-1]

    def forget(self, conn: psycopg.Connection, merchant: str, *, persons: Sequence[int]) -> None:
        """After an erasure, in its transaction: out of every audience, journal and timer. Who had
        left before leaves again: the line that said so is gone, and snapshots are older."""
        head = lock_head(conn)
        rows = rows_of(conn, merchant)
        members = self._memberships.of(conn, [row.number for row in rows.values()])
        args = {"persons": list(persons)}
        forgotten = set(conn.execute(sql("audiences/forget"), args).fetchall())
        held = {(no, p) for no, bitmap in members.items() for p in persons if p in bitmap}
        now_us = self._clock.now_us()
        leaving = [Change(no, p, now_us, False, "erasure") for no, p in sorted(forgotten | held)]
        append_changes(conn, head, changes=leaving)

    def save_snapshots(self) -> int:
        """Fold long journals into snapshots; returns how many were written."""
        with self._database.transaction() as conn:
            head = lock_head(conn)
            args = {"limit": UNSAVED_MAX}
            rows = conn.execute(sql("audiences/long_journals"), args).fetchall()
            members = self._memberships.of(conn, [number for number, _ in rows])
            for number, epoch in rows:
                save_snapshot(
                    conn,
                    number,
                    epoch=epoch,
                    change_no=head.change_no,
                    members=members[number],
                )
        return len(rows)

    def sweep(self, live: "LiveAudiences") -> int:
        with self._database.transaction() as conn:
            return live.sweep(conn)


def _audience(row: Row, people: int) -> Audience:
    return Audience(row.name, row.form, row.version, row.created_us, row.updated_us, people)


def _one(conn: psycopg.Connection, name: str, *, args: dict[str, int]) -> int:
    row = conn.execute(sql(name), args).fetchone()
    assert row is not None, "the statement returns the row that it changed"
    return int(row[0])
