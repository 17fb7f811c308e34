"""Claim: a three-step funnel over 20M events of 1M people takes at most 2.0 s on 2 cores, and gives
the numbers of chdb's windowFunnel. Both run here, side by side, on the same Parquet files.

    python -m bench.funnel [--events 20000000] [--people 1000000] [--rounds 5] [--data .benchdata]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.crowd import write_crowd
from quanyu.clock import DAY_US
from quanyu.measurement.funnels import Funnel, FunnelQuery
from quanyu.measurement.steps import parse_steps
from quanyu.storage.lake import funnel
from quanyu.storage.lake.engine import DuckDBEngine
from quanyu.storage.lake.people import PERSON_OF
from quanyu.storage.lake.schema import FILE_SCHEMA
from quanyu.storage.lake.snapshot import Snapshot
from quanyu.storage.lake.table import Reading

STEPS = ("view", "add_to_cart", "payment_completed")
TARGET_S = 2.0
SEED = 7
SIZES = (0.05, 0.25, 1.0)
"""Shares of the full size, to show the growth."""

PEER = """
import json, sys, time
from chdb import session
folder, kinds, window, rounds = sys.argv[1], sys.argv[2].split(","), sys.argv[3], int(sys.argv[4])
steps = ", ".join(f"kind = '{kind}'" for kind in kinds)
names = ", ".join(f"'{kind}'" for kind in kinds)
query = f'''SELECT level, count() FROM (
  SELECT node, windowFunnel({window})(toUInt64(at_us), {steps}) AS level
  FROM file('{folder}/*/*.parquet', Parquet) WHERE kind IN ({names}) GROUP BY node
) GROUP BY level ORDER BY level SETTINGS max_threads = 2'''
here, seconds = session.Session(), []
for _ in range(rounds):
    start = time.perf_counter()
    answer = str(here.query(query, "CSV"))
    seconds.append(time.perf_counter() - start)
levels = {int(a): int(b) for a, b in (line.split(",") for line in answer.split())}
reached = [sum(n for level, n in levels.items() if level >= k) for k in range(1, len(kinds) + 1)]
print(json.dumps({"people": reached, "seconds": seconds}))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.funnel", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=Path(".benchdata"))
    chosen = parser.parse_args(arguments)
    results = [
        measured(int(chosen.people * share), int(chosen.events * share), chosen=chosen)
        for share in SIZES
    ]
    print(json.dumps({"bench": "funnel", "target_s": TARGET_S, "results": results}, indent=1))
    return 0 if all(result["equal"] is not False for result in results) else 1


def measured(people: int, events: int, *, chosen: argparse.Namespace) -> dict[str, Any]:
    folder = chosen.data / f"crowd-{people}-{events}-{SEED}"
    started = time.perf_counter()
    paths = write_crowd(folder, people=people, events=events, seed=SEED)
    print(f"{events:>12,} events ready in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    engine = DuckDBEngine()
    ours, seconds = timed(lambda: ask(engine, paths), chosen.rounds)
    engine.close()
    result = {
        "people": people,
        "events": events,
        "ours_s": round(statistics.median(seconds), 3),
        "ours_all_s": [round(s, 3) for s in seconds],
        "ours_people": [step.people for step in ours.steps],
        "ours_memory_mib_peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    return result | beside(peer(folder, chosen.rounds), result)


def ask(engine: DuckDBEngine, paths: Sequence[Path]) -> Funnel:
    files = Snapshot(tuple(map(str, paths)), FILE_SCHEMA.empty_table(), PERSON_OF.empty_table())
    with engine.session() as session:
        return funnel.funnel(Reading(session, files), FunnelQuery(parse_steps(",".join(STEPS))))


def timed(run: Callable[[], Funnel], rounds: int) -> tuple[Funnel, list[float]]:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = run()
        seconds.append(time.perf_counter() - start)
    return answer, seconds


def peer(folder: Path, rounds: int) -> dict[str, Any] | None:
    """chdb in a process of its own; None where it is not installed."""
    python = os.environ.get("QUANYU_BENCH_PYTHON", sys.executable)
    known = subprocess.run([python, "-c", "import chdb"], capture_output=True, check=False)
    if known.returncode:
        return None
    told = [str(folder), ",".join(STEPS), str(DAY_US), str(rounds)]
    ran = subprocess.run([python, "-c", PEER, *told], capture_output=True, check=True, text=True)
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def beside(theirs: dict[str, Any] | None, ours: dict[str, Any]) -> dict[str, Any]:
    if theirs is None:
        print("peer not installed: make bench", file=sys.stderr)
        return {"peer": "not installed: make bench", "equal": None}
    peer_s = statistics.median(theirs["seconds"])
    return {
        "peer": "chdb windowFunnel",
        "peer_s": round(peer_s, 3),
        "ratio": round(ours["ours_s"] / peer_s, 2),
        "equal": theirs["people"] == ours["ours_people"],
    }


if __name__ == "__main__":
    sys.exit(main())
