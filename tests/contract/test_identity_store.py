"""The stored people are those that the pure rules make of the whole ledger, after every step."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.clock import SECOND_US, FixedClock
from quanyu.customers.identity.anchors import BlockedTokens
from quanyu.customers.identity.kinds import Kinds, parse
from quanyu.customers.identity.ledger import ENTRY, NODE, Verdict, fold
from quanyu.customers.identity.resolving import Graph, Marks, resolve
from quanyu.customers.identity.rules import rule_code, shipped_rules
from quanyu.customers.identity.service import Statement
from quanyu.events.event import Event, LoggedEvent
from quanyu.ids import Token, Tokeniser
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.erasure import forget_nodes
from quanyu.storage.postgres.identity.people import People, take_person_changes
from quanyu.storage.postgres.identity.projection import IdentityProjection
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.identity.registry import Registry
from quanyu.storage.postgres.identity.store import PostgresIdentity
from quanyu.storage.postgres.merchants import merchant_no

TIGHT_KINDS = b"""
blocked_everywhere = ["unknown"]
[kind.member_id]
label = "m"
strength = 90
values = "single"
[kind.phone]
label = "p"
strength = 75
values = "multi"
cap = 2
[kind.device]
label = "d"
strength = 40
values = "multi"
cap = 3
shared = 2
[kind.other]
label = "o"
strength = 5
values = "multi"
cap = 9
"""
NOON_US = 1_773_115_200 * SECOND_US
VALUES = {
    "member_id": ("m1", "m2", "m3"),
    "phone": ("p1", "p2", "p3", "unknown"),
    "device": ("d1", "d2"),
    "odd": ("o1",),
}
IDENTIFIERS = [(kind, value) for kind, values in VALUES.items() for value in values]


def tight_kinds() -> Kinds:
    return parse(TIGHT_KINDS)


@dataclass
class World:
    """One merchant, driven through the store; every step is also kept for the oracle."""

    database: Database
    merchant: str
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON_US))
    offset: int = 0

    def __post_init__(self) -> None:
        self.kinds = tight_kinds()
        self.people = People(BlockedTokens(self.tokeniser_of, self.kinds))
        self.registry = Registry()
        self.store = PostgresIdentity(
            self.database, self.people, registry=self.registry, clock=self.clock
        )
        self.projection = IdentityProjection(self.people, self.registry)

    def tokeniser_of(self, merchant: str) -> Tokeniser:
        """One key for all, so that two merchants can be told the same story."""
        return Tokeniser(sha256(b"test").digest())

    def token(self, identifier: tuple[str, str]) -> tuple[str, Token]:
        kind, value = identifier
        return kind, self.tokeniser_of(self.merchant).token(kind, value)

    def event(self, identifiers: list[tuple[str, str]], at_us: int) -> LoggedEvent:
        self.offset += 1
        tokens = tuple(sorted(map(self.token, identifiers)))
        event = Event(f"e{self.offset}", "view", 1, at_us, NOON_US, "app", tokens)
        return LoggedEvent(self.offset, self.merchant, event)

    def happen(self, *events: LoggedEvent) -> None:
        with self.database.transaction() as conn:
            self.projection.apply(conn, events)

    def link(self, one: tuple[str, str], other: tuple[str, str], rule: str = "login") -> Any:
        said = Statement(rule, "crm", self.clock.now_us(), {})
        return self.store.link(self.merchant, (self.token(one), self.token(other)), said=said)

    def match(self, one: tuple[str, str], other: tuple[str, str], weight: float) -> int:
        said = Statement("probabilistic", "match", self.clock.now_us(), {}, weight)
        ends = (self.token(one), self.token(other))
        return self.store.link_many(self.merchant, [(ends, said)])

    def unlink(self, number: int) -> None:
        """The n-th edge of the merchant, counted round."""
        edges = self.all_edges()
        if edges:
            said = Statement(edges[number % len(edges)].id.rule, "ann", self.clock.now_us(), {})
            self.store.unlink(self.merchant, edges[number % len(edges)].id, said=said)

    def all_edges(self) -> list[Any]:
        return self.store.edges(self.merchant, self.nodes())

    def nodes(self) -> dict[int, tuple[str, bytes]]:
        with self.database.transaction() as conn:
            number = merchant_no(conn, self.merchant)
            rows = conn.execute(
                "SELECT node, kind, token FROM identifier WHERE merchant_no = %s", [number]
            )
            return {node: (kind, token) for node, kind, token in rows}

    def forget(self, identifier: tuple[str, str]) -> None:
        found = [n for n, one in self.nodes().items() if one == self.token(identifier)]
        with self.database.transaction() as conn:
            merchant = Merchant(self.merchant, merchant_no(conn, self.merchant))
            forget_nodes(conn, self.people, merchant=merchant, nodes=found)

    def stored(self) -> tuple[dict[int, int], dict[tuple[int, int, str], int], set[int]]:
        """(node → person, edge → verdict, shared devices) as the tables have them."""
        nodes = self.nodes()
        with self.database.transaction() as conn:
            rows = conn.execute("SELECT node, person FROM person_of").fetchall()
            states = conn.execute("SELECT a, b, rule, verdict FROM edge_state").fetchall()
            shared = conn.execute("SELECT node FROM shared_node").fetchall()
        persons = {node: node for node in nodes}
        persons |= {node: person for node, person in rows if node in nodes}
        kept = {(a, b, rule): verdict for a, b, rule, verdict in states if a in nodes}
        return persons, kept, {node for (node,) in shared if node in nodes}

    def entries(self) -> Any:
        with self.database.transaction() as conn:
            number = merchant_no(conn, self.merchant)
            rows = conn.execute(
                "SELECT a, b, rule, retracts::int, at_us, weight FROM edge_entry "
                "WHERE merchant_no = %s",
                [number],
            ).fetchall()
        return np.array([(a, b, rule_code(r), x, at, w) for a, b, r, x, at, w in rows], ENTRY)

    def expected(self) -> tuple[dict[int, int], dict[tuple[int, int, str], int], set[int]]:
        """The same from the pure rules over everything at once."""
        nodes = self.nodes()
        names = sorted({kind for kind, _ in nodes.values()})
        rows = np.array([(n, names.index(nodes[n][0])) for n in sorted(nodes)], NODE)
        blocked = [n for n, one in nodes.items() if self.people.blocked.holds(self.merchant, one)]
        rules = shipped_rules()
        graph = Graph(
            rows,
            [self.kinds.of(name) for name in names],
            fold(self.entries(), rules),
            rules,
            lambda asked: [nodes[n] for n in asked],
        )
        found = resolve(graph, Marks(np.array(sorted(blocked), np.int64), np.empty(0, np.int64)))
        verdicts = {
            (int(e["a"]), int(e["b"]), rules[e["rule"]].name): int(v)
            for e, v in zip(graph.edges, found.verdict, strict=True)
            if v != Verdict.ACCEPTED
        }
        persons = dict(zip(rows["node"].tolist(), found.person.tolist(), strict=True))
        return persons, verdicts, set(found.shared.tolist())

    def agree(self) -> None:
        assert self.stored() == self.expected()


identifiers = st.sampled_from(IDENTIFIERS)
pairs = st.lists(identifiers, min_size=2, max_size=2, unique=True)
several = st.lists(identifiers, min_size=1, max_size=4, unique_by=lambda one: one[0])
steps = st.one_of(
    st.tuples(st.just("event"), several, st.integers(-5, 5)),
    st.tuples(st.just("event"), several, st.integers(-5, 5)),
    st.tuples(st.just("link"), pairs, st.sampled_from(["login", "import", "manual", "same_order"])),
    st.tuples(st.just("match"), pairs, st.floats(-2, 20)),
    st.tuples(st.just("unlink"), st.integers(0, 50), st.none()),
    st.tuples(st.just("forget"), identifiers, st.none()),
    st.tuples(st.just("wait"), st.none(), st.none()),
)


def perform(world: World, step: tuple[str, Any, Any]) -> None:
    action, what, how = step
    if action == "event":
        world.happen(world.event(what, NOON_US + how * SECOND_US))
    elif action == "link":
        world.link(what[0], what[1], how)
    elif action == "match":
        world.match(what[0], what[1], how)
    elif action == "unlink":
        world.unlink(what)
    elif action == "forget":
        world.forget(what)
    else:
        world.clock.advance(SECOND_US)


@pytest.fixture
def numbers() -> Any:
    return iter(range(10**6))


@given(st.lists(steps, max_size=25))
@settings(max_examples=60)
def test_every_step_leaves_what_the_rules_say(
    database: Database, numbers: Any, plan: list[tuple[str, Any, Any]]
) -> None:
    world = World(database, f"m{next(numbers)}")
    for step in plan:
        perform(world, step)
        world.agree()
    before = world.stored()
    world.store.rebuild(world.merchant)
    assert world.stored() == before


def fate(world: World) -> Any:
    """State without node numbers: who is with whom, and what became of each edge."""
    nodes, (persons, verdicts, shared) = world.nodes(), world.stored()
    groups: dict[int, set[Any]] = {}
    for node, person in persons.items():
        groups.setdefault(person, set()).add(nodes[node])
    edges = {(frozenset((nodes[a], nodes[b])), rule): v for (a, b, rule), v in verdicts.items()}
    return frozenset(map(frozenset, groups.values())), edges, {nodes[n] for n in shared}


@given(
    st.lists(st.tuples(several, st.integers(-9, 0)), min_size=1, max_size=14),
    st.randoms(use_true_random=False),
    st.integers(1, 5),
)
@settings(max_examples=40)
def test_any_order_repetition_and_batching_of_events_gives_the_same_people(
    database: Database, numbers: Any, told: list[tuple[Any, int]], chance: Any, batch: int
) -> None:
    straight = World(database, f"o{next(numbers)}")
    events = [straight.event(who, NOON_US + at * SECOND_US) for who, at in told]
    straight.happen(*events)
    shuffled = World(database, straight.merchant)
    other = f"s{next(numbers)}"
    shuffled.merchant = other
    again = [
        LoggedEvent(e.offset, other, e.event) for e in chance.sample(events * 2, len(events) * 2)
    ]
    for first in range(0, len(again), batch):
        shuffled.happen(*again[first : first + batch])
    assert fate(shuffled) == fate(straight)


@given(st.lists(steps.filter(lambda s: s[0] in ("event", "link", "match")), max_size=12), pairs)
@settings(max_examples=40)
def test_unlinking_gives_what_would_have_been(
    database: Database, numbers: Any, plan: list[tuple[str, Any, Any]], pair: Any
) -> None:
    world = World(database, f"u{next(numbers)}")
    for step in plan:
        perform(world, step)
    with database.transaction() as conn:
        world.registry.register(conn, world.merchant, pairs=[world.token(one) for one in pair])
    before = fate(world)
    edge = world.link(pair[0], pair[1], "same_order")
    history = len(edge.ledger)
    world.store.unlink(
        world.merchant, edge.id, said=Statement("same_order", "ann", world.clock.now_us(), {})
    )
    people, edges, shared = fate(world)
    if history == 1:
        edges.pop((frozenset(map(world.token, pair)), "same_order"))
        assert (people, edges, shared) == before


def test_changes_are_told_once(database: Database) -> None:
    world = World(database, "demo")
    world.happen(world.event([("member_id", "m1"), ("device", "d1")], NOON_US))
    world.happen(world.event([("member_id", "m1"), ("device", "d1")], NOON_US + 1))
    with database.transaction() as conn:
        changes = take_person_changes(conn)
    (_, nodes), *rest = changes
    assert sorted(nodes) == sorted(world.nodes())
    assert rest == []
    with database.transaction() as conn:
        assert take_person_changes(conn) == []


def test_the_ledger_refuses_changes(database: Database) -> None:
    world = World(database, "demo")
    world.link(("member_id", "m1"), ("phone", "p1"))
    for statement in ("UPDATE edge_entry SET actor = 'x'", "DELETE FROM edge_entry"):
        with pytest.raises(psycopg.errors.RaiseException), database.transaction() as conn:
            conn.execute(statement)  # type: ignore[call-overload]
    assert len(world.entries()) == 1


def test_what_everybody_repeats_is_written_once(database: Database) -> None:
    world = World(database, "demo")
    for second in range(10):
        world.happen(world.event([("member_id", "m1"), ("device", "d1")], NOON_US - 100 + second))
    assert len(world.entries()) == 1


def test_reset_of_the_projection_keeps_the_ledger(database: Database) -> None:
    world = World(database, "demo")
    world.happen(world.event([("member_id", "m1"), ("device", "d1")], NOON_US))
    world.link(("member_id", "m1"), ("phone", "p1"))
    before = world.stored()
    with database.transaction() as conn:
        world.projection.reset(conn)
    assert world.stored() == before
    assert len(set(before[0].values())) == 1
