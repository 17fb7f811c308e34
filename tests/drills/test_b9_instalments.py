"""B9 for instalments: 32 twins with one key have one effect and equal answers."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from tests.engine_ground import faults, opened, rows
from tests.instalments_ground import UNITS, Lender
from tests.orders_ground import PAYABLE, SHOP

from quanyu.clock import FixedClock
from quanyu.errors import Refused
from quanyu.events.requests import Conflict, Request
from quanyu.promotions.instalments.answers import TermNotice
from quanyu.promotions.orders.answers import Notice
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.drill
TWINS = 32

Command = Callable[[Lender, Request], object]
COMMANDS: dict[str, tuple[str, Command]] = {
    "begin": (
        "order.pay",
        lambda it, r: it.engine.orders.pay(r, Notice("open", PAYABLE, "huabei")),
    ),
    "pay": (
        "instalment.pay",
        lambda it, r: it.engine.instalments.pay(r, TermNotice("o1", 1_341, 1)),
    ),
    "settle": (
        "instalment.settle",
        lambda it, r: it.engine.instalments.pay(r, TermNotice("o1", PAYABLE)),
    ),
    "refund": (
        "order.refund",
        lambda it, r: it.engine.orders.refund(r, "o1", units=UNITS[:1]),
    ),
}


@pytest.fixture
def lender(database_url: str, clock: FixedClock, data_dir: Path) -> Iterator[Lender]:
    with (
        Database(database_url, pool_size=TWINS) as database,
        opened(database, clock, data_dir) as engine,
    ):
        made = Lender(engine)
        made.buy("o1", 12)
        made.place("open", 12)
        yield made
        assert faults(engine) == {}


def footprint(lender: Lender) -> list[tuple[object, ...]]:
    return rows(
        lender.engine.database,
        "SELECT (SELECT count(*) FROM ledger_transfer), (SELECT head FROM log_head), "
        "(SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM instalment_term t), "
        "(SELECT string_agg(p::text, ' ' ORDER BY p::text) FROM instalment_plan p)",
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_twins_have_one_effect_and_equal_answers(lender: Lender, name: str) -> None:
    operation, command = COMMANDS[name]
    request = Request(SHOP, operation, "twin", b"twin")
    untouched = footprint(lender)
    with ThreadPoolExecutor(TWINS) as threads:
        calls = [threads.submit(command, lender, request) for _ in range(TWINS)]
        answers = {msgspec.json.encode(call.result()) for call in calls}
    before = footprint(lender)
    again = command(lender, request)
    other = command(lender, msgspec.structs.replace(request, content=b"something else"))
    line = {"drill": "B9", "command": f"instalment.{name}", "attempted": TWINS, "acked": TWINS,
            "lost": 0, "duplicates": len(answers) - 1,
            "violations": int(footprint(lender) != before)}  # fmt: skip
    print(json.dumps(line))
    assert before != untouched
    assert len(answers) == 1
    assert not isinstance(again, Refused)
    assert msgspec.json.encode(again) in answers
    assert other == Refused(Conflict.KEY_USED_FOR_ANOTHER_REQUEST)
    assert footprint(lender) == before


def test_keys_of_two_merchants_do_not_meet(lender: Lender) -> None:
    rival = Lender(lender.engine, "rival")
    rival.buy("o1", 12)
    for one in (lender, rival):
        notice = TermNotice("o1", 1_341, 1)
        request = notice.request(one.merchant, "same key")
        done = one.engine.instalments.pay(request, notice)
        assert not isinstance(done, Refused)
        assert done.terms_paid == 1
