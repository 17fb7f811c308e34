"""The consent ledger, and the off switch that acts in the same transaction."""

from collections.abc import Collection
from typing import Protocol

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.consent import ConsentEntry, Subject
from quanyu.customers.privacy.purposes import PERSONALISATION, Purpose
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.person_locks import held_nodes
from quanyu.storage.postgres.profile_projection import ProfileProjection
from quanyu.storage.postgres.profiles import PostgresProfiles
from quanyu.storage.postgres.sql_files import sql


class Register(Protocol):
    def __call__(
        self, conn: psycopg.Connection, merchant: str, *, pairs: Collection[Identifier]
    ) -> dict[Identifier, int]:
        """Node of each (kind, token), made when new."""


class PostgresConsent:
    """The port ``ConsentStore``."""

    def __init__(
        self,
        database: Database,
        profiles: PostgresProfiles,
        *,
        projection: ProfileProjection,
        register: Register,
    ) -> None:
        self._database = database
        self._profiles = profiles
        self._projection = projection
        self._register = register

    def subject(self, merchant: str, identifier: Identifier) -> Subject | None:
        found = self._profiles.person(merchant, identifier, limit=1)
        return None if found is None else found.subject

    def add(
        self, merchant: str, identifier: Identifier, *, entry: ConsentEntry, purpose: Purpose
    ) -> None:
        with self._database.transaction() as conn:
            if entry.purpose == PERSONALISATION:
                # A batch that is being folded has not seen this line: let it commit first.
                conn.execute(sql("events/lock_consumer"), {"consumer": self._projection.name})
            node = self._register(conn, merchant, pairs=[identifier])[identifier]
            # Whoever is sending to the person now goes first; whoever comes later sees this line.
            held_nodes(conn, merchant, identifier=identifier, alone=True)
            args = {
                "merchant_no": merchant_no(conn, merchant),
                "node": node,
                "purpose": entry.purpose,
                "action": entry.action,
                "notice_version": entry.notice_version,
                "basis": purpose.basis,
                "at_us": entry.at_us,
                "actor": entry.actor,
                "recipient": entry.recipient,
            }
            conn.execute(sql("privacy/add_consent"), args)
            killpoint("consent.written")
            if entry.purpose == PERSONALISATION:
                rows = conn.execute(sql("profiles/persons_of_nodes"), {"nodes": [node]})
                self._projection.sweep(conn, [row[0] for row in rows])
            else:
                conn.execute(sql("profiles/tell_flipped"), {"nodes": [node]})
        killpoint("consent.committed")
