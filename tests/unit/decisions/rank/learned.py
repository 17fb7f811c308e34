"""One small log with known truth and the model learned from it, made once for all tests."""

from functools import lru_cache

import numpy as np
from bench.rank_world import World, habits_of, log_of, world_of

from quanyu.decisions.rank.habits import Habits
from quanyu.decisions.rank.model import Model
from quanyu.decisions.rank.training import Logged, train


@lru_cache(maxsize=1)
def town() -> tuple[World, Habits]:
    world = world_of(seed=1)
    return world, habits_of(world, seed=1, count=1500)


@lru_cache(maxsize=1)
def log() -> tuple[Logged, np.ndarray]:
    """Rows, and the true p(click) of each."""
    world, habits = town()
    return log_of(world, habits, seed=1, count=2500)


@lru_cache(maxsize=1)
def model() -> Model:
    found = train(log()[0], seed=1)
    assert isinstance(found, Model)
    return found


def last_rows() -> tuple[Logged, np.ndarray]:
    """Those that the card is judged on."""
    logged, real = log()
    order = np.argsort(logged.at_us, kind="stable")[-model().card.rows["test"] :]
    return logged.taken(order), real[order]
