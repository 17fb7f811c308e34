"""Everything between an event and a membership, on real parts, and a clock that the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from quanyu.clock import FixedClock
from quanyu.events.event import Event
from quanyu.settings import Settings
from quanyu.storage.lake.audience_crowd import LakeCrowd
from quanyu.storage.postgres.audience_live import LiveAudiences
from quanyu.storage.postgres.audience_members import Memberships
from quanyu.storage.postgres.consumers import Projecting, Source, catch_up
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

KEY = bytes(range(32))
SHOP = "shop"
BUYERS = {"event": "payment_completed", "op": "ge", "value": 1, "within": "7d"}
QUIET = {"event": "payment_completed", "op": "eq", "value": 0, "within": "7d"}


class World:
    """One shop; every round does what the projector does."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock = engine, clock
        self._numbers = count(1)
        self.source = Source(engine.log)
        self.database, self.log = engine.database, engine.log
        self.audiences, self.store = engine.audiences, engine.audience_store

    @property
    def crowd(self) -> LakeCrowd:
        tags = self.store.tags_of_everybody
        return LakeCrowd(self.engine.readings, self.engine.catalogue, tags=tags)

    @property
    def live(self) -> LiveAudiences:
        return self.engine.live_audiences

    def restart(self) -> None:
        """A new process knows only what is stored."""
        fresh = LiveAudiences(self.clock, Memberships(), sources=self.engine.audience_sources)
        self.engine.live_audiences = fresh

    def record(self, kind: str, who: str | dict[str, str], **fields: Any) -> str:
        number = next(self._numbers)
        identifiers = {"member_id": who} if isinstance(who, str) else who
        make = self.engine.tokeniser(SHOP)
        ago_us = fields.pop("ago_us", 0)
        event = Event(
            event_id=f"e{number}",
            kind=kind,
            version=1,
            at_us=self.clock.now_us() - ago_us,
            received_us=self.clock.now_us(),
            touchpoint="taobao",
            identifiers=tuple(sorted((k, make.token(k, v)) for k, v in identifiers.items())),
            **fields,
        )
        self.log.append(SHOP, [event])
        return event.event_id

    def settle(self) -> None:
        """What the projector does in one round."""
        for projection in (
            self.engine.identity_projection,
            self.engine.profile_projection,
            self.live,
        ):
            self.follow(projection)
        self.store.sweep(self.live)

    def follow(self, projection: Projecting) -> None:
        catch_up(self.source, projection)

    def later(self, by_us: int) -> None:
        self.clock.advance(by_us)
        self.settle()

    def create(self, name: str, definition: Any) -> int:
        return self.audiences.create(SHOP, name, definition=definition).people

    def count(self, name: str) -> int:
        return self.audiences.count(SHOP, name)

    def causes(self, name: str) -> list[tuple[bool, str]]:
        with self.database.transaction() as conn:
            rows = conn.execute(
                "SELECT entered, cause FROM membership_change JOIN audience USING (audience_no)"
                " WHERE name = %s ORDER BY change_no",
                [name],
            ).fetchall()
        return [(entered, cause) for entered, cause in rows]


@contextmanager
def opened(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[World]:
    engine = Engine(Settings(data_dir=data_dir, master_key_given=KEY), database, clock=clock)
    try:
        yield World(engine, clock)
    finally:
        engine.close()


def pay(world: World, who: str | dict[str, str], **more: Any) -> str:
    return world.record(
        "payment_completed", who, order=f"o{id(who)}", amount_fen=more.pop("fen", 9900), **more
    )
