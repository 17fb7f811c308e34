"""Keywords of campaigns against what was typed.

exact: nothing else was typed. phrase: its words stand together and in order. broad: its words, or
words for the same thing, stand anywhere. negative: its words, as they are, stand anywhere, and no
other keyword of that campaign counts. Stop words count nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Literal, TypeVar

from quanyu.decisions.recall.words import Words

Key = TypeVar("Key", bound=Hashable)
Match = Literal["exact", "phrase", "broad", "negative"]
WORDS_MAX = 32
"""Words of a query that are looked at."""


@dataclass(frozen=True, slots=True)
class Matched:
    keyword: str
    how: Match


Brings = dict[Key, Matched]


class KeywordIndex(Generic[Key]):
    """``keywords``: (campaign, text, match). A look-up costs the runs of words of the query
    that are no longer than a phrase, the broad keywords whose rarest word was typed, and what it
    finds."""

    def __init__(self, keywords: Iterable[tuple[Key, str, Match]], *, words: Words) -> None:
        self._words = words
        self._whole: dict[str, Brings[Key]] = defaultdict(dict)
        self._runs: dict[str, Brings[Key]] = defaultdict(dict)
        broad: dict[frozenset[str], Brings[Key]] = defaultdict(dict)
        negative: dict[frozenset[str], Brings[Key]] = defaultdict(dict)
        self.unusable: list[tuple[Key, str]] = []
        """Those without any word that counts."""
        for key, text, match in keywords:
            cut = words.cut(text)
            if not cut:
                self.unusable.append((key, text))
                continue
            if match == "exact" or match == "phrase":
                brings = (self._whole if match == "exact" else self._runs)[joined(cut)]
            elif match == "broad":
                brings = broad[frozenset(map(words.synonyms.one, cut))]
            else:
                brings = negative[frozenset(cut)]
            brings.setdefault(key, Matched(text, match))
        self._longest = max(map(len, self._runs), default=0)
        self._broad = _Bags(broad)
        self._negative = _Bags(negative)

    def find(self, query: str) -> dict[Key, Matched]:
        """Campaign → its narrowest keyword that matches, and how: exact, else the longest phrase,
        else the broad one of most words; among equals the one given first."""
        typed = self._words.cut(query)[:WORDS_MAX]
        if not typed:
            return {}
        spoken = dict.fromkeys((*typed, *self._words.of(query)))
        found: dict[Key, Matched] = {}
        one = self._words.synonyms.one
        for brings in self._broad.within({one(word) for word in spoken}):
            found.update(brings)
        runs = {run for run in _runs(typed, self._longest) if run in self._runs}
        for run in sorted(runs, key=lambda run: (len(run), run)):
            found.update(self._runs[run])
        found.update(self._whole.get(joined(typed), {}))
        for brings in self._negative.within(spoken.keys()):
            for key in brings:
                found.pop(key, None)
        return found


class _Bags(Generic[Key]):
    """Sets of words that must all be there, each filed under the rarest of them."""

    def __init__(self, bags: Mapping[frozenset[str], Brings[Key]]) -> None:
        used = Counter(word for bag in bags for word in bag)
        self._filed: dict[str, list[tuple[int, int, frozenset[str], Brings[Key]]]] = {}
        for number, (bag, brings) in enumerate(bags.items()):
            rarest = min(bag, key=lambda word: (used[word], word))
            entry = (len(bag), -number, bag, brings)
            self._filed.setdefault(rarest, []).append(entry)

    def within(self, spoken: Iterable[str]) -> Iterator[Brings[Key]]:
        """Those whose words are all spoken, the narrowest last."""
        there = frozenset(spoken)
        found = [
            entry
            for word in there
            for entry in self._filed.get(word, ())
            if entry[0] == 1 or entry[2] <= there
        ]
        found.sort(key=lambda entry: entry[:2])
        return (entry[3] for entry in found)


def _runs(typed: Sequence[str], longest: int) -> Iterator[str]:
    """Words that stand together, of at most so many characters."""
    for start in range(len(typed)):
        run = ""
        for word in typed[start:]:
            run = joined((run, word)) if run else word
            if len(run) > longest:
                break
            yield run


def joined(words: Sequence[str]) -> str:
    """As they are written: Latin words stay apart, and another cut of the same characters is the
    same text."""
    pieces = [words[0]]
    for before, word in pairwise(words):
        apart = before[-1].isascii() and word[0].isascii()
        pieces.append(f" {word}" if apart else word)
    return "".join(pieces)
