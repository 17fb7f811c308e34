"""One tree, several engines: Python for one person and Ibis for everybody name the same members.

Each example draws a small town of people with awkward histories (late events, equal timestamps,
instants exactly on the edge of a window, dates in the future, several nodes per person, texts
that try to break out of quotes) and several random trees, and runs them in one query.
"""

import os
import random
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US, format_iso
from quanyu.customers.audiences.decode import decode
from quanyu.customers.audiences.evaluate import evaluate, next_change_us
from quanyu.customers.audiences.history import PersonView
from quanyu.customers.audiences.tree import Node
from quanyu.customers.audiences.vocabulary import Vocabulary
from quanyu.events.event import Event
from quanyu.storage.lake.audience import People, members

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

AS_OF_US = 20_600 * DAY_US - CHINA_OFFSET_US + 9 * HOUR_US + 123
"""09:00 in China, so that the midnights of the windows lie inside them."""

KINDS = ["view", "click", "add_to_cart", "payment_completed"]
WINDOWS = {"1h": HOUR_US, "1d": DAY_US, "7d": 7 * DAY_US, "30d": 30 * DAY_US}
TEXTS = ["a", "b", "上海", "O'Hara", 'say "hi"', "\\", "%_", "", "5", "'; DROP TABLE ev; --", "😀"]
TAGS = {"city": "text", "age": "number", "interests": "texts"}
WORDS = Vocabulary(tags=TAGS, kinds=frozenset(KINDS))  # type: ignore[arg-type]

SCHEMA = pa.schema(
    [
        ("node", pa.int64()),
        ("kind", pa.string()),
        ("at_us", pa.int64()),
        ("touchpoint", pa.string()),
    ]
    + [(n, pa.string()) for n in ("item", "store", "content", "offer", "campaign", "decision")]
    + [("order_id", pa.string()), ("amount_fen", pa.int64()), ("query", pa.string())]
    + [("props", pa.map_(pa.string(), pa.string()))]
)
TAG_SCHEMA = pa.schema(
    {
        "person": pa.int64(),
        "city": pa.string(),
        "age": pa.int64(),
        "interests": pa.list_(pa.string()),
    }
)

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

# ── what people did ────────────────────────────────────────────────────────────────────────────

edge_offsets = st.builds(
    lambda window_us, nudge: window_us + nudge,
    st.sampled_from([0, *WINDOWS.values(), AS_OF_US % DAY_US, 9 * HOUR_US + 123]),
    st.sampled_from([-1, 0, 1]),
)
ages_us = edge_offsets | st.sampled_from([2 * HOUR_US, 3 * DAY_US, 40 * DAY_US, -HOUR_US])
props = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.sampled_from([*TEXTS, 5, True, "true"]),
        "quantity": st.sampled_from([1, 2, -3, 2.5, 3.0, "2", True, 10**15, 10**15 - 1]),
    },
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    paid = draw(st.booleans())
    return Event(
        event_id="e",
        kind=draw(st.sampled_from(KINDS)),
        version=1,
        at_us=AS_OF_US - draw(ages_us),
        received_us=AS_OF_US,
        touchpoint=draw(st.sampled_from(["taobao", "live"])),
        identifiers=(),
        item=draw(st.none() | st.sampled_from(TEXTS[:4])),
        amount_fen=draw(st.sampled_from([0, 100, 250, -100, 10**15, -(10**15) + 1]))
        if paid
        else None,
        props=draw(props),
    )


tag_values = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(TEXTS),
        "age": st.sampled_from([0, 28, -1]),
        "interests": st.lists(st.sampled_from(TEXTS), max_size=3).map(tuple),
    },
)
people = st.tuples(
    st.lists(st.tuples(st.integers(0, 2), events()), max_size=7),
    tag_values,
)
towns = st.lists(people, min_size=8, max_size=16)

# ── what is asked ──────────────────────────────────────────────────────────────────────────────


def lists_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=3)


def asked(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    single = st.fixed_dictionaries(
        {"op": st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), "value": numbers}
    )
    several = st.fixed_dictionaries(
        {"op": st.sampled_from(["in", "not_in"]), "value": lists_of(numbers)}
    )
    pair = st.lists(numbers, min_size=2, max_size=2).map(sorted)
    return single | several | st.fixed_dictionaries({"op": st.just("between"), "value": pair})


def merged(*forms: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*forms).map(lambda parts: {k: v for part in parts for k, v in part.items()})


where = st.fixed_dictionaries(
    {},
    optional={
        "item": st.sampled_from(TEXTS) | lists_of(st.sampled_from(TEXTS)),
        "channel": st.sampled_from([*TEXTS, '"a"', True, 5]) | lists_of(st.sampled_from(TEXTS)),
        "quantity": st.sampled_from([1, 2, True, "2"]) | lists_of(st.sampled_from([1, "2", 3])),
        "amount": st.sampled_from([0, 100, 250]),
        "touchpoint": st.just("live"),
    },
)
steps = merged(
    st.fixed_dictionaries({"event": st.sampled_from(KINDS)}),
    st.just({}) | st.fixed_dictionaries({"where": where}),
)
iso = ages_us.map(lambda age_us: format_iso(AS_OF_US - age_us))
within = st.one_of(
    st.sampled_from(list(WINDOWS)),
    st.sampled_from([{"from": "7d", "to": "1d"}, {"to": "1d"}, {"from": "30d", "to": "1h"}]),
    st.builds(lambda a, b: {"from": min(a, b), "to": max(a, b)}, iso, iso).filter(
        lambda window: window["from"] < window["to"]
    ),
    iso.map(lambda at: {"to": at}),
)
measures = st.sampled_from(
    [
        {"measure": "count"},
        {"measure": "days"},
        {"measure": "sum", "field": "amount"},
        {"measure": "sum", "field": "quantity"},
    ]
)
event_conditions = merged(
    steps,
    measures,
    asked(st.sampled_from([0, 1, 2, 3, 100, 250, -100])),
    st.just({}) | st.fixed_dictionaries({"within": within}),
)
sequences = st.fixed_dictionaries(
    {"sequence": st.lists(steps, min_size=2, max_size=4), "within": st.sampled_from(list(WINDOWS))}
)
exists = st.fixed_dictionaries({"op": st.just("exists"), "value": st.booleans()})
texts = st.sampled_from(TEXTS)
tag_conditions = st.one_of(
    merged(st.just({"tag": "age"}), asked(st.sampled_from([0, 28, 29])) | exists),
    merged(
        st.just({"tag": "city"}),
        st.fixed_dictionaries({"op": st.sampled_from(["eq", "ne", "contains"]), "value": texts})
        | st.fixed_dictionaries({"op": st.sampled_from(["in", "not_in"]), "value": lists_of(texts)})
        | exists,
    ),
    merged(
        st.just({"tag": "interests"}),
        st.fixed_dictionaries({"op": st.just("contains"), "value": texts}) | exists,
    ),
)
trees = st.recursive(
    event_conditions | event_conditions | sequences | tag_conditions,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
).map(lambda form: decode(form, WORDS))

# ── the two answers ────────────────────────────────────────────────────────────────────────────

Town = Sequence[tuple[list[tuple[int, Event]], dict[str, Any]]]
ROOM = 10
"""Node numbers per person: the first is the person's own number, the others map to it."""


def event_row(node: int, event: Event) -> dict[str, Any]:
    import msgspec

    fields = {name: getattr(event, name) for name in SCHEMA.names if hasattr(event, name)}
    texts = {name: msgspec.json.encode(value).decode() for name, value in event.props.items()}
    return fields | {"node": node, "order_id": event.order, "props": texts}


def tables_of(town: Town) -> tuple[pa.Table, pa.Table]:
    """Rows in shuffled order, as late events arrive."""
    rows = [
        event_row((number + 1) * ROOM + node, event)
        for number, (history, _) in enumerate(town)
        for node, event in history
    ]
    random.Random(len(rows)).shuffle(rows)
    tags = [
        {"person": (number + 1) * ROOM, **tags} for number, (_, tags) in enumerate(town) if tags
    ]
    return pa.Table.from_pylist(rows, SCHEMA), pa.Table.from_pylist(tags, TAG_SCHEMA)


def views_of(town: Town) -> dict[int, PersonView]:
    """Everybody with an event; who has none is not known to the lake."""
    return {
        (number + 1) * ROOM: PersonView(tags, [event for _, event in history])
        for number, (history, tags) in enumerate(town)
        if history
    }


def by_python(town: Town, asked_trees: Sequence[Node]) -> set[tuple[int, int]]:
    views = views_of(town)
    return {
        (number, person)
        for number, tree in enumerate(asked_trees)
        for person, view in views.items()
        if evaluate(tree, view, as_of_us=AS_OF_US)
    }


def everybody(events_table: Any, tags_table: Any) -> People:
    own = events_table.node - events_table.node % ROOM
    return People(events_table.mutate(person=own), lambda keys: tags_table.select("person", *keys))


def by_ibis(known: People, asked_trees: Sequence[Node], backend: Any) -> set[tuple[int, int]]:
    parts = [
        members(tree, known, as_of_us=AS_OF_US).mutate(tree=ibis.literal(number, "int64"))
        for number, tree in enumerate(asked_trees)
    ]
    query = ibis.union(*parts) if len(parts) > 1 else parts[0]
    rows = backend.to_pyarrow(query).to_pylist()
    found = [(row["tree"], row["person"]) for row in rows]
    assert len(found) == len(set(found)), "a member stands twice"
    return set(found)


@pytest.fixture(scope="module")
def duck() -> Any:
    return ibis.duckdb.connect(threads=1)


def on_duckdb(duck: Any, town: Town) -> People:
    """Tags of people without events are left out: only known people have a state."""
    events_table, tags_table = tables_of(town)
    duck.con.register("town_events", events_table)
    duck.con.register("town_tags", known_tags(town, tags_table))
    return everybody(duck.table("town_events"), duck.table("town_tags"))


def known_tags(town: Town, tags_table: pa.Table) -> pa.Table:
    known = views_of(town).keys()
    keep = [person in known for person in tags_table["person"].to_pylist()]
    return tags_table.filter(pa.array(keep, pa.bool_()))


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
    phases=PHASES,
)
@given(town=towns, asked_trees=st.lists(trees, min_size=3, max_size=5))
def test_python_and_duckdb_name_the_same_members(
    duck: Any, town: Town, asked_trees: list[Node]
) -> None:
    expected = by_python(town, asked_trees)
    assert by_ibis(on_duckdb(duck, town), asked_trees, duck) == expected


@settings(max_examples=150, deadline=None)
@given(town=towns, asked_trees=st.lists(trees, min_size=1, max_size=3))
def test_nothing_changes_before_the_next_change(town: Town, asked_trees: list[Node]) -> None:
    """Between now and the announced moment no instant at which an event crosses any edge of any
    window changes the answer."""
    for view in views_of(town).values():
        moments = crossing_moments(view)
        for tree in asked_trees:
            now = evaluate(tree, view, as_of_us=AS_OF_US)
            turn_us = next_change_us(tree, view, as_of_us=AS_OF_US)
            for at_us in moments:
                if turn_us is not None and at_us >= turn_us:
                    break
                assert evaluate(tree, view, as_of_us=at_us) is now


def crossing_moments(view: PersonView) -> list[int]:
    times = [event.at_us for events in view._by_kind.values() for event in events]
    spans = (0, *WINDOWS.values())
    found = {at_us + span + nudge for at_us in times for span in spans for nudge in (-1, 0)}
    return sorted(at_us for at_us in found if at_us > AS_OF_US)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs a Java runtime")
    from quanyu.storage.lake.engine import SparkEngine

    engine = SparkEngine()
    yield engine
    engine.close()


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=8, deadline=None, phases=PHASES,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(town=towns, asked_trees=st.lists(trees, min_size=4, max_size=6))
def test_spark_names_the_same_members(spark: Any, town: Town, asked_trees: list[Node]) -> None:
    events_table, tags_table = tables_of(town)
    names = {"town_events": events_table, "town_tags": known_tags(town, tags_table)}
    with spark.session() as session:
        for name, table in names.items():
            session.memory(name, table)
        expressions = [
            ibis.table(ibis.Schema.from_pyarrow(table.schema), name=name)
            for name, table in names.items()
        ]
        parts = [
            members(tree, everybody(*expressions), as_of_us=AS_OF_US).mutate(
                tree=ibis.literal(n, "int64")
            )
            for n, tree in enumerate(asked_trees)
        ]
        rows = session.arrow(ibis.union(*parts)).to_pylist()
    assert {(row["tree"], row["person"]) for row in rows} == by_python(town, asked_trees)
