"""Reviews that say the same in almost the same words."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from quanyu.compliance.trades.graph import Ints
from quanyu.compliance.trades.letters import Letters, letters_of
from quanyu.compliance.trades.orders import UNKNOWN

LETTERS_MIN = 8
"""好评 and 很好 say nothing, and everybody says them."""
SHINGLE = 3
BANDS, ROWS = 6, 5
"""Reviews whose triples overlap by 90 % meet with 99 %, by 80 % with 90 %, by 30 % with 1 %."""
Hashes = NDArray[np.uint32]
_FACTORS = np.random.default_rng(2_000).integers(0, 2**31, BANDS * ROWS).astype(np.uint32) * 2 + 1
CHUNK = 1 << 16
"""Letters hashed at a time: they stay in the cache of a core."""


def families(reviews: Sequence[str | None]) -> Ints:
    """Number of the family of near copies of each review; UNKNOWN for short ones and for none.

    MinHash over triples of letters (Broder 1997), in bands; families are connected.
    """
    place = {text: number for number, text in enumerate(dict.fromkeys(filter(None, reviews)))}
    found, places = letters_of(list(place))
    long = found.lengths >= LETTERS_MIN
    of_text = np.full(len(place) + 1, UNKNOWN, dtype=np.int64)
    if long.any():
        of_text[places[long]] = _connected(_signatures(found)[long])
    nobody = len(place)
    return of_text[[place[one] if one else nobody for one in reviews]]


def _signatures(found: Letters) -> Hashes:
    """texts × (BANDS·ROWS): the least hash of a text's triples, per hash function. Rows of texts
    that are too short mean nothing."""
    signatures = np.zeros((BANDS * ROWS, len(found.lengths)), dtype=np.uint32)
    ends = np.cumsum(found.lengths)
    for first, last in _chunks(ends):
        start = int(ends[first - 1]) if first else 0
        long = found.lengths[first:last] >= LETTERS_MIN
        if long.any():
            codes = found.codes[start : int(ends[last - 1])]
            hashes, starts = _triples(codes, found.lengths[first:last], long=long)
            for number, factor in enumerate(_FACTORS):
                least = np.minimum.reduceat(hashes * factor, starts)
                signatures[number, first:last][long] = least
    return signatures.T


def _chunks(ends: Ints) -> Iterator[tuple[int, int]]:
    """(First, last) of texts, at least one, whose letters make about CHUNK."""
    first = 0
    while first < len(ends):
        begun = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, begun + CHUNK, side="right")), first + 1)
        yield first, last
        first = last


def _triples(codes: np.ndarray, lengths: Ints, *, long: np.ndarray) -> tuple[Hashes, Ints]:
    """Hashes of the triples inside each long text, and where each of these texts begins."""
    letters = codes[np.repeat(long, lengths)].astype(np.uint64)
    packed = letters[:-2] << np.uint64(42) | letters[1:-1] << np.uint64(21) | letters[2:]
    ends = np.cumsum(lengths[long])
    inside = np.ones(len(packed), dtype=np.bool_)
    across = ends[:-1]
    inside[across - 1] = inside[across - 2] = False
    counts = lengths[long] - (SHINGLE - 1)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return (_mixed(packed[inside]) >> np.uint64(32)).astype(np.uint32), starts


def _mixed(values: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _connected(signatures: Hashes) -> Ints:
    """Texts that agree in all rows of one band are of one family."""
    size = len(signatures)
    here, there = [], []
    for band in range(BANDS):
        keys = np.zeros(size, dtype=np.uint64)
        for row in range(band * ROWS, (band + 1) * ROWS):
            keys = _mixed(keys ^ signatures[:, row])
        line = np.argsort(keys)
        same = np.flatnonzero(keys[line[1:]] == keys[line[:-1]])
        here.append(line[same])
        there.append(line[same + 1])
    rows, cols = np.concatenate(here), np.concatenate(there)
    links = sparse.coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(size, size))
    _, labels = connected_components(links, directed=False)
    return np.asarray(labels, dtype=np.int64)
