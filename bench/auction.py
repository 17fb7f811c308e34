"""The auction over 100, 1,000 and 10,000 candidates, beside the plain one in Python.

    quanyu bench auction [--rounds 400]

Both answer the same slots and prices; the plain one is the rule written down, exact in fractions
of 10⁻¹⁰, as a person would write it without columns.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

from quanyu.decisions.auction import QUALITY_UNIT, Candidates, award

SLOTS = 10
RESERVE_FEN = 20
TARGETS = {1_000: "target p50 ≤ 0.3 ms"}


def candidates_of(size: int, *, seed: int = 7) -> Candidates:
    chance = random.Random(seed)
    return Candidates(
        ads=[f"ad{number:06}" for number in range(size)],
        bid_fen=np.array([chance.randint(10, 900) for _ in range(size)], np.int64),
        pctr=np.array([chance.betavariate(2, 60) for _ in range(size)]),
        relevance=np.array([chance.random() for _ in range(size)]),
    )


def plain(rows: Sequence[tuple[str, int, float, float]]) -> list[tuple[str, int]]:
    scored = []
    for ad, bid, pctr, relevance in rows:
        quality = round(pctr * relevance * QUALITY_UNIT)
        if bid >= RESERVE_FEN and quality:
            scored.append((-bid * quality, ad, bid, quality))
    scored.sort()
    won = []
    for place, (_, ad, bid, quality) in enumerate(scored[:SLOTS]):
        if place + 1 == len(scored):
            won.append((ad, RESERVE_FEN))
            continue
        behind = -scored[place + 1][0]
        won.append((ad, min(bid, max(RESERVE_FEN, -(-behind // quality)) + 1)))
    return won


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - begun))
    return sorted(took)


def measure(size: int, *, rounds: int) -> None:
    given = candidates_of(size)
    columns = (given.bid_fen, given.pctr, given.relevance)
    rows = list(zip(given.ads, *(column.tolist() for column in columns), strict=True))
    won = award(given, slots=SLOTS, reserve_fen=RESERVE_FEN)
    answer = [(given.ads[row], price) for row, price in zip(won.rows, won.price_fen, strict=True)]
    assert answer == plain(rows), "both must say the same"
    works: dict[str, Callable[[], object]] = {
        "ours": lambda: award(given, slots=SLOTS, reserve_fen=RESERVE_FEN),
        "ours, alpha 0.8": lambda: award(given, slots=SLOTS, reserve_fen=RESERVE_FEN, alpha=0.8),
        "plain Python": lambda: plain(rows),
    }
    for name, work in works.items():
        took = timed(work, rounds)
        p99 = took[len(took) * 99 // 100]
        remark = TARGETS.get(size, "") if name == "ours" else ""
        print(
            f"{size:>6,} candidates  {name:<16} p50 {statistics.median(took):7.3f} ms"
            f"  p99 {p99:7.3f} ms  {remark}",
            flush=True,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench auction")
    parser.add_argument("--rounds", type=int, default=400)
    given = parser.parse_args(arguments)
    for size in (100, 1_000, 10_000):
        measure(size, rounds=given.rounds if size < 10_000 else given.rounds // 4)
    return 0
