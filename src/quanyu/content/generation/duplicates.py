"""Near-duplicates: texts that share most of their runs of characters (MinHash and LSH bands).

Broder, "On the resemblance and containment of documents", 1997. Candidates come from equal bands
of the signature; whether they are duplicates is then counted exactly.
"""

from collections import defaultdict
from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

RUN = 5
"""Characters of a run."""
SIMILAR = 0.6
"""Shared runs by all runs of both, from which on a text is a near-duplicate."""
BANDS, ROWS = 32, 4
PAIRS = 400
PRIME = np.uint64((1 << 31) - 1)
SPACE = 1 << 22
"""Hashes of runs lie below it, so that a table of them stays in the cache; of the 3,000 runs of a
long text two meet by chance, which moves its resemblance by less than a thousandth."""
Runs = NDArray[np.uint32]


def runs_of(text: str) -> Runs:
    """Sorted distinct hashes of all runs of five characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    count = max(1, len(codes) - RUN + 1)
    hashed = np.zeros(count, dtype=np.uint64)
    for place in range(min(RUN, len(codes))):
        hashed = (hashed * np.uint64(1_000_003) + codes[place : place + count]) % PRIME
    return np.unique(hashed % np.uint64(SPACE)).astype(np.uint32)


def resemblance(one: Runs, other: Runs) -> float:
    """Jaccard: 0 nothing in common, 1 the same runs."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


class Seen:
    """The texts that were kept so far."""

    def __init__(self, *, similar: float = SIMILAR) -> None:
        chance = np.random.default_rng(45438)
        size, top = (BANDS * ROWS, 1), 1 << 32
        self._factors = chance.integers(0, top, size=size, dtype=np.uint32) | np.uint32(1)
        self._offsets = chance.integers(0, top, size=size, dtype=np.uint32)
        self._buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
        self._kept: list[Runs] = []
        self._similar = similar
        self._there = np.zeros(SPACE, dtype=np.bool_)
        """Which runs the text at hand has; all False between two texts."""

    def __len__(self) -> int:
        return len(self._kept)

    def admit(self, text: str) -> bool:
        """Keeps it unless one that is kept already resembles it too much."""
        runs = runs_of(text)
        bands = self._bands(runs)
        near = {place for band in bands for place in self._buckets.get(band, ())}
        self._there[runs] = True
        known = any(self._alike(runs, self._kept[place]) for place in near)
        self._there[runs] = False
        if known:
            return False
        for band in bands:
            self._buckets[band].append(len(self._kept))
        self._kept.append(runs)
        return True

    def _alike(self, runs: Runs, kept: Runs) -> bool:
        """``resemblance``, by looking up instead of sorting: most texts of a batch are near."""
        shared = int(np.count_nonzero(self._there[kept]))
        return shared >= self._similar * (len(runs) + len(kept) - shared)

    def _bands(self, runs: Runs) -> Sequence[tuple[int, bytes]]:
        """Multiply-shift hashes, modulo 2³² (Dietzfelbinger et al., 1997): the least of each."""
        signature = (self._factors * runs + self._offsets).min(axis=1)
        rows = signature.reshape(BANDS, ROWS)
        return [(number, row.tobytes()) for number, row in enumerate(rows)]

    def mean_resemblance(self, *, pairs: int = PAIRS) -> float | None:
        """Of pairs drawn by a fixed seed; None for fewer than two texts."""
        if len(self._kept) < 2:
            return None
        chance = Random(45438)  # noqa: S311 — a sample, no secret
        drawn = (chance.sample(range(len(self._kept)), 2) for _ in range(pairs))
        return sum(resemblance(self._kept[a], self._kept[b]) for a, b in drawn) / pairs
