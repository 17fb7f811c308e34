"""A1: the serving process is killed 50 to 500 ms into load, again and again; 32 clients write down
what they send before they send it, and send again what got no answer, under the same ids."""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.drills.siege import DOOR, WHOLE, Siege, under_fire, waited
from tests.events_ground import array, seen

from quanyu.clock import SystemClock
from quanyu.settings import Settings
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.migrations import migrate
from quanyu.storage.postgres.quarantine import Quarantine

ROUNDS = int(os.environ.get("QUANYU_DRILL_ROUNDS", "50"))
WHOLE_ROUNDS = max(3, ROUNDS // 20)

pytestmark = pytest.mark.drill


@dataclass
class Load(Siege):
    """What 32 clients have sent and heard."""

    path: str = "/v1/events"
    counted: str = "accepted"
    body_of: Callable[[list[str]], bytes] = lambda names: array(*(seen(name) for name in names))
    journal: Counter[str] = field(default_factory=Counter)
    acked: list[str] = field(default_factory=list)
    accepted: int = 0
    refused: Counter[int] = field(default_factory=Counter)

    def client(self, number: int) -> None:
        chance, turn = random.Random(number), 0
        while not self.over.is_set():
            names = [f"{number}-{turn}-{n}" for n in range(chance.randint(1, 5))]
            turn += 1
            with self.lock:
                self.journal.update(names)
            self._insist(names)

    def _insist(self, names: list[str]) -> None:
        body = self.body_of(names)
        while True:
            answer = self.send(self.path, body)
            if answer is not None and answer.status == 200:
                with self.lock:
                    self.acked += names
                    self.accepted += answer.document[self.counted]
                return
            if answer is not None:
                self.refused[answer.status] += 1


def audit(load: Load, log: PostgresEventLog, recoveries_s: list[float]) -> dict[str, object]:
    stored: Counter[str] = Counter()
    offsets: list[int] = []
    while events := log.read(offsets[-1] if offsets else 0, 10_000):
        stored.update(logged.event.event_id for logged in events)
        offsets.extend(logged.offset for logged in events)
    dense = offsets == list(range(1, len(offsets) + 1)) and log.head() == len(offsets)
    unexpected = sum(n for status, n in load.refused.items() if status not in (429, 503))
    return {
        "attempted": load.journal.total(),
        "acked": len(load.acked),
        "lost": len(set(load.acked) - set(stored)),
        "duplicates": sum(n - 1 for n in stored.values()) + (load.accepted > len(stored)),
        "violations": len(set(stored) - set(load.journal)) + (not dense) + unexpected,
        **waited(load),
        "recovery_s": round(max(recoveries_s), 2),
    }


@pytest.mark.parametrize(
    ("what", "order", "rounds"),
    [("the API process", DOOR, ROUNDS), ("quanyu serve with its children", WHOLE, WHOLE_ROUNDS)],
)
def test_nothing_acknowledged_is_lost(
    tmp_path: Path, what: str, *, order: list[str], rounds: int
) -> None:
    data_dir = tmp_path / "data"
    with EmbeddedPostgres(data_dir) as server:
        migrate(server.url)
        with Database(server.url) as database:
            secret = ApiKeys(database, SystemClock()).create("shop", ["events:write"]).secret
            load = Load(secret)
            recoveries_s = under_fire(load, order, rounds=rounds, data_dir=data_dir)
            master = Settings(data_dir=data_dir).master_key()
            log = PostgresEventLog(database, Quarantine(database, master))
            report = audit(load, log, recoveries_s)
        print(json.dumps({"drill": "A1", "killed": what, "rounds": rounds, **report}))
        assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, 0)
        assert load.acked
    server.destroy()
