"""Members, lots and spends in PostgreSQL: set-based, guarded, row counts checked."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Token, random_id
from quanyu.promotions.loyalty.lots import Lot, Source, State
from quanyu.promotions.loyalty.ports import Member, Spend
from quanyu.promotions.loyalty.programmes import Programme, Terms
from quanyu.promotions.loyalty.shelf import Purse, Shelf, Taken
from quanyu.storage.postgres.identity.holders import columns_of
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.sql_files import sql

NEW = (
    "id", "member", "granted", "remaining", "state", "available_us", "expires_us", "source",
    "reference", "funder", "cash_fen", "refunded_fen", "reversed", "version",
)  # fmt: skip
REST = NEW[8:]
CHANGED = ("id", "remaining", "state", "expires_us", "refunded_fen", "reversed", "version")


class PostgresPurses:
    """The port ``Purses``."""

    def put_programme(
        self, tx: psycopg.Connection, owner: str, *, name: str, terms: Terms
    ) -> Programme:
        args = {"owner": owner, "name": name, "terms": msgspec.json.encode(terms)}
        row = tx.execute(sql("loyalty/put_programme"), args).fetchone()
        assert row is not None, "an upsert gives its row"
        return Programme(row[0], owner, name, terms)

    def programmes(self, tx: psycopg.Connection, owner: str) -> list[Programme]:
        rows = tx.execute(sql("loyalty/programmes"), {"owner": owner}).fetchall()
        return [programme_of(row) for row in rows]

    def members(
        self, tx: psycopg.Connection, programme: Programme, *, holders: Sequence[Identifier]
    ) -> list[Member]:
        args = {"programme": programme.id, **columns_of(holders)}
        return [member_of(row) for row in tx.execute(sql("loyalty/members"), args)]

    def members_by_id(self, tx: psycopg.Connection, members: Sequence[int]) -> list[Member]:
        if not members:
            return []
        args = {"ids": list(members)}
        return [member_of(row) for row in tx.execute(sql("loyalty/members_by_id"), args)]

    def add_member(
        self, tx: psycopg.Connection, programme: Programme, *, holder: Identifier, at_us: int
    ) -> tuple[Member, bool]:
        kind, token = holder
        args = {
            "programme": programme.id, "public_id": random_id("mem"),
            "kind": kind, "token": token, "at_us": at_us,
        }  # fmt: skip
        new = tx.execute(sql("loyalty/add_member"), args).fetchone()
        (member,) = self.members(tx, programme, holders=[holder])
        killpoint("points.joined")
        return member, new is not None

    def load(self, tx: psycopg.Connection, members: Sequence[int], *, lock: bool) -> Shelf:
        args = {"ids": list(members)}
        statement = "loyalty/lock_purses" if lock else "loyalty/purses"
        shelf = Shelf({row[0]: Purse(*row) for row in tx.execute(sql(statement), args)})
        killpoint("points.locked")
        shelf.load(lot_of(row) for row in tx.execute(sql("loyalty/live_lots"), args))
        return shelf

    def lots(self, tx: psycopg.Connection, ids: Sequence[int]) -> list[Lot]:
        rows = tx.execute(sql("loyalty/lots"), {"ids": list(ids)}).fetchall()
        return [lot_of(row) for row in rows]

    def take_turn(self, tx: psycopg.Connection, programme: Programme, *, reference: str) -> None:
        args = {"programme": programme.id, "reference": reference}
        tx.execute(sql("loyalty/take_turn"), args)

    def lot_of(self, tx: psycopg.Connection, programme: Programme, *, reference: str) -> Lot | None:
        args = {"programme": programme.id, "reference": reference}
        row = tx.execute(sql("loyalty/lot_of_order"), args).fetchone()
        return None if row is None else lot_of(row)

    def history(self, tx: psycopg.Connection, members: Sequence[int], *, limit: int) -> list[Lot]:
        args = {"ids": list(members), "limit": limit}
        return [lot_of(row) for row in tx.execute(sql("loyalty/lots_of_members"), args)]

    def new_lot_ids(self, tx: psycopg.Connection, number: int) -> list[int]:
        rows = tx.execute(sql("loyalty/new_lot_ids"), {"number": number}).fetchall()
        return [id for (id,) in rows]

    def save(self, tx: psycopg.Connection, shelf: Shelf) -> None:
        new = [lot for id, lot in shelf.lots.items() if id not in shelf.loaded]
        changed = [lot for id, lot in shelf.lots.items() if shelf.loaded.get(id, lot) != lot]
        if new:
            written = tx.execute(sql("loyalty/add_lots"), arrays(new, NEW)).rowcount
            assert written == len(new), "a lot belongs to a member"
        if changed:
            was = {"was": [shelf.loaded[lot.id].version for lot in changed]}
            args = arrays(changed, CHANGED) | was
            written = tx.execute(sql("loyalty/change_lots"), args).rowcount
            assert written == len(changed), "a lot changes under the lock of its member"
        killpoint("points.lots")
        purses = list(shelf.purses.values())
        args = {
            "id": [purse.member for purse in purses],
            "debt": [purse.debt for purse in purses],
            "tier_points": [purse.tier_points for purse in purses],
        }
        tx.execute(sql("loyalty/change_purses"), args)
        killpoint("points.purses")

    def freeze(self, tx: psycopg.Connection, members: Sequence[int], *, frozen: bool) -> None:
        args = {"ids": list(members), "frozen": frozen}
        written = tx.execute(sql("loyalty/freeze"), args).rowcount
        assert written == len(members), "members are never removed"
        killpoint("points.frozen")

    def add_spend(
        self,
        tx: psycopg.Connection,
        programme: Programme,
        *,
        reference: str,
        taken: Sequence[Taken],
    ) -> None:
        args = {
            "programme": programme.id,
            "reference": reference,
            "points": sum(one.points for one in taken),
            "lots": [one.lot for one in taken],
            "taken": [one.points for one in taken],
        }
        written = tx.execute(sql("loyalty/add_spend"), args).rowcount
        assert written == len(taken), "each link is one row"
        killpoint("points.spent")

    def spend_of(
        self, tx: psycopg.Connection, programme: Programme, *, reference: str
    ) -> Spend | None:
        args = {"programme": programme.id, "reference": reference}
        rows = tx.execute(sql("loyalty/spend_of"), args).fetchall()
        if not rows:
            return None
        links = tuple(Taken(lot, points, back) for _, _, lot, points, back in rows)
        return Spend(rows[0][0], reference, rows[0][1], links)

    def save_links(self, tx: psycopg.Connection, spend: Spend, *, links: Sequence[Taken]) -> None:
        args = {
            "spend": spend.id,
            "lots": [link.lot for link in links],
            "restored": [link.restored for link in links],
        }
        written = tx.execute(sql("loyalty/restore_links"), args).rowcount
        assert written == len(links), "no more comes back than was taken"
        killpoint("points.restored")

    def due(
        self, tx: psycopg.Connection, now_us: int, *, limit: int
    ) -> list[tuple[Programme, int]]:
        args = {"now_us": now_us, "limit": limit}
        rows = tx.execute(sql("loyalty/due"), args).fetchall()
        return [(programme_of(row[:4]), row[4]) for row in rows]


def forget(tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]) -> int:
    """Erases who the members are; their points stay in the books of nobody."""
    args = {"owner": merchant, **columns_of(holders)}
    return tx.execute(sql("loyalty/forget"), args).rowcount


def arrays(lots: Sequence[Lot], names: Sequence[str]) -> dict[str, list[Any]]:
    return {name: [plain(getattr(lot, name)) for lot in lots] for name in names}


def plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def programme_of(row: Sequence[Any]) -> Programme:
    id, owner, name, terms, *withheld = row
    return Programme(id, owner, name, msgspec.json.decode(terms, type=Terms), any(withheld))


def member_of(row: Sequence[Any]) -> Member:
    id, public_id, kind, token = row
    return Member(id, public_id, (kind, Token(bytes(token))))


def lot_of(row: Sequence[Any]) -> Lot:
    id, member, granted, remaining, state, available_us, expires_us, source, *rest = row
    return Lot(
        id,
        member,
        granted,
        remaining,
        State(state),
        available_us,
        expires_us,
        Source(source),
        **dict(zip(REST, rest, strict=True)),
    )
