"""Recommendation: how good, beside popularity and implicit's ALS; how long it takes to learn and to
recall.

    quanyu bench recommend [--data FILE] [--people 6000] [--no-fit] [--no-latency]

Quality, in one run and by one measure: a sample of real Taobao behaviour (two hours of one morning,
1.6 deeds a person; ``--data``; skipped with a reason where it is not there)
and a generated market in which people have tastes. The first 80 % of time teaches; wanted is what a
person newly used afterwards; intervals are bootstraps over people. ALS: 64 factors, 15 iterations,
regularisation 0.05, the same confidences; it is left out with a line where implicit is missing.

Time to learn: EASE over 1,000, 3,000 and 10,000 items out of 1,000,000 interactions, each in a
process of its own so that its memory can be told. Recall: one call with a query of two words and a
taste of 20 items over 10,000, 30,000 and 100,000 items.
"""

import argparse
import gzip
import multiprocessing
import tempfile
import time
from bisect import bisect
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np

from quanyu.clock import DAY_US
from quanyu.decisions.goods import Good, Goods, Rows
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall import covisit, ease
from quanyu.decisions.recall.behaviour import read_behaviour
from quanyu.decisions.recall.best import Found
from quanyu.decisions.recall.evaluation import Recommend, Split, measured, split_in_time
from quanyu.decisions.recall.index import Catalogue, RecallIndex, Refresher
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.recalling import Limits, recall
from quanyu.decisions.recall.recommenders import recommenders
from quanyu.decisions.recall.saving import load, save
from quanyu.decisions.recall.words import Synonyms
from quanyu.decisions.taste import KINDS, NOBODY, Deed, Taste

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT.parent / "shared" / "data" / "taobao_userbehavior_sample.csv.gz"
K = 20
FACTORS = 64
NOW_US = 1_767_225_600_000_000
SIZES_FIT = (1_000, 3_000, 10_000)
SIZES_RECALL = (10_000, 30_000, 100_000)
INTERACTIONS = 1_000_000
VOCABULARY = 30_000
WORDS_A_GOOD = 25
MEASURES = (f"recall@{K}", f"ndcg@{K}", f"hit_rate@{K}", "coverage", "diversity", "novelty")


def real(data: str) -> Split | str:
    """The sample, or why there is none."""
    if not data or not Path(data).exists():
        return f"no file {data!r}; give --data"
    with gzip.open(data) as lines:
        found = read_behaviour(lines)
    return split_in_time(found.interactions, found.category.codes)


def market(people: int) -> Split:
    """5,000 items in 100 categories; a person likes three categories and comes back for ten days;
    popularity within a category falls off as 1 / rank."""
    chance = np.random.default_rng(7)
    items, categories = 5_000, 100
    each = items // categories
    worth = 1 / np.arange(1, each + 1)
    cumulated = np.cumsum(worth / worth.sum())
    likes = chance.integers(0, categories, (people, 3))
    deeds = 25
    person = np.repeat(np.arange(people), deeds)
    liked = likes[person, chance.integers(0, 3, len(person))]
    stray = chance.random(len(person)) < 0.2
    liked[stray] = chance.integers(0, categories, int(stray.sum()))
    row = liked * each + np.searchsorted(cumulated, chance.random(len(person)))
    kind = chance.choice(4, len(person), p=[0.8, 0.08, 0.08, 0.04]).astype(np.int8)
    at_us = NOW_US - chance.integers(0, 10 * DAY_US, len(person))
    found = Interactions.of(person, row.astype(np.int32), kind=kind, at_us=at_us)
    return split_in_time(found, (np.arange(items) // each).astype(np.int32))


def als(split: Split) -> Recommend | str:
    """implicit's, or why there is none. Left out of its answer is what the person knows."""
    try:
        from implicit.als import AlternatingLeastSquares
    except ImportError as error:
        return f"implicit is not installed ({error}); pip install implicit"
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    model = AlternatingLeastSquares(
        factors=FACTORS, regularization=0.05, iterations=15, random_state=7
    )
    before = split.before
    people, person = np.unique(before.person, return_inverse=True)
    shape = (len(people), split.size)
    confidences = csr_matrix((before.weight, (person, before.row)), shape=shape)
    with threadpool_limits(1, "blas"):
        model.fit(confidences, show_progress=False)

    def recommend(did: Found) -> Rows:
        liked = csr_matrix(
            (did[1], (np.zeros(len(did[0]), np.int32), did[0])), shape=(1, split.size)
        )
        rows, _ = model.recommend(
            0, liked, N=K, filter_already_liked_items=True, recalculate_user=True
        )
        return rows.astype(np.int32)

    return recommend


def quality(name: str, split: Split) -> None:
    print(
        f"\n{name}: {len(split.before):,} deeds teach, {len(split.cases):,} people are measured, "
        f"{split.size:,} items"
    )
    begun = time.perf_counter()
    methods: dict[str, Recommend] = recommenders(split, k=K)
    learned = time.perf_counter() - begun
    begun = time.perf_counter()
    peer = als(split)
    by_peer = time.perf_counter() - begun
    if isinstance(peer, str):
        print(f"ALS left out: {peer}")
    else:
        methods["implicit ALS"] = peer
        print(f"learning: ours {learned:.1f} s (EASE, pairs, popular), ALS {by_peer:.1f} s")
    print(f"{'':<14}" + "".join(f"{one:>24}" for one in MEASURES[:3]) + f"{'coverage':>10}"
          f"{'diversity':>11}{'novelty':>9}")  # fmt: skip
    for method, recommend in methods.items():
        found = measured(split, recommend, k=K)
        cells = [
            f"{found[one].value:.4f} [{found[one].low:.4f}, {found[one].high:.4f}]"
            for one in MEASURES[:3]
        ]
        rest = [f"{found[one].value:.3f}" for one in MEASURES[3:]]
        print(
            f"{method:<14}" + "".join(f"{one:>24}" for one in cells) + f"{rest[0]:>10}"
            f"{rest[1]:>11}{rest[2]:>9}", flush=True
        )  # fmt: skip


def crowd(items: int, seed: int = 3) -> Interactions:
    """A million deeds of 50,000 people in 200 groups, half of them within the group's own items."""
    chance = np.random.default_rng(seed)
    person = chance.integers(0, 50_000, INTERACTIONS)
    each = max(1, items // 200)
    own = person % 200 * each + np.minimum(chance.zipf(1.3, INTERACTIONS) - 1, each - 1)
    every = np.minimum(chance.zipf(1.2, INTERACTIONS) - 1, items - 1)
    row = np.where(chance.random(INTERACTIONS) < 0.5, own, every).astype(np.int32)
    kind = chance.integers(0, 4, INTERACTIONS).astype(np.int8)
    at_us = NOW_US - chance.integers(0, 30 * DAY_US, INTERACTIONS)
    return Interactions.of(person, row, kind=kind, at_us=at_us)


def fitted(items: int) -> tuple[float, float, float, int]:
    """(Seconds of EASE, of pairs, MiB above the start, positive weights)."""
    found = crowd(items)
    before = memory("VmRSS")
    begun = time.perf_counter()
    linear = ease.fit(found, items)
    took = time.perf_counter() - begun
    most = memory("VmHWM") - before
    begun = time.perf_counter()
    covisit.fit(found, items)
    return took, time.perf_counter() - begun, most / 1024, len(linear.rows)


def memory(name: str) -> int:
    """KiB of this process, as Linux tells them; 0 elsewhere."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def learning() -> None:
    print(f"\nlearning from {INTERACTIONS:,} interactions")
    for items in SIZES_FIT:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            took, pairs, mib, kept = pool.apply(fitted, (items,))
        target = "  target EASE ≤ 60 s" if items == SIZES_FIT[-1] else ""
        said = ease.memory_bytes(items, INTERACTIONS) / 2**20
        print(
            f"{items:>7,} items: EASE {took:6.1f} s, {mib:5.0f} MiB (said {said:.0f}), "
            f"{kept:,} weights; pairs {pairs:.1f} s{target}",
            flush=True,
        )


class Shop:
    """Goods of words that fall off as 1 / rank, and who asks for them."""

    def __init__(self, items: int) -> None:
        self.chance = Random(5)
        weights = np.cumsum(1 / (np.arange(VOCABULARY) + 10.0))
        self._cumulated = (weights / weights[-1]).tolist()
        self.items = items
        self.goods = Goods.of(self._good(n) for n in range(items))

    def word(self) -> str:
        return f"w{bisect(self._cumulated, self.chance.random())}"

    def _good(self, number: int) -> Good:
        age_us = self.chance.randrange(400 * DAY_US)
        return Good(
            id=str(number), title="", shop=f"s{number % 3_000}", category=f"c{number % 300}",
            price_fen=100, words=tuple(self.word() for _ in range(WORDS_A_GOOD)),
            since_us=NOW_US - age_us,
        )  # fmt: skip

    def taste(self) -> Taste:
        some = (int(self.items * self.chance.random() ** 3) for _ in range(20))
        deeds = [Deed(str(one), self.chance.choice(KINDS), NOW_US - DAY_US) for one in some]
        return Taste(tuple(deeds))


def asked(index: RecallIndex, shop: Shop, *, kind: str, rounds: int = 1_000) -> np.ndarray:
    """Milliseconds."""
    took = []
    for _ in range(rounds):
        query = (shop.word(), shop.word()) if kind != "nobody" else ()
        did = shop.taste() if kind == "taste" else NOBODY
        moment = Moment(touchpoint="t", at_us=NOW_US, hour=20, weekday=1, query=query)
        begun = time.perf_counter()
        found = recall(index, moment, taste=did, limits=Limits())
        took.append(1000 * (time.perf_counter() - begun))
        assert len(found), "something is always found"
    return np.percentile(took, (50, 99))


def latency() -> None:
    print("\nrecall, a query of two words")
    for items in SIZES_RECALL:
        shop = Shop(items)
        begun = time.perf_counter()
        index = RecallIndex.of(Catalogue(goods=shop.goods), Synonyms(), now_us=NOW_US)
        built = time.perf_counter() - begun
        index = Refresher(index).refit(crowd(items), now_us=NOW_US)
        largest = items == SIZES_RECALL[-1]
        for kind, name in (("taste", "and a taste of 20 items"), ("query", "alone"),
                           ("nobody", "nothing asked, nobody known")):  # fmt: skip
            p50, p99 = asked(index, shop, kind=kind)
            target = "  target p50 ≤ 1.5 ms" if largest and kind == "taste" else ""
            print(
                f"{items:>7,} items, {name:<28} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms{target}",
                flush=True,
            )
        with tempfile.TemporaryDirectory() as directory:
            begun = time.perf_counter()
            save(index, Path(directory))
            saved = time.perf_counter() - begun
            size = sum(one.stat().st_size for one in Path(directory).rglob("*") if one.is_file())
            begun = time.perf_counter()
            load(Path(directory), Synonyms())
            loaded = time.perf_counter() - begun
        target = "  target start ≤ 20 s" if largest else ""
        print(
            f"{'':>7} built in {built:.1f} s, saved in {saved:.1f} s ({size / 2**20:.0f} MiB), "
            f"started from disk in {loaded:.1f} s{target}",
            flush=True,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench recommend")
    parser.add_argument("--data", default=str(SAMPLE))
    parser.add_argument("--people", type=int, default=6_000)
    parser.add_argument("--no-fit", action="store_true")
    parser.add_argument("--no-latency", action="store_true")
    given = parser.parse_args(arguments)
    sample = real(given.data)
    if isinstance(sample, str):
        print(f"real Taobao behaviour skipped: {sample}")
    else:
        quality("real Taobao behaviour", sample)
    quality("generated market", market(given.people))
    if not given.no_fit:
        learning()
    if not given.no_latency:
        latency()
    return 0
