"""The port ``Standings``: who may be sent what, held still until the sender's transaction ends."""

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.sending import Standing, Suppressed, Suppression
from quanyu.storage.postgres.consent import Register
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.person_locks import held_nodes
from quanyu.storage.postgres.profiles import subject_of
from quanyu.storage.postgres.sql_files import sql


class PostgresStandings:
    def __init__(self, database: Database, *, register: Register) -> None:
        self._database = database
        self._register = register

    def hold(
        self, tx: psycopg.Connection, merchant: str, *, identifier: Identifier
    ) -> Standing | None:
        nodes = held_nodes(tx, merchant, identifier=identifier, alone=False)
        if not nodes:
            return None
        rows = tx.execute(sql("privacy/suppressions"), {"nodes": nodes}).fetchall()
        erasing = tx.execute(sql("privacy/being_erased"), {"nodes": nodes}).fetchone()
        return Standing(
            subject_of(tx, nodes),
            {channel: Suppressed(reason) for channel, reason in rows},
            bool(erasing and erasing[0]),
        )

    def suppress(
        self, merchant: str, identifier: Identifier, *, channel: str, said: Suppression
    ) -> None:
        with self._database.transaction() as tx:
            node = self._register(tx, merchant, pairs=[identifier])[identifier]
            held_nodes(tx, merchant, identifier=identifier, alone=True)
            args = {
                "merchant_no": merchant_no(tx, merchant),
                "node": node,
                "channel": channel,
                "reason": said.reason.value,
                "at_us": said.at_us,
                "actor": said.actor,
            }
            tx.execute(sql("privacy/suppress"), args)

    def lift(self, merchant: str, identifier: Identifier, *, channel: str) -> bool:
        with self._database.transaction() as tx:
            nodes = held_nodes(tx, merchant, identifier=identifier, alone=True)
            args = {"nodes": nodes, "channel": channel}
            return tx.execute(sql("privacy/lift_suppression"), args).rowcount > 0
