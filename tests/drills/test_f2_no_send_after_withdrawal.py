"""Drill F2: senders race people who say no. What was sent after a no was acknowledged: nothing.

Senders hand over inside the transaction of the permit and note when the hand-over happened, on
one counter with the acknowledgements: a hand-over with a later number than the acknowledgement of
a no by any identifier of the person, and before the next yes, is a violation.
"""

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Any

import psycopg
import pytest
from tests.engine_ground import TEA, opened, said, settled, tell

from quanyu.clock import SystemClock
from quanyu.customers.privacy.sending import SendPermit, wish_of
from quanyu.storage.postgres import person_locks
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill
PEOPLE = int(os.environ.get("QUANYU_DRILL_PEOPLE_F2", "6"))
SENDERS, NO_SAYERS, ROUNDS = 8, 2, 8
PURPOSE = "marketing_messages"


@pytest.fixture
def engine(database_url: str, data_dir: Path) -> Iterator[Engine]:
    with (
        Database(database_url, pool_size=SENDERS + NO_SAYERS + 2) as database,
        opened(database, SystemClock(), data_dir) as made,  # type: ignore[arg-type]
    ):
        yield made


class Journal:
    """What happened in which order: one counter for everybody."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()
        self.lines: list[tuple[int, str, int]] = []

    def note(self, what: str, person: int) -> None:
        with self._lock:
            self.lines.append((next(self._numbers), what, person))

    def violations(self) -> list[tuple[int, int]]:
        """(number, person) of each hand-over that began after an acknowledged no."""
        said_no: set[int] = set()
        found = []
        for number, what, person in self.lines:
            if what == "no acknowledged":
                said_no.add(person)
            elif what == "yes begins":
                said_no.discard(person)
            elif what == "handed over" and person in said_no:
                found.append((number, person))
        return found

    def count(self, what: str) -> int:
        return sum(line[1] == what for line in self.lines)


def identifiers(person: int) -> tuple[str, str]:
    return f"taobao_id:t{person}", f"eleme_id:e{person}"


def known(engine: Engine) -> None:
    """Half of the people have both identifiers linked; the others are linked in the race."""
    at_us = engine.clock.now_us() - 1_000_000
    for person in range(PEOPLE):
        both = {"taobao_id": f"t{person}", "eleme_id": f"e{person}"}
        linked = [both] if person % 2 else [{k: v} for k, v in both.items()]
        for n, who in enumerate(linked):
            tell(engine, TEA, said(f"k{person}-{n}", who, at_us=at_us))
    settled(engine)


def race(engine: Engine) -> tuple[Journal, dict[str, Any]]:
    known(engine)
    journal, over, times = Journal(), threading.Event(), list[float]()

    def sender(seed: int) -> int:
        chance, asked = Random(seed), 0
        while not over.is_set():
            person = chance.randrange(PEOPLE)
            token = engine.privacy.token(TEA, identifiers(person)[person % 2 and seed % 2])

            def hand_over(tx: psycopg.Connection, permit: SendPermit, to: int = person) -> None:
                sleep(chance.random() / 40)
                journal.note("handed over", to)

            began = perf_counter()
            engine.sending.send(TEA, token, wish=wish_of("sms", PURPOSE), hand_over=hand_over)
            times.append(perf_counter() - began)
            asked += 1
        return asked

    def people(seed: int) -> None:
        chance = Random(seed)
        for _ in range(ROUNDS):
            for person in range(seed, PEOPLE, NO_SAYERS):
                one = identifiers(person)[person % 2 and chance.randrange(2)]
                journal.note("yes begins", person)
                engine.privacy.grant(TEA, one, purpose=PURPOSE)
                sleep(chance.random() / 50)
                engine.privacy.withdraw(TEA, one, purpose=PURPOSE)
                journal.note("no acknowledged", person)
                sleep(chance.random() / 100)

    with ThreadPoolExecutor(SENDERS + NO_SAYERS) as pool:
        senders = [pool.submit(sender, seed) for seed in range(SENDERS)]
        for done in [pool.submit(people, seed) for seed in range(NO_SAYERS)]:
            done.result()
        sleep(0.05)
        over.set()
        asked = sum(one.result() for one in senders)
    return journal, told(journal, asked, times=times)


def test_nothing_is_sent_after_a_withdrawal_is_acknowledged(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, report = race(engine)
    with capsys.disabled():
        print("\n" + json.dumps(report))
    assert report["violations"] == 0, journal.violations()[:5]
    assert report["acked"] == PEOPLE * ROUNDS
    assert report["sent"] > 0, "a drill in which nothing is sent proves nothing"


def told(journal: Journal, asked: int, *, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {
        "drill": "F2",
        "attempted": asked,
        "sent": journal.count("handed over"),
        "acked": journal.count("no acknowledged"),
        "lost": 0,
        "duplicates": 0,
        "violations": len(journal.violations()),
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 1),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 1),
    }


def test_the_drill_notices_when_nobody_waits(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seeded fault: locks that lock nothing."""
    monkeypatch.setattr(person_locks, "lock_nodes", lambda tx, nodes, *, alone: None)
    _, report = race(engine)
    assert report["violations"] > 0


def test_a_withdrawal_waits_for_the_message_that_is_under_way(engine: Engine) -> None:
    known(engine)
    engine.privacy.grant(TEA, identifiers(1)[0], purpose=PURPOSE)
    token, order = engine.privacy.token(TEA, identifiers(1)[0]), list[str]()
    inside, go = threading.Event(), threading.Event()

    def hand_over(tx: psycopg.Connection, permit: SendPermit) -> None:
        inside.set()
        go.wait(5)
        order.append("sent")

    def say_no() -> None:
        engine.privacy.withdraw(TEA, identifiers(1)[1], purpose=PURPOSE)
        order.append("no")

    with ThreadPoolExecutor(2) as pool:
        wish = wish_of("sms", PURPOSE)
        sending = pool.submit(engine.sending.send, TEA, token, wish=wish, hand_over=hand_over)
        assert inside.wait(5)
        saying = pool.submit(say_no)
        sleep(0.1)
        assert order == []
        go.set()
        sending.result()
        saying.result()
    assert order == ["sent", "no"]
