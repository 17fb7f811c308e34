"""What is looked at on one day by one person goes together: counts of pairs, for the long tail.

A pair counts the weights of both deeds, less with the number of deeds between them and with age
(half after HALF_LIFE_DAYS); the sum is divided by √(n_i + s) √(n_j + s), the cosine of Sarwar et
al. 2001 with a shrinkage s, so that neither much looked at items nor a single visit win.
"""

import numpy as np
import numpy.typing as npt

from quanyu.clock import CHINA_OFFSET_US, DAY_US
from quanyu.decisions.goods import Scores
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.neighbours import Neighbours

WITHIN = 10
"""Deeds between the two, at most."""
HALF_LIFE_DAYS = 30
SHRINKAGE = 5.0
TOP = 50
PAIRS_MAX = 20_000_000
"""Newest pairs that count; each takes about 40 bytes while they are counted."""


def fit(interactions: Interactions, size: int, *, top: int = TOP) -> Neighbours:
    """Of ``size`` rows."""
    if len(interactions) == 0:
        return Neighbours.none(size)
    line = _line(interactions)
    most = max(1, PAIRS_MAX // (2 * WITHIN))
    pairs = _counted(line.chosen(_newest(line, most)), size)
    one, other, scores = pairs
    popular = np.sqrt(np.bincount(one, weights=scores, minlength=size) + SHRINKAGE)
    normal = (scores / (popular[one] * popular[other])).astype(np.float32)
    return Neighbours.of((one, other, normal), size, top=top)


def _day(interactions: Interactions) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = (interactions.at_us + CHINA_OFFSET_US) // DAY_US
    return found


def _line(interactions: Interactions) -> Interactions:
    """Person by person in the order of time."""
    order = np.lexsort((interactions.row, interactions.at_us, interactions.person))
    return interactions.chosen(order)


def _newest(line: Interactions, most: int) -> npt.NDArray[np.bool_]:
    if len(line) <= most:
        return np.ones(len(line), np.bool_)
    since_us = np.partition(line.at_us, len(line) - most)[len(line) - most]
    found: npt.NDArray[np.bool_] = line.at_us >= since_us
    return found


def _counted(
    line: Interactions, size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Scores]:
    """Both directions of each pair with their summed weights."""
    from scipy.sparse import coo_array

    day, weight = _day(line), line.weight * _age(line)
    rows = line.row.astype(np.int64)
    total = coo_array((size, size), dtype=np.float32).tocsr()
    for apart in range(1, WITHIN + 1):
        one, other = slice(None, -apart), slice(apart, None)
        together = (
            (line.person[one] == line.person[other])
            & (day[one] == day[other])
            & (rows[one] != rows[other])
        )
        worth = np.sqrt(weight[one] * weight[other])[together] / np.float32(apart)
        places = rows[one][together], rows[other][together]
        total = total + coo_array((worth, places), shape=(size, size)).tocsr()
    both = (total + total.T).tocoo()
    one_way, other_way = both.coords
    return one_way.astype(np.int64), other_way.astype(np.int64), both.data


def _age(line: Interactions) -> Scores:
    days = (line.at_us.max() - line.at_us) / DAY_US
    found: Scores = np.exp2(-days / HALF_LIFE_DAYS).astype(np.float32)
    return found
