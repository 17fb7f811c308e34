"""A small town for tests of profiles: events go through the real intake, log and projection."""

import json
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psycopg

from quanyu.clock import DAY_US, HOUR_US, FixedClock, format_iso
from quanyu.customers.identity.anchors import BlockedTokens, anchor
from quanyu.customers.privacy.copies import Copies
from quanyu.customers.privacy.service import PrivacyService
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.loading import tag_definitions
from quanyu.customers.profile.service import Profile, ProfileService
from quanyu.events.admission import normalised
from quanyu.events.bodies import Unusable
from quanyu.events.event import Event
from quanyu.events.log import Appended, Delivery
from quanyu.events.service import Events
from quanyu.ids import Token, Tokeniser
from quanyu.storage.lake.rewriting import LakeRewriter
from quanyu.storage.lake.store import LakeStore
from quanyu.storage.lake.writer import LakeWriter
from quanyu.storage.postgres.audience_members import Memberships
from quanyu.storage.postgres.consent import PostgresConsent
from quanyu.storage.postgres.consumers import Source, catch_up, rebuild
from quanyu.storage.postgres.copies import PostgresBelongings
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.decisions.forgetting import erase_viewers, forget_viewers
from quanyu.storage.postgres.erasure import Others, PostgresEraser
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.identity.erasure import forget_nodes
from quanyu.storage.postgres.identity.people import People
from quanyu.storage.postgres.identity.projection import IdentityProjection
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.identity.registry import Registry, register
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.profile_projection import ProfileProjection
from quanyu.storage.postgres.profiles import PostgresProfiles
from quanyu.storage.postgres.quarantine import Quarantine
from quanyu.storage.postgres.tag_values import TagValues

MASTER_KEY = bytes(range(32))
SHOP = "demo"
Identifier = tuple[str, str]


class Anchors:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def of(self, conn: psycopg.Connection, merchant: str, events: Sequence[Event]) -> list[int]:
        pairs = [anchor(event) for event in events]
        nodes = self._registry.register(conn, merchant, pairs=list(dict.fromkeys(pairs)))
        return [nodes[pair] for pair in pairs]


class AtOnce:
    """An inbox that waits for nobody."""

    def __init__(self, log: PostgresEventLog) -> None:
        self._log = log

    def submit(self, delivery: Delivery) -> Future[Appended]:
        done: Future[Appended] = Future()
        done.set_result(self._log.write([delivery])[0])
        return done


class Town:
    """Services of one database under one clock; ``says`` brings in events of the public form."""

    def __init__(
        self,
        database: Database,
        clock: FixedClock,
        catalogue: Catalogue | None = None,
        lake_dir: Path | None = None,
    ) -> None:
        self.database, self.clock = database, clock
        self.people = People(BlockedTokens(self.tokeniser))
        self.registry = Registry()
        self.identity = IdentityProjection(self.people, self.registry)
        self.catalogue = catalogue or tag_definitions()
        self.quarantine = Quarantine(database, MASTER_KEY)
        self.log = PostgresEventLog(database, self.quarantine)
        self.source = Source(self.log)
        self.events = Events(
            AtOnce(self.log), self.quarantine, tokeniser_of=self.tokeniser, clock=clock
        )
        self.projection = ProfileProjection(
            self.catalogue, clock, nodes=Anchors(self.registry), forget=forget_viewers
        )
        self.store = PostgresProfiles(database, self.catalogue)
        self.profiles = ProfileService(
            self.store, clock, catalogue=self.catalogue, tokeniser_of=self.tokeniser
        )
        self.eraser = PostgresEraser(
            database,
            self.log,
            quarantine=self.quarantine,
            others=Others(
                anchor=lambda merchant, event: anchor(event),
                lake=self._erase_lake,
                tables={"decisions": erase_viewers, "identity": self._forget},
            ),
            secrets=(MASTER_KEY, clock),
        )
        self.privacy = PrivacyService(
            PostgresConsent(database, self.store, projection=self.projection, register=register),
            self.eraser,
            clock=clock,
            tokeniser_of=self.tokeniser,
        )
        self.copies = Copies(
            self.profiles,
            PostgresBelongings(database, Memberships()),
            tokeniser_of=self.tokeniser,
        )
        self.lake = lake_dir and LakeStore(database, lake_dir)
        self._number = 0

    def _erase_lake(self, merchant: str, nodes: Collection[int]) -> int:
        if self.lake is None:
            return 0
        return LakeRewriter(self.lake, self.clock).erase_nodes(merchant, nodes)

    def _forget(self, conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]) -> int:
        place = Merchant(merchant, merchant_no(conn, merchant))
        forget_nodes(conn, self.people, merchant=place, nodes=nodes)
        return len(nodes)

    def flush_lake(self) -> int:
        assert self.lake is not None
        nodes = Anchors(self.registry)
        return LakeWriter(self.lake, self.log, nodes=nodes, clock=self.clock).flush()

    def tokeniser(self, merchant: str) -> Tokeniser:
        return Tokeniser.of_merchant(MASTER_KEY, merchant)

    def token(self, identifier: Identifier, merchant: str = SHOP) -> tuple[str, Token]:
        kind, value = identifier
        return kind, self.tokeniser(merchant).token(kind, normalised(kind, value))

    def event(
        self, kind: str, *who: Identifier, days_ago: float = 0, **rest: Any
    ) -> dict[str, Any]:
        """A public event; ``hour`` sets the hour of the day in China."""
        self._number += 1
        at_us = self.clock.now_us() - round(days_ago * DAY_US)
        if "hour" in rest:
            midnight_us = (at_us + 8 * HOUR_US) // DAY_US * DAY_US - 8 * HOUR_US
            at_us = midnight_us + rest.pop("hour") * HOUR_US
        return {
            "event_id": f"e{self._number:05d}",
            "kind": kind,
            "at": format_iso(at_us),
            "touchpoint": "taobao.app",
            "identifiers": dict(who),
            **rest,
        }

    def says(self, *events: dict[str, Any], merchant: str = SHOP) -> int:
        """Bring events in and fold them; returns how many were new and good."""
        receipt = self.events.record(merchant, json.dumps(list(events)).encode())
        assert not isinstance(receipt, Unusable)
        self.fold()
        return receipt.accepted

    def fold(self) -> int:
        catch_up(self.source, self.identity)
        return catch_up(self.source, self.projection)

    def rebuild(self) -> int:
        return rebuild(self.source, self.projection)

    def node(self, identifier: Identifier, merchant: str = SHOP) -> int:
        pair = self.token(identifier, merchant)
        with self.database.transaction() as conn:
            return register(conn, merchant, pairs=[pair])[pair]

    def link(self, *identifiers: Identifier) -> int:
        """Make one person of these identifiers, as identity would; returns its number."""
        nodes = sorted(self.node(identifier) for identifier in identifiers)
        with self.database.transaction() as conn:
            conn.execute("DELETE FROM person_of WHERE node = ANY (%s)", [nodes])
            for node in nodes[1:]:
                conn.execute("INSERT INTO person_of VALUES (%s, %s)", [node, nodes[0]])
        return nodes[0]

    def unlink(self, *identifiers: Identifier) -> None:
        nodes = [self.node(identifier) for identifier in identifiers]
        with self.database.transaction() as conn:
            conn.execute("DELETE FROM person_of WHERE node = ANY (%s)", [nodes])

    def profile(self, who: Identifier, merchant: str = SHOP) -> Profile:
        found = self.profiles.profile(merchant, ":".join(who))
        assert found is not None
        return found

    def tags(self, who: Identifier, merchant: str = SHOP) -> dict[str, Any]:
        return {
            line.reading.tag.key: line.reading.value for line in self.profile(who, merchant).tags
        }

    def values(self, *persons: int, merchant: str = SHOP) -> dict[int, dict[str, Any]]:
        with self.database.transaction() as conn:
            found = TagValues(self.catalogue, self.clock).of_persons(
                conn, merchant, persons=persons
            )
        return {person: dict(values) for person, values in found.items()}

    def rows(self, statement: str, *args: Any) -> list[tuple[Any, ...]]:
        with self.database.transaction() as conn:
            return conn.execute(statement, args).fetchall()  # type: ignore[arg-type]
