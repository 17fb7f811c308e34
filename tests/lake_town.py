"""A whole lake on a fresh database: log, registry, writer, rewriter, readings."""

from dataclasses import dataclass
from pathlib import Path

from quanyu.clock import SECOND_US, FixedClock
from quanyu.customers.identity.anchors import anchor
from quanyu.events.event import Event
from quanyu.ids import Token, Tokeniser
from quanyu.measurement.disclosure import K_WITHIN_MERCHANT, Veil
from quanyu.storage.lake.anchors import AnchorNodes
from quanyu.storage.lake.engine import DuckDBEngine, LakeEngine
from quanyu.storage.lake.replay import LakeReplay
from quanyu.storage.lake.reports import LakeReports
from quanyu.storage.lake.rewriting import LakeRewriter
from quanyu.storage.lake.snapshot import Snapshots
from quanyu.storage.lake.store import LakeStore
from quanyu.storage.lake.table import Lake
from quanyu.storage.lake.writer import FlushRule, LakeWriter
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.identity.registry import register
from quanyu.storage.postgres.lake_files import LakeFile, live_files, place
from quanyu.storage.postgres.quarantine import Quarantine

TOKENISER = Tokeniser.of_merchant(bytes(range(32)), "demo")
DISCLOSURE_SECRET = bytes(range(32))


def veil(k: int) -> Veil:
    return Veil(k, DISCLOSURE_SECRET)


VEIL = veil(K_WITHIN_MERCHANT)


def token(value: str, kind: str = "taobao_id") -> Token:
    return TOKENISER.token(kind, value)


def event(
    event_id: str, at_us: int, who: str = "ann", kind: str = "view", **fields: object
) -> Event:
    return Event(
        event_id=event_id,
        kind=kind,
        version=1,
        at_us=at_us,
        received_us=at_us + SECOND_US,
        touchpoint="taobao.feed",
        identifiers=(("taobao_id", token(who)),),
        **fields,  # type: ignore[arg-type]
    )


@dataclass
class Town:
    database: Database
    root: Path
    clock: FixedClock
    engine: LakeEngine
    rule: FlushRule

    def __post_init__(self) -> None:
        nodes = AnchorNodes(register, lambda merchant, event: anchor(event))
        self.log = PostgresEventLog(self.database, Quarantine(self.database, bytes(range(32))))
        self.store = LakeStore(self.database, self.root)
        self.writer = LakeWriter(
            self.store, self.log, nodes=nodes, clock=self.clock, rule=self.rule
        )
        self.rewriter = LakeRewriter(self.store, self.clock)
        self.replay = LakeReplay(self.store)
        self.lake = Lake(self.engine, Snapshots(self.store, self.log, nodes=nodes))
        self.reports = LakeReports(self.lake, secret=DISCLOSURE_SECRET)

    def take_in(self, *events: Event, merchant: str = "demo") -> None:
        self.log.append(merchant, events)

    def files(self) -> list[LakeFile]:
        with self.database.transaction() as conn:
            return live_files(conn)

    def place(self) -> int:
        with self.database.transaction() as conn:
            return place(conn)

    def on_disk(self) -> list[str]:
        return sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file())

    def seen_ids(self, merchant: str = "demo") -> list[str]:
        """Event ids that a report sees, with repetitions."""
        with self.lake.reading(merchant) as reading:
            rows = reading.rows(reading.events.select("event_id").order_by("event_id"))
        return [row["event_id"] for row in rows]

    def node(self, who: str, merchant: str = "demo") -> int:
        pair = ("taobao_id", token(who))
        with self.database.transaction() as conn:
            return register(conn, merchant, pairs=[pair])[pair]


def town_of(
    database: Database, root: Path, clock: FixedClock, rule: FlushRule | None = None
) -> Town:
    return Town(database, root, clock, DuckDBEngine(), rule or FlushRule())
