"""How good recommendations are, on what people did later: a split in time, and the usual measures
with bootstrap intervals over people.

recall@k: hits ÷ min(k, wanted), as Liang et al. 2018 count it; ndcg@k: Järvelin and Kekäläinen 2002
with gains of 0 and 1; hit rate: people with a hit; coverage: share of the items that are shown to
anybody; diversity: mean share of pairs of a list that are of two categories; novelty: mean
−log₂ of the share of people who used the item before (Vargas and Castells 2011).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Codes, Rows, Scores
from quanyu.decisions.recall.best import Found
from quanyu.decisions.recall.interactions import Interactions
from quanyu.errors import BadInput

Recommend = Callable[[Found], Rows]
"""What a person did, rows and weights → rows, the best first."""
Lists = list[Rows]
DRAWS = 1_000
SEED = 20_171_126


@dataclass(frozen=True, slots=True)
class Case:
    """A person who did something before the split and something new after it."""

    did: Found
    wanted: Rows


@dataclass(frozen=True, slots=True)
class Split:
    """``size`` items; ``category`` of each."""

    before: Interactions
    cases: tuple[Case, ...]
    size: int
    category: Codes


@dataclass(frozen=True, slots=True)
class Figure:
    """With the 95 % interval of the bootstrap over people; none where no people are drawn."""

    value: float
    low: float | None = None
    high: float | None = None


def split_in_time(
    interactions: Interactions, category: Codes, *, share: float = 0.8, people_max: int = 20_000
) -> Split:
    """The first ``share`` of the deeds teaches. What a person had used before, and what nobody
    had, is not wanted afterwards. Raises BadInput when nobody is left."""
    if not 0 < share < 1:
        raise BadInput("split", "use a share between 0 and 1, such as 0.8")
    order = np.argsort(interactions.at_us, kind="stable")
    cut = int(len(order) * share)
    before, after = interactions.chosen(order[:cut]), interactions.chosen(order[cut:])
    known = np.bincount(before.row, minlength=len(category)) > 0
    after = after.chosen(known[after.row])
    cases = tuple(_cases(before, after))
    if not cases:
        raise BadInput("file", "nobody came back after the split and used something new")
    if len(cases) > people_max:
        drawn = np.random.default_rng(SEED).choice(len(cases), people_max, replace=False)
        cases = tuple(cases[one] for one in np.sort(drawn))
    return Split(before, cases, len(category), category)


def _cases(before: Interactions, after: Interactions) -> Iterator[Case]:
    people = np.intersect1d(before.person, after.person)
    did, wanted = _by_person(before, people), _by_person(after, people)
    for person in people.tolist():
        rows, weights = did[person]
        new = np.setdiff1d(wanted[person][0], rows)
        if len(new):
            yield Case((rows, weights), new)


def _by_person(found: Interactions, people: npt.NDArray[np.int64]) -> dict[int, Found]:
    """Rows of each, once, with the weight of the strongest deed."""
    found = found.chosen(np.isin(found.person, people))
    order = np.lexsort((-found.weight, found.row, found.person))
    found = found.chosen(order)
    first = np.ones(len(found), np.bool_)
    first[1:] = (np.diff(found.person) != 0) | (np.diff(found.row) != 0)
    found = found.chosen(first)
    starts = np.searchsorted(found.person, people)
    ends = np.searchsorted(found.person, people, side="right")
    return {
        int(person): (found.row[a:b], found.weight[a:b])
        for person, a, b in zip(people, starts, ends, strict=True)
    }


def measured(split: Split, recommend: Recommend, *, k: int = 20) -> dict[str, Figure]:
    lists = [recommend(case.did)[:k] for case in split.cases]
    hits = [np.isin(rows, case.wanted) for rows, case in zip(lists, split.cases, strict=True)]
    wanted = np.array([len(case.wanted) for case in split.cases])
    found = np.array([hit.sum() for hit in hits])
    per_person = {
        f"recall@{k}": found / np.minimum(k, wanted),
        f"ndcg@{k}": np.array(
            [_ndcg(hit, int(n), k=k) for hit, n in zip(hits, wanted, strict=True)]
        ),
        f"hit_rate@{k}": (found > 0).astype(np.float64),
        "diversity": np.array([_diversity(split.category[rows]) for rows in lists]),
        "novelty": _novelty(split, lists),
    }  # fmt: skip
    shown = np.unique(np.concatenate(lists)) if lists else np.empty(0)
    known = len(np.unique(split.before.row))
    figures = {name: _interval(values) for name, values in per_person.items()}
    return figures | {"coverage": Figure(len(shown) / max(1, known))}


def _ndcg(hit: npt.NDArray[np.bool_], wanted: int, *, k: int) -> float:
    worth = 1 / np.log2(np.arange(2, k + 2))
    return float(worth[: len(hit)][hit].sum() / worth[: min(k, wanted)].sum())


def _diversity(categories: Codes) -> float:
    """Of a list of one there are no pairs: 0."""
    n = len(categories)
    if n < 2:
        return 0.0
    _, counts = np.unique(categories, return_counts=True)
    return float(1 - (counts * (counts - 1)).sum() / (n * (n - 1)))


def _novelty(split: Split, lists: Lists) -> Scores:
    pairs = np.unique(np.stack((split.before.person, split.before.row.astype(np.int64))), axis=1)
    users = np.bincount(pairs[1], minlength=split.size)
    people = len(np.unique(split.before.person))
    surprise = -np.log2(np.maximum(users, 1) / people)
    return np.array([surprise[rows].mean() if len(rows) else 0.0 for rows in lists])


def _interval(values: Scores) -> Figure:
    chance = np.random.default_rng(SEED)
    means = [
        float(values[chance.integers(0, len(values), len(values))].mean()) for _ in range(DRAWS)
    ]
    low, high = np.percentile(means, (2.5, 97.5))
    return Figure(float(values.mean()), float(low), float(high))


def evaluated(
    split: Split, recommend: Mapping[str, Recommend], *, k: int = 20
) -> dict[str, dict[str, Figure]]:
    """Method → measure → figure."""
    return {name: measured(split, one, k=k) for name, one in recommend.items()}
