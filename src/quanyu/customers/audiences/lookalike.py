"""People who look like a seed audience: a scored expansion with its own report of quality."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quanyu.customers.audiences.ports import Features, Persons
from quanyu.errors import BadInput

SEED_MIN = 20
OTHERS_PER_SEED = 4
OTHERS_MIN = 1_000
HELD_OUT = 0.25


@dataclass(frozen=True, slots=True)
class Lookalike:
    """``persons`` by falling score; ``auc`` on people the model has not seen; ``weights``: what
    speaks for a likeness, in standard deviations of the feature."""

    persons: Persons
    scores: NDArray[np.float64]
    auc: float
    seed_people: int
    weights: tuple[tuple[str, float], ...]


def expand(features: Features, seed: Persons, *, size: int, random_seed: int = 0) -> Lookalike:
    """The ``size`` people outside the seed who look most like it. The same for the same input.

    Logistic regression on log(1 + x), standardised. Raises BadInput when the seed is too small, or
    is everybody.
    """
    inside = np.isin(features.persons, seed)
    if inside.sum() < SEED_MIN:
        raise BadInput("seed", f"needs at least {SEED_MIN} people with events, has {inside.sum()}")
    if inside.all():
        raise BadInput("seed", "is everybody; nobody is left to find")
    chance = np.random.default_rng(random_seed)
    shaped = np.log1p(np.maximum(features.matrix, 0))
    rows = _training_rows(inside, chance)
    model, auc = _fit(shaped[rows], inside[rows], chance=chance)
    outside = np.flatnonzero(~inside)
    scores = model.predict_proba(shaped[outside])[:, 1]
    best = np.lexsort((features.persons[outside], -scores))[:size]
    weights = zip(features.names, model[-1].coef_[0].tolist(), strict=True)
    ranked = sorted(weights, key=lambda pair: (-abs(pair[1]), pair[0]))
    return Lookalike(
        features.persons[outside][best], scores[best], auc, int(inside.sum()), tuple(ranked)
    )


def _training_rows(inside: NDArray[np.bool_], chance: np.random.Generator) -> NDArray[np.int64]:
    """All of the seed and a sample of the others: as good, and much faster."""
    seed, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    wanted = min(len(others), max(OTHERS_MIN, OTHERS_PER_SEED * len(seed)))
    return np.concatenate([seed, chance.choice(others, wanted, replace=False)])


def _fit(matrix: NDArray[np.float64], inside: NDArray[np.bool_], *, chance: np.random.Generator):  # type: ignore[no-untyped-def]
    """(pipeline, AUC on a held-out quarter)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    order = chance.permutation(len(inside))
    cut = int(len(order) * HELD_OUT)
    held_out, training = order[:cut], order[cut:]
    model = make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=500, class_weight="balanced")
    )
    model.fit(matrix[training], inside[training])
    if len(set(inside[held_out].tolist())) < 2:
        return model, float("nan")
    return model, float(
        roc_auc_score(inside[held_out], model.predict_proba(matrix[held_out])[:, 1])
    )
