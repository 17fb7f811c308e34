"""Random events, and the same events as the table of an engine: common ground of the properties."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

import pyarrow as pa
from hypothesis import strategies as st

from quanyu.clock import DAY_US, MINUTE_US, parse_iso
from quanyu.events.event import Event, PropValue
from quanyu.ids import Token
from quanyu.measurement.steps import Seen
from quanyu.storage.lake.engine import LakeEngine
from quanyu.storage.lake.people import PERSON_OF
from quanyu.storage.lake.rows import table_of
from quanyu.storage.lake.snapshot import Part, Snapshot
from quanyu.storage.lake.table import Reading

MORNING_US = parse_iso("2026-05-01T09:00:00+08:00")
KINDS = ("view", "add_to_cart", "payment_completed", "refund_completed")
TOUCHPOINTS = ("taobao.search", "eleme.home")
ITEMS = ("i1", "i2", None)
PROPS: tuple[dict[str, PropValue], ...] = (
    {},
    {"category": "美妆", "vip": True},
    {"category": "生鲜", "size": 5},
    {"category": 7, "size": "5"},
    {"size": 5.0, "vip": 1},
)
STEP_US = 20 * MINUTE_US
"""Events lie on a coarse grid, so that many of them fall on one instant."""


def event_of(chance: Random, number: int) -> Event:
    kind = chance.choice(KINDS)
    money = kind in ("payment_completed", "refund_completed")
    return Event(
        event_id=f"e{chance.randrange(10**6):06d}-{number}",
        kind=kind,
        version=1,
        at_us=MORNING_US + STEP_US * chance.choice((chance.randrange(12), chance.randrange(400))),
        received_us=MORNING_US + 9 * DAY_US,
        touchpoint=chance.choice(TOUCHPOINTS),
        identifiers=(("taobao_id", Token(bytes(16))),),
        item=chance.choice(ITEMS),
        order=f"o{chance.randrange(4)}" if money and chance.random() < 0.8 else None,
        amount_fen=chance.randrange(10**6) if money else None,
        props=chance.choice(PROPS),
    )


def crowd_of(seed: int, events: int = 40, people: int = 3) -> list[Seen]:
    """Some events of a few people; persons 1 … people."""
    chance = Random(seed)
    return [Seen(chance.randint(1, people), event_of(chance, number)) for number in range(events)]


crowds = st.builds(
    crowd_of, st.integers(0, 2**32), events=st.integers(0, 60), people=st.integers(1, 5)
)


@contextmanager
def reading_of(engine: LakeEngine, seen: Sequence[Seen]) -> Iterator[Reading]:
    """Every other event of a person comes in by a node of its own, which the person owns."""
    nodes = [one.person + 100 * (place % 2) for place, one in enumerate(seen)]
    rows = table_of(range(1, len(seen) + 1), [one.event for one in seen], nodes=nodes)
    owners = pa.table({"node": range(101, 200), "person": range(1, 100)}, schema=PERSON_OF)
    with engine.session() as session:
        yield Reading(session, Snapshot((Part((), rows),), owners))
