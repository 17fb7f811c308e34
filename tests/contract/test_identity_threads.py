"""Several at the same desk: numbers, edges and decisions hold when threads do as they please."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random
from threading import Barrier

import pytest
from tests.engine_ground import SHOES, TEA, faults, opened, people, rows, said, settled, tell

from quanyu.clock import SECOND_US, FixedClock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.answers import Edge, No, Refused
from quanyu.customers.identity.ledger import Verdict
from quanyu.ids import Token
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.registry import Registry
from quanyu.wiring import Engine

THREADS = 6


def together(*tasks: Callable[[], object]) -> list[object]:
    """All begin at the same moment; failures are raised here."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        start.wait(timeout=20)
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


def some(first: int, count: int = 40) -> list[Identifier]:
    return [("taobao_id", Token(n.to_bytes(16, "big"))) for n in range(first, first + count)]


class TurnedBack(Exception):
    """The transaction is taken back on purpose."""


@pytest.mark.parametrize("remembered", [2, 100_000])
def test_one_registry_under_threads(database: Database, remembered: int) -> None:
    """Overlapping lists in any order, a third of them taken back: a number is given once."""
    registry = Registry(remembered_max=remembered)

    def registers(number: int) -> Callable[[], dict[str, dict[Identifier, int]]]:
        chance = Random(number)

        def run() -> dict[str, dict[Identifier, int]]:
            given: dict[str, dict[Identifier, int]] = {TEA: {}, SHOES: {}}
            for turn in range(12):
                shop = chance.choice((TEA, SHOES))
                pairs = chance.sample(some(10 * chance.randrange(6)), 25)
                try:
                    with database.transaction() as conn:
                        numbers = registry.register(conn, shop, pairs=pairs)
                        assert numbers.keys() == set(pairs)
                        if turn % 3 == 2:
                            raise TurnedBack
                    given[shop] |= numbers
                except TurnedBack:
                    continue
            return given

        return run

    answers = together(*(registers(n) for n in range(THREADS)))
    stored = {
        (shop, kind, bytes(token)): node
        for node, shop, kind, token in rows(
            database, "SELECT node, name, kind, token FROM identifier NATURAL JOIN merchant"
        )
    }
    for given in answers:
        assert isinstance(given, dict)
        for shop, numbers in given.items():
            for (kind, token), node in numbers.items():
                assert stored[shop, kind, token] == node
    assert len(set(stored.values())) == len(stored)


def test_links_of_many_threads_make_the_people_of_one(engine: Engine) -> None:
    """A chain of openids, each link said by two threads, in any order."""
    names = [f"openid:{n}" for n in range(1, 13)]
    links = [*pairwise(names)] * 2
    Random(3).shuffle(links)

    def says(part: int) -> Callable[[], list[Edge]]:
        mine = links[part::THREADS]
        return lambda: [engine.identity.link(TEA, p, rule="login", actor="x") for p in mine]

    together(*(says(part) for part in range(THREADS)))
    assert len(engine.identity.person(TEA, names[0]).nodes) == 12
    assert len(engine.identity.edges(TEA, names[0])) == 11
    assert faults(engine) == {}


def test_of_many_who_decide_one_is_heard(engine: Engine, clock: FixedClock) -> None:
    phone = "phone:13823456789"
    for card in ("member_id:1", "member_id:2"):
        clock.advance(SECOND_US)
        edge = engine.identity.link(TEA, (phone, card), rule="login", actor="crm")
    assert edge.verdict is Verdict.CAP
    clock.advance(SECOND_US)
    name = str(edge.id)
    first = engine.identity.unlink(TEA, name, actor="early")
    assert isinstance(first, Edge)
    late = together(*[lambda: engine.identity.unlink(TEA, name, actor="late")] * THREADS)
    assert late == [Refused(No.ALREADY_RETRACTED)] * THREADS
    (shown,) = (e for e in engine.identity.edges(TEA, "member_id:2") if e.id == edge.id)
    assert [line.actor for line in shown.ledger] == ["crm", "early"]


def test_two_merchants_at_once_stay_two(engine: Engine, clock: FixedClock) -> None:
    """The same events to both, while the desk of each links and rebuilds."""
    events = [
        said(f"e{n}", {"taobao_id": f"t{n % 7}", "device": f"d{n % 5}"}, at_us=clock.now_us() - n)
        for n in range(60)
    ]

    def trades(shop: str) -> None:
        for first in range(0, 60, 15):
            tell(engine, shop, *events[first : first + 15])
            engine.identity.link(shop, ("openid:o", f"device:d{first}"), rule="import", actor="x")
            engine.identity.rebuild(shop)

    together(lambda: trades(TEA), lambda: trades(SHOES))
    settled(engine)
    parts = {TEA: set(), SHOES: set()}  # type: dict[str, set[int]]
    for person in people(engine.database).values():
        (shop,) = {label.split()[0] for label in person}
        parts[shop].add(len(person))
    assert parts[TEA] == parts[SHOES]
    assert faults(engine) == {}
