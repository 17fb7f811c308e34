"""A whole engine on a real database: a street of merchants, and what must be equal afterwards."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from quanyu.clock import DAY_US, FixedClock, day_number, format_iso
from quanyu.events.bodies import Unusable
from quanyu.measurement.forms import funnel_query
from quanyu.measurement.items import TopItemsQuery
from quanyu.measurement.overview import OverviewQuery
from quanyu.measurement.paths import PathsQuery
from quanyu.measurement.retention import RetentionQuery
from quanyu.measurement.trends import TrendsQuery
from quanyu.settings import Settings
from quanyu.simulator.market import Market
from quanyu.storage.audit import Check
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.people import take_person_changes
from quanyu.wiring import Engine

KEY = bytes(range(32))
TEA, SHOES = "茶馆", "鞋店"
AUDIENCES: dict[str, Any] = {
    "看过": {"event": "view", "op": "ge", "value": 1},
    "近七日付款": {"event": "payment_completed", "op": "ge", "value": 1, "within": "7d"},
    "近七日没来": {"event": "view", "op": "eq", "value": 0, "within": "7d"},
    "上海": {"tag": "city", "op": "eq", "value": "上海"},
    "看过未付款": {"all": [
        {"audience": "看过"}, {"not": {"event": "payment_completed", "op": "ge", "value": 1}},
    ]},
}  # fmt: skip
TABLES = (
    "history", "tag_state", "tag_withheld", "person_of", "edge_state", "shared_node",
    "decision_outcome",
)  # fmt: skip
"""What projections make, byte for byte a function of the log; member bitmaps come besides."""


@contextmanager
def opened(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    settings = Settings(data_dir=data_dir, master_key_given=KEY)
    engine = Engine(settings, database, clock=clock)
    try:
        yield engine
    finally:
        engine.close()


def said(
    event_id: str, who: dict[str, str], *, at_us: int, kind: str = "view", **fields: Any
) -> dict[str, Any]:
    """An event in public form; ``who`` is kind → value."""
    return {
        "event_id": event_id,
        "kind": kind,
        "at": format_iso(at_us),
        "touchpoint": "taobao.item",
        "identifiers": who,
        **fields,
    }


def paid(event_id: str, who: dict[str, str], *, at_us: int, **fields: Any) -> dict[str, Any]:
    bill = {"order": f"o-{event_id}", "amount": 12_900}
    return said(event_id, who, at_us=at_us, kind="payment_completed", **bill | fields)


def market_events(clock: FixedClock, people: int = 12, days: int = 2) -> list[dict[str, Any]]:
    """What happens in a small market, in public form, up to now."""
    return list(Market(seed=7, people=people, days=days, end_us=clock.now_us()).events())


def body(events: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps(list(events), ensure_ascii=False).encode()


def tell(engine: Engine, merchant: str, *events: dict[str, Any]) -> int:
    """Through the intake; returns how many were new. All must be good."""
    receipt = engine.events.record(merchant, body(events))
    assert not isinstance(receipt, Unusable), receipt
    assert receipt.refusals == ()
    return receipt.accepted


def settled(engine: Engine) -> None:
    """What a session does before it answers."""
    engine.projector.catch_up()
    engine.settle()


def define_audiences(engine: Engine, merchant: str, names: Iterable[str] = AUDIENCES) -> None:
    for name in names:
        engine.audiences.create(merchant, name, definition=AUDIENCES[name])


def street(engine: Engine, clock: FixedClock, *, audiences: Iterable[str] = AUDIENCES) -> None:
    """Two merchants with the same customers and the same event ids, each with audiences."""
    for merchant in (TEA, SHOES):
        tell(engine, merchant, *market_events(clock))
    settled(engine)
    for merchant in (TEA, SHOES):
        define_audiences(engine, merchant, audiences)


def checks(engine: Engine) -> dict[str, Check]:
    return {check.name: check for check in engine.audit()}


def faults(engine: Engine) -> dict[str, tuple[str, ...]]:
    """Violations by check; empty when everything holds."""
    return {check.name: check.violations for check in engine.audit() if not check.holds}


def rows(database: Database, statement: str, *args: Any) -> list[tuple[Any, ...]]:
    with database.transaction() as conn:
        return conn.execute(statement, args).fetchall()  # type: ignore[arg-type]


def tamper(database: Database, *statements: str) -> None:
    """What a fault, or somebody with a console, does behind the engine's back."""
    with database.transaction() as conn:
        for statement in statements:
            assert conn.execute(statement).rowcount > 0, f"nothing there: {statement}"  # type: ignore[arg-type]


def labels(database: Database) -> dict[int, str]:
    """Node → merchant, kind and token: what stays the same when numbers come out otherwise."""
    found = rows(database, "SELECT node, name, kind, token FROM identifier NATURAL JOIN merchant")
    return {node: f"{name} {kind}:{bytes(token).hex()}" for node, name, kind, token in found}


def people(database: Database) -> dict[int, frozenset[str]]:
    """Person number → labels of the identifiers."""
    label, parts = labels(database), defaultdict(set)
    owner = dict(rows(database, "SELECT node, person FROM person_of"))
    for node, name in label.items():
        parts[owner.get(node, node)].add(name)
    return {person: frozenset(names) for person, names in parts.items()}


def histories(database: Database) -> list[tuple[str, int, str]]:
    """(identifier, time, event id), sorted, with repetitions."""
    label = labels(database)
    found = rows(database, "SELECT node, at_us, event FROM history")
    return sorted((label[n], at_us, msgspec.msgpack.decode(event)[0]) for n, at_us, event in found)


def tags(database: Database) -> dict[str, tuple[bytes, Any]]:
    """Identifier → folded state, and why it may be withheld."""
    label = labels(database)
    withheld = dict(rows(database, "SELECT node, (minor_through, suppressed) FROM tag_withheld"))
    states = rows(database, "SELECT node, state FROM tag_state")
    return {label[n]: (bytes(state), withheld.get(n)) for n, state in states}


def members(engine: Engine) -> dict[tuple[str, str], set[frozenset[str]]]:
    """(merchant, audience) → people, each as the labels of the identifiers."""
    known = people(engine.database)
    return {
        (merchant, name): {known[person] for person in bitmap}
        for merchant in merchants(engine)
        for name, bitmap in engine.audience_store.members(merchant, AUDIENCES).items()
    }


def merchants(engine: Engine) -> list[str]:
    return sorted(name for (name,) in rows(engine.database, "SELECT name FROM merchant"))


def portraits(engine: Engine, merchant: str) -> dict[str, tuple[str, Any]]:
    """Account → portrait and tag values, of the accounts of the market."""
    found = {}
    for number in range(12):
        who = f"taobao_id:taobao-{number:07d}"
        profile = engine.profiles.profile(merchant, who)
        if profile is not None:
            values = {line.reading.tag.key: line.reading.value for line in profile.tags}
            found[who] = (profile.portrait, values)
    return found


def reports(engine: Engine, merchant: str) -> dict[str, Any]:
    ask, now_us = engine.reports, engine.clock.now_us()
    answers = {
        "overview": ask.overview(merchant, OverviewQuery()),
        "funnel": ask.funnel(merchant, funnel_query("view,add_to_cart,payment_completed", "1d")),
        "paths": ask.paths(merchant, PathsQuery()),
        "retention": ask.retention(merchant, RetentionQuery()),
        "items": ask.top_items(merchant, TopItemsQuery()),
        "trends": ask.trends(merchant, TrendsQuery(day_number(now_us - DAY_US))),
    }
    return {name: msgspec.to_builtins(answer) for name, answer in answers.items()}


def meaning(engine: Engine) -> dict[str, Any]:
    """Everything that is known, free of numbers that depend on the order of arrival."""
    return {
        "people": set(people(engine.database).values()),
        "histories": histories(engine.database),
        "tags": tags(engine.database),
        "members": members(engine),
        "reports": {merchant: reports(engine, merchant) for merchant in merchants(engine)},
        "portraits": {merchant: portraits(engine, merchant) for merchant in merchants(engine)},
    }


def made_by_projections(engine: Engine) -> dict[str, Any]:
    """The rows themselves, and the live members."""
    found: dict[str, Any] = {
        table: sorted(rows(engine.database, f'SELECT t::text FROM "{table}" t')) for table in TABLES
    }
    found["members"] = {
        (merchant, name): sorted(bitmap)
        for merchant in merchants(engine)
        for name, bitmap in engine.audience_store.members(merchant, AUDIENCES).items()
    }
    return found


def nothing_waits(engine: Engine) -> bool:
    """No projection lags, and nobody has to be told of a merge any more."""
    with engine.database.transaction() as conn:
        told = take_person_changes(conn) == []
    return told and set(engine.projector.lag().values()) == {0}
