"""B2: more people than pieces, a process killed in the middle: issued = cap, value ≤ budget."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import psycopg
import pytest
from tests.drills.coupon_ground import SHOP, opened, publish, value_out

from quanyu.errors import Refused

pytestmark = pytest.mark.drill
ROOT = Path(__file__).resolve().parents[2]
PEOPLE = int(os.environ.get("QUANYU_DRILL_PEOPLE", "10000"))
CAP = PEOPLE // 3
FACE_FEN = 2000


def run(url: str, folder: Path, *, kill_at: int | None) -> None:
    """Everybody claims, in a process of its own that may be killed after so many coupons."""
    env = {
        "QUANYU_DATABASE_URL": url,
        "QUANYU_DATA_DIR": str(folder),
        "QUANYU_MASTER_KEY": bytes(range(32)).hex(),
        "PATH": os.environ["PATH"],
    }
    order = [sys.executable, "-m", "tests.drills.claimants", str(PEOPLE)]
    process = subprocess.Popen(order, env=env, cwd=ROOT)
    if kill_at is not None:
        with psycopg.connect(url, autocommit=True) as conn:
            while process.poll() is None and issued(conn) < kill_at:
                pass
        process.send_signal(signal.SIGKILL)
    process.wait(300)


def issued(conn: psycopg.Connection) -> int:
    row = conn.execute("SELECT count(*) FROM coupon").fetchone()
    return 0 if row is None else int(row[0])


@pytest.mark.parametrize(
    ("pieces", "money_fen", "expected"),
    [(CAP, PEOPLE * FACE_FEN, CAP), (PEOPLE * 2, CAP * FACE_FEN + 1999, CAP)],
    ids=["cap in pieces", "cap in money"],
)
def test_not_one_more_than_the_cap(
    database_url: str, tmp_path: Path, pieces: int, money_fen: int, expected: int
) -> None:
    with opened(database_url, tmp_path) as engine:
        publish(engine, pieces=pieces, money=money_fen, trips_at=1000)
    run(database_url, tmp_path, kill_at=expected // 4)
    begun_s = perf_counter()
    run(database_url, tmp_path, kill_at=None)
    recovery_s = perf_counter() - begun_s
    with psycopg.connect(database_url) as conn:
        coupons = issued(conn)
        people = conn.execute("SELECT count(DISTINCT holder_token) FROM coupon").fetchone()
    with opened(database_url, tmp_path) as engine:
        value_fen, book = value_out(engine), engine.offers.balances(SHOP, "t1")
        late = engine.coupons.act(
            SHOP, "claim", form={"offer": "t1", "identifier": "taobao_id:late"}, request="late"
        )
    report = {
        "drill": "B2", "attempted": PEOPLE, "acked": coupons, "lost": expected - coupons,
        "duplicates": coupons - (people or (0,))[0],
        "violations": int(value_fen > money_fen) + int(book["pieces/out"] != coupons),
        "recovery_s": round(recovery_s, 2),
    }  # fmt: skip
    print(json.dumps(report))
    assert coupons == expected
    assert people == (expected,)
    assert value_fen == expected * FACE_FEN <= money_fen
    assert book["pieces/out"] == coupons
    assert isinstance(late, Refused)
