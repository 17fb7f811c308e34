"""B10: sixty-four workers on one budget, the process killed at every step of the money: spend ≤
budget, no ad that was answered is lost, no click is billed twice, and every fen is somewhere."""

import json
from pathlib import Path
from time import perf_counter

import pytest
from tests.campaigns_ground import Board
from tests.drills.ad_commands import ARCADE, advertised
from tests.drills.advertisers import CAMPAIGN, NOON_US, WORKERS, said
from tests.drills.mortals import Mortals
from tests.engine_ground import rows

from quanyu.clock import DAY_US, FixedClock, day_number
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import KILLED
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill
DEATHS = (
    ("ads.leased", 5), ("ads.held", 50), ("ads.judged", 5), ("ads.settled", 5),
    ("ad_billing.moved", 20), ("ads.released", 0), ("ads.closed", 0),
)  # fmt: skip
"""(Where the process dies, after so many ads of its round.)"""
QUIET = ((None, 0),) * 2
ADS = 16
DAY_FEN = 400
SELLER = "茶铺"


def opened(database: Database, folder: Path, *, later_us: int = 0) -> Engine:
    clock = FixedClock(NOON_US + later_us)
    settings = Settings(data_dir=folder, master_key_given=bytes(range(32)))
    return Engine(settings, database, clock=clock)


def journal(folder: Path) -> dict[str, set[str]]:
    acked: dict[str, set[str]] = {"win": set(), "click": set()}
    for line in (folder / "acked").read_text().splitlines():
        what, trace = line.split()
        acked[what].add(trace)
    return acked


def test_a_budget_is_never_passed(database: Database, database_url: str, data_dir: Path) -> None:
    engine = opened(database, data_dir)
    advertised(engine, CAMPAIGN, day_fen=DAY_FEN, total_fen=DAY_FEN)
    engine.close()
    begun_s = perf_counter()
    with Mortals("tests.drills.advertisers:obey") as mortals:
        for number, (point, after) in enumerate((*DEATHS, *QUIET)):
            order = said(number, ads=ADS, mortal_after=after)
            ended = mortals.run(order, url=database_url, data_dir=data_dir, point=point)
            assert ended.exit == (KILLED if point else 0), (point, ended.errors)
    took_s = perf_counter() - begun_s

    engine = opened(database, data_dir, later_us=2 * DAY_US)
    engine.projector.catch_up()
    at_the_end = rows(database, "SELECT encode(trace, 'hex'), state FROM ad_win")
    states = dict(at_the_end)
    spent = engine.ad_spending.of(ARCADE, CAMPAIGN).as_json()["total"]
    engine.ad_closing.run()
    engine.ad_closing.run()
    board = Board(engine, ARCADE)
    today = day_number(NOON_US)
    days = (today, today + 1, today + 2)
    found = board.fen(CAMPAIGN, days=days)
    acked = journal(data_dir)
    bills = rows(database, "SELECT trace FROM ad_touch WHERE reason = 'billed'")
    violations = [f"{one.name}: {what}" for one in engine.audit() for what in one.violations]
    engine.close()

    lost = [one for one in acked["win"] if one not in states]
    lost += [one for one in acked["click"] if states.get(one) != "settled"]
    duplicates = len(bills) - len(set(bills))
    attempted = WORKERS * ADS * (len(DEATHS) + len(QUIET))
    line = {
        "drill": "B10", "attempted": attempted, "acked": len(acked["win"]),
        "billed": len(bills), "spent_fen": spent["spent_fen"], "budget_fen": DAY_FEN,
        "lost": len(lost), "duplicates": duplicates, "violations": len(violations),
        "seconds": round(took_s, 1),
    }  # fmt: skip
    print(json.dumps(line))
    assert (lost, duplicates, violations) == ([], 0, [])
    assert spent["spent_fen"] == found["revenue"] <= DAY_FEN
    assert found["revenue"] > DAY_FEN * 3 // 4, "the budget was really worked at"
    assert spent["invalid"].get("repeated", 0) == 0, "the intake knows the second of two events"
    assert found["out"] == 0
    whole = found["total"] + found["revenue"] + sum(found[f"day {day}"] for day in days)
    assert whole + purse(engine, board) == DAY_FEN


def purse(engine: Engine, board: Board) -> int:
    with engine.database.transaction():
        return engine.campaigns.purse(board.merchant, SELLER).balance_fen
