"""B9 for content and shows: 32 twins with one key have one effect and equal answers; the same key
with something else in it is refused."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.drills.show_commands import LIN, STUDIO, WANG, plan_of, prepare_shows
from tests.engine_ground import opened, rows

from quanyu.clock import FixedClock
from quanyu.content.library.states import PieceVerb
from quanyu.content.shows.happenings import Label, Note
from quanyu.errors import Refused
from quanyu.events.requests import Conflict, Request
from quanyu.promotions.orders.answers import Notice
from quanyu.storage.audit.commissions import commissions_are_booked
from quanyu.storage.audit.shows import archives_are_unbroken
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill
TWINS = 32

Command = Callable[[Engine, Request], object]
COMMANDS: dict[str, tuple[str, Command]] = {
    "piece": (
        "content.move",
        lambda it, ask: it.library.move(ask, "ready", verb=PieceVerb.APPROVE, by=WANG),
    ),
    "publish": (
        "content.move",
        lambda it, ask: it.library.move(ask, "shown", verb=PieceVerb.PUBLISH, by=WANG),
    ),
    "approve": (
        "show.approve",
        lambda it, ask: it.preparing_shows.approve(ask, "planned", by=WANG),
    ),
    "start": ("show.start", lambda it, ask: it.airing_shows.start(ask, "approved", by=WANG)),
    "log": (
        "show.log",
        lambda it, ask: it.airing_shows.log(ask, "live", happening=Note("观众提问")),
    ),
    "label": (
        "show.log",
        lambda it, ask: it.airing_shows.log(ask, "live", happening=Label(on=False)),
    ),
    "end": ("show.end", lambda it, ask: it.airing_shows.end(ask, "live", by=WANG)),
    "archive": ("show.archive", lambda it, ask: it.airing_shows.archive(ask, "ended", by=WANG)),
    "pay": ("order.pay", lambda it, ask: it.orders.pay(ask, Notice("late", 20_000, "alipay"))),
    "refund": ("order.refund", lambda it, ask: it.orders.refund(ask, "closed 1", units=[("1", 2)])),
}


@pytest.fixture(scope="module")
def engine(fresh_databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    url, folder = fresh_databases.take(), Path(tmp_path_factory.mktemp("data"))
    with (
        Database(url, pool_size=TWINS) as database,
        opened(database, FixedClock(1_773_115_200_000_000), folder) as made,
    ):
        prepare_shows(made)
        yield made
        for check in (archives_are_unbroken, commissions_are_booked):
            assert check(made.audited).violations == ()
    fresh_databases.discard(url)


def footprint(engine: Engine) -> list[tuple[Any, ...]]:
    """How much there is of everything that these commands write."""
    tables = (
        "content_version", "content_change", "show", "show_entry", "ledger_transfer",
        "order_returned", "trade", "request", "event_segment",
    )  # fmt: skip
    counts = ", ".join(f"(SELECT count(*) FROM {name})" for name in tables)
    return rows(engine.database, f"SELECT {counts}, (SELECT sum(steps) FROM show_settlement)")


@pytest.mark.parametrize("name", COMMANDS)
def test_twins_have_one_effect_and_equal_answers(engine: Engine, name: str) -> None:
    operation, command = COMMANDS[name]
    ask = Request(STUDIO, operation, f"twin {name}", name.encode())
    untouched = footprint(engine)
    with ThreadPoolExecutor(TWINS) as threads:
        told = list(threads.map(lambda _: command(engine, ask), range(TWINS)))
    assert not isinstance(told[0], Refused), told[0]
    assert footprint(engine) != untouched
    differing = sum(one != told[0] for one in told)
    before = footprint(engine)
    assert command(engine, ask) == told[0]
    other = command(engine, msgspec.structs.replace(ask, content=b"something else"))
    assert other == Refused(Conflict.KEY_USED_FOR_ANOTHER_REQUEST)
    assert footprint(engine) == before
    line = {"drill": "B9", "command": name, "attempted": TWINS, "acked": TWINS, "lost": 0}
    print(json.dumps({**line, "duplicates": 0, "violations": differing}))
    assert differing == 0


def test_each_of_them_happened_once(engine: Engine) -> None:
    """After all of them: one entry of each kind, one booking of each change."""
    kinds = rows(
        engine.database,
        "SELECT show, kind, count(*) FROM show_entry WHERE kind IN"
        " ('approved', 'started', 'note', 'label', 'ended', 'archived') GROUP BY 1, 2"
        " HAVING count(*) > 1",
    )
    assert kinds == []
    booked = rows(
        engine.database,
        "SELECT reference, code, count(*), sum(amount)::bigint FROM ledger_transfer"
        " WHERE code LIKE 'show.%%' GROUP BY 1, 2 ORDER BY 1, 2",
    )
    assert booked == [
        ("closed", "show.commission", 2, 12_000), ("closed", "show.commission_back", 1, 2_000),
        ("ended", "show.commission", 1, 8_000),
    ]  # fmt: skip


def test_plans_and_drafts_that_say_the_same_are_the_same(engine: Engine) -> None:
    """They carry no key: what they say is what they are, also from many hands at once."""
    plan = plan_of("morning", "2099-06-01T08:00:00+08:00")
    with ThreadPoolExecutor(TWINS) as threads:
        told = list(
            threads.map(lambda _: engine.show_plans.plan(STUDIO, plan, by=LIN), range(TWINS))
        )
    assert all(one == told[0] for one in told)
    assert rows(engine.database, "SELECT count(*) FROM show WHERE id = 'morning'") == [(1,)]
    shown = engine.library.find(STUDIO, "draft").piece
    with ThreadPoolExecutor(TWINS) as threads:
        made = list(threads.map(lambda _: engine.library.add(STUDIO, shown, by=WANG), range(TWINS)))
    assert {one.number for one in made} == {1}
