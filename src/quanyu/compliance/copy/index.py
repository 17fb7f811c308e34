"""All words and phrases of some rules in two automata, for whichever of the rules hold: one as it
is written, one as it sounds. Built once for the whole rulebook, a reader picks his rules out."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import ahocorasick

from quanyu.compliance.copy.disguises import disguises, is_heard
from quanyu.compliance.copy.phrases import (
    LISTED_MAX,
    Pattern,
    as_pattern,
    combinations,
    expanded,
    pattern_of,
)
from quanyu.compliance.copy.sounds import heard_word
from quanyu.compliance.rulebook import Rule
from quanyu.compliance.verdict import Severity

DISGUISED_MAX = 6
"""Longer words are sought as written only: what they are made of is mostly a word itself."""
MUST = "must."
"""Rules of this name ask for words that have to stand in the text."""


class Entry(NamedTuple):
    """What a word means. Rules are their places in the list that was given."""

    size: int
    rules: tuple[tuple[int, bool], ...] = ()
    """The rules whose word it is, and whether it is disguised."""
    patterns: tuple[tuple[int, Pattern], ...] = ()
    """Phrases that are looked for around it."""
    lifts: tuple[int, ...] = ()
    """The rules of which it is an exception."""


class Index:
    """Entries by number; the automata know the numbers."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.heard: list[tuple[tuple[int, str], ...]] = []
        self.entries: list[Entry] = []
        self._numbers: dict[str, int] = {}
        self._sounds: dict[str, dict[tuple[int, str], None]] = {}
        for place, rule in enumerate(rules):
            if finds(rule):
                self._take(place, rule)
        self.written = _automaton(self._numbers)
        self.sounds = _automaton({sign: n for n, sign in enumerate(self._sounds)})
        self.heard = [tuple(words) for words in self._sounds.values()]
        self._numbers.clear()
        self._sounds.clear()

    def _take(self, place: int, rule: Rule) -> None:
        many = [said for said in rule.words if combinations(said) > LISTED_MAX]
        listed = (one for said in rule.words if said not in many for one in expanded(said))
        for word in dict.fromkeys(listed):
            self._take_word(place, word)
        for pattern in (*map(pattern_of, rule.patterns), *map(as_pattern, many)):
            for anchor in pattern.anchors:
                self._note(anchor, patterns=((place, pattern),))
        for word in {plain for said in rule.exceptions for plain in expanded(said)}:
            self._note(word, lifts=(place,))

    def _take_word(self, place: int, word: str) -> None:
        self._note(word, rules=((place, False),))
        if len(word) <= DISGUISED_MAX:
            for other in disguises(word):
                self._note(other, rules=((place, True),))
            if is_heard(word):
                self._sounds.setdefault(heard_word(word), {})[(place, word)] = None

    def _note(self, word: str, **more: Any) -> None:
        number = self._numbers.setdefault(word, len(self.entries))
        if number == len(self.entries):
            self.entries.append(Entry(len(word), **more))
            return
        entry = self.entries[number]
        ((kind, one),) = more.items()
        known = getattr(entry, kind)
        if one[0] not in known:
            self.entries[number] = entry._replace(**{kind: known + one})


def finds(rule: Rule) -> bool:
    """Is it looked for, rather than something that lifts or has to stand in the text?"""
    return rule.severity is not Severity.PASS and not rule.id.startswith(MUST)


def _automaton(numbers: dict[str, int]) -> Any:
    """Common characters first: the automaton looks at the beginnings of words one by one."""
    made = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    common = Counter(chain.from_iterable(numbers))
    for word in sorted(numbers, key=lambda one: -common[one[0]]):
        made.add_word(word, numbers[word])
    if not numbers:
        made.add_word("\uffff", 0)
    made.make_automaton()
    return made
