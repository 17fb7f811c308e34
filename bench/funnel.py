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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
folder, kinds, window = sys.argv[1], sys.argv[2].split(","), sys.argv[3]
steps = ", ".join(f"kind = '{kind}'" for kind in kinds)
names = ", ".join(f"'{kind}'" for kind in kinds)
query = f'''SELECT level, count() FROM (
  SELECT node, windowFunnel({window})(toUInt64(at_us), {steps}) AS level
  FROM file('{folder}/*/*.parquet', Parquet) WHERE kind IN ({names}) GROUP BY node
) GROUP BY level ORDER BY level SETTINGS max_threads = 2'''
here = session.Session()
for _ in sys.stdin:
    start = time.perf_counter()
    answer = str(here.query(query, "CSV"))
    seconds = time.perf_counter() - start
    levels = {int(a): int(b) for a, b in (line.split(",") for line in answer.split())}
    deep = range(1, len(kinds) + 1)
    reached = [sum(n for level, n in levels.items() if level >= k) for k in deep]
    print(json.dumps({"people": reached, "seconds": seconds}), flush=True)
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
    with peer(folder) as theirs:
        pairs = [(timed(engine, paths), theirs()) for _ in range(chosen.rounds)]
    engine.close()
    (answer, _), their_last = pairs[-1]
    ours_s = [seconds for (_, seconds), _ in pairs]
    result = {
        "people": people,
        "events": events,
        "ours_s_median": round(statistics.median(ours_s), 3),
        "ours_s_min": round(min(ours_s), 3),
        "ours_people": [step.people for step in answer.steps],
        "ours_memory_mib_peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    if their_last is None:
        print("peer not installed: make bench", file=sys.stderr)
        return result | {"peer": "not installed: make bench", "equal": None}
    peer_s = [found["seconds"] for _, found in pairs if found]
    return result | {
        "peer": "chdb windowFunnel",
        "peer_s_median": round(statistics.median(peer_s), 3),
        "peer_s_min": round(min(peer_s), 3),
        "ratio": round(statistics.median(a / b for a, b in zip(ours_s, peer_s, strict=True)), 2),
        "equal": their_last["people"] == result["ours_people"],
    }


def timed(engine: DuckDBEngine, paths: Sequence[Path]) -> tuple[Funnel, float]:
    files = Snapshot(tuple(map(str, paths)), FILE_SCHEMA.empty_table(), PERSON_OF.empty_table())
    query = FunnelQuery(parse_steps(",".join(STEPS)))
    start = time.perf_counter()
    with engine.session() as session:
        answer = funnel.funnel(Reading(session, files), query)
    return answer, time.perf_counter() - start


@contextmanager
def peer(folder: Path) -> Iterator[Callable[[], dict[str, Any] | None]]:
    """chdb in a process of its own, which takes turns with us so that both see the same machine;
    answers None where it is not installed."""
    python = os.environ.get("QUANYU_BENCH_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import chdb"], capture_output=True, check=False).returncode:
        yield lambda: None
        return
    command = [python, "-c", PEER, str(folder), ",".join(STEPS), str(DAY_US)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        turns, answers = process.stdin, process.stdout

        def turn() -> dict[str, Any]:
            turns.write("go\n")
            return dict(json.loads(answers.readline()))

        yield turn
        turns.close()


if __name__ == "__main__":
    sys.exit(main())
