"""Items that points buy, and the codes that partners fulfil."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.errors import BadInput
from quanyu.promotions.loyalty.exchange import Entitlement, Item, Offered, State
from quanyu.promotions.loyalty.programmes import Programme
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.loyalty.purses import programme_of
from quanyu.storage.postgres.sql_files import sql


class PostgresEntitlements:
    """The port ``Entitlements``."""

    def put_item(self, tx: psycopg.Connection, programme: Programme, *, offered: Offered) -> Item:
        args = {
            "programme": programme.id,
            "name": offered.name,
            "partner": offered.partner,
            "offered": msgspec.json.encode(offered),
        }
        row = tx.execute(sql("loyalty/put_item"), args).fetchone()
        if row is None:
            raise BadInput("name", f"there is an item {offered.name} already; choose another name")
        return Item(row[0], offered)

    def item(self, tx: psycopg.Connection, programme: Programme, *, name: str) -> Item | None:
        found = [item for item in self.items(tx, programme) if item.offered.name == name]
        return found[0] if found else None

    def items(self, tx: psycopg.Connection, programme: Programme) -> list[Item]:
        rows = tx.execute(sql("loyalty/items"), {"programme": programme.id}).fetchall()
        return [item_of(*row) for row in rows]

    def had(self, tx: psycopg.Connection, item: Item, *, members: list[int]) -> int:
        tx.execute(sql("loyalty/lock_item"), {"item": item.id})
        args = {"item": item.id, "members": members}
        row = tx.execute(sql("loyalty/had"), args).fetchone()
        assert row is not None, "a count gives one row"
        return int(row[0])

    def add(self, tx: psycopg.Connection, item: Item, *, member: int, code: str) -> None:
        args = {"item": item.id, "member": member, "code": code}
        written = tx.execute(sql("loyalty/add_entitlement"), args).rowcount
        assert written == 1, "a code is one row"
        killpoint("points.entitled")

    def of_members(self, tx: psycopg.Connection, members: list[int]) -> list[Entitlement]:
        rows = tx.execute(sql("loyalty/entitlements"), {"members": members}).fetchall()
        return [entitlement_of(row) for row in rows]

    def lock(self, tx: psycopg.Connection, partner: str, *, code: str) -> Entitlement | None:
        args = {"code": code, "party": partner}
        row = tx.execute(sql("loyalty/lock_entitlement"), args).fetchone()
        return None if row is None else entitlement_of(row)

    def pass_to(self, tx: psycopg.Connection, entitlement: Entitlement, *, state: State) -> None:
        args = {"id": entitlement.id, "state": state.value}
        written = tx.execute(sql("loyalty/pass_entitlement"), args).rowcount
        assert written == 1, "the row is locked and was ordered"
        killpoint("points.passed")


def item_of(id: int, offered: bytes, *withheld: bool) -> Item:
    return Item(id, msgspec.json.decode(offered, type=Offered), any(withheld))


def entitlement_of(row: Sequence[Any]) -> Entitlement:
    id, code, state, item, offered, *programme = row
    return Entitlement(id, code, State(state), item_of(item, offered), programme_of(programme))
