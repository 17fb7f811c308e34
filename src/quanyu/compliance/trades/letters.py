"""The letters of many texts at once: width, case, spaces and marks do not make another text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quanyu.compliance.trades.graph import Ints

Codes = NDArray[np.uint32]
_MARKS = re.compile(r"[\W_]+")
_SELECTORS = range(0xFE00, 0xFE10)
_JAMO = range(0x1100, 0x1200)
_ALONE = np.uint32(0xFFFF_FFFF)
"""Of a character whose letters hang on its neighbours, or are several."""


@dataclass(frozen=True)
class Letters:
    """Code points of all texts, one text after the other."""

    codes: Codes
    lengths: Ints
    """Of each text; 0 is possible."""


def letters(text: str) -> str:
    """NFKC, casefolded, without what is neither letter nor digit."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text).casefold())


def letters_of(texts: Sequence[str]) -> tuple[Letters, Ints]:
    """(``letters`` of each text, the place of each of them in ``texts``). Texts are not empty.

    Characters are folded once each; only texts in which neighbours may melt together (combining
    marks, jamo) are folded one by one, and these come last.
    """
    if not texts:
        return Letters(np.empty(0, np.uint32), np.empty(0, np.int64)), np.empty(0, np.int64)
    codes = _codes("".join(texts))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    folded = _folding(codes)[codes]
    alone = np.logical_or.reduceat(folded == _ALONE, starts)
    kept = (folded != 0) & ~np.repeat(alone, lengths)
    together = np.add.reduceat(kept, starts, dtype=np.int64)
    singly = [letters(texts[place]) for place in np.flatnonzero(alone).tolist()]
    found = Letters(
        np.concatenate([folded[kept], _codes("".join(singly))]),
        np.concatenate([together[~alone], np.array([len(t) for t in singly], dtype=np.int64)]),
    )
    return found, np.concatenate([np.flatnonzero(~alone), np.flatnonzero(alone)])


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _folding(codes: Codes) -> Codes:
    """Code point → the letter it becomes; 0: none."""
    seen = np.zeros(0x11_0000, dtype=np.bool_)
    seen[codes] = True
    found = np.zeros(0x11_0000, dtype=np.uint32)
    for code in np.flatnonzero(seen).tolist():
        found[code] = _fold(code)
    return found


def _fold(code: int) -> int:
    character = chr(code)
    if code in _SELECTORS:
        return 0
    if any(map(_melts, unicodedata.normalize("NFKC", character))):
        return int(_ALONE)
    folded = letters(character)
    return int(_ALONE) if len(folded) > 1 else ord(folded) if folded else 0


def _melts(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or ord(character) in _JAMO
