"""The rules of a day and an industry: which of all words and phrases count, and what lifts them."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from quanyu.compliance.copy.disguises import sounds_meant
from quanyu.compliance.copy.folding import Folded
from quanyu.compliance.copy.index import MUST, Entry, Index, finds
from quanyu.compliance.copy.phrases import expanded
from quanyu.compliance.copy.sounds import Heard
from quanyu.compliance.industries import concerns, industry_named, lineage
from quanyu.compliance.rulebook import Rule, in_force, rulebook
from quanyu.compliance.verdict import Severity
from quanyu.errors import BadInput

NEVER = "never."
"""Rules of this name keep exemptions from some statements."""
LEXICONS_MAX = 256
"""Kept at a time; the words are in the index that they share."""
FOREIGN = Entry(0)
"""A word of rules that do not hold here."""


class Found(NamedTuple):
    """A rule that may be broken; places in the folded text."""

    rule: Rule
    start: int
    end: int
    disguised: bool = False
    """Found by sound, parts or initials, not as it is written in the pack."""


class Exemption:
    """A rule that lifts others: the words that speak for it, and those that undo it."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    @cached_property
    def _for(self) -> "re.Pattern[str]":
        return _any_of(self.rule.words)

    @cached_property
    def _against(self) -> "re.Pattern[str]":
        return _any_of(self.rule.exceptions)

    def speaks_in(self, plain: str) -> bool:
        return self._for.search(plain) is not None

    def last_in(self, plain: str) -> tuple[int, int] | None:
        return max((found.span() for found in self._for.finditer(plain)), default=None)

    def turns_in(self, plain: str) -> bool:
        return self._against.search(plain) is not None


def _any_of(words: Iterable[str]) -> "re.Pattern[str]":
    """Longer ones first; no words: never."""
    plain = sorted({one for word in words for one in expanded(word)}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, plain)) if plain else "(?!)")


class Lexicon:
    """Finds in time linear in the text; whether what is found counts is decided elsewhere."""

    def __init__(self, index: Index, places: Collection[int]) -> None:
        given = [index.rules[place] for place in places]
        self.musts = [_exemption(index, n) for n in places if index.rules[n].id.startswith(MUST)]
        self.rules = {rule.id: rule for rule in given if finds(rule)}
        self.exemptions = {
            index.rules[n].id: _exemption(index, n)
            for n in places
            if index.rules[n].severity is Severity.PASS
        }
        self.nevers = [one for rule_id, one in self.exemptions.items() if rule_id.startswith(NEVER)]
        self._index = index
        self._held = frozenset(places)
        self._known: dict[int, Entry] = {}

    def find(self, text: Folded) -> list[Found]:
        """Every place at which a rule may be broken, exceptions of the packs left out."""
        found: list[Found] = []
        lifted: dict[str, list[tuple[int, int]]] = {}
        known, rules = self._known, self._index.rules
        for last, number in self._index.written.iter(text.plain):
            entry = known.get(number) or self._entry(number)
            if entry is FOREIGN:
                continue
            start, end = last + 1 - entry.size, last + 1
            found.extend(Found(rules[n], start, end, disguised) for n, disguised in entry.rules)
            for n, pattern in entry.patterns:
                if span := pattern.span(text.plain, (start, end)):
                    found.append(Found(rules[n], *span))
            for n in entry.lifts:
                lifted.setdefault(rules[n].id, []).append((start, end))
        found.extend(self._by_sound(text))
        return list(_standing(found, lifted)) if lifted else found

    def _entry(self, number: int) -> Entry:
        """What the word means under these rules, worked out when it is first met."""
        entry, held = self._index.entries[number], self._held
        mine = Entry(
            entry.size,
            tuple(one for one in entry.rules if one[0] in held),
            tuple(one for one in entry.patterns if one[0] in held),
            tuple(one for one in entry.lifts if one in held),
        )
        self._known[number] = mine if mine.rules or mine.patterns or mine.lifts else FOREIGN
        return self._known[number]

    def _by_sound(self, text: Folded) -> Iterator[Found]:
        heard, index = Heard(text.plain), self._index
        for last, number in index.sounds.iter(heard.signs):
            for place, word in index.heard[number]:
                if place not in self._held or heard.reads(word, last + 1 - len(word)):
                    continue
                spans = [heard.stretch(at) for at in range(last + 1 - len(word), last + 1)]
                pieces = [text.plain[start:end] for start, end in spans]
                if sounds_meant(word, pieces):
                    yield Found(index.rules[place], spans[0][0], spans[-1][1], True)


@lru_cache(maxsize=1_024)
def _exemption(index: Index, place: int) -> Exemption:
    """One for all lexicons, with its words as they were made."""
    return Exemption(index.rules[place])


def lexicon_for(rules: Iterable[Rule]) -> Lexicon:
    """Of rules that are not in the rulebook."""
    index = Index(list(rules))
    return Lexicon(index, range(len(index.rules)))


@cache
def _shipped() -> Index:
    return Index(rulebook())


def _standing(found: Iterable[Found], lifted: dict[str, list[tuple[int, int]]]) -> Iterator[Found]:
    """Those that do not lie inside an exception of their rule. The exceptions come sorted by
    their end, so the ones that reach over a place are looked up, not searched for."""
    reach = {rule_id: _Cover(spans) for rule_id, spans in lifted.items()}
    for one in found:
        cover = reach.get(one.rule.id)
        if cover is None or not cover.holds(one.start, one.end):
            yield one


class _Cover:
    """Spans by start, each with the furthest end of all up to it."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest: list[int] = []
        for _, end in ordered:
            self._furthest.append(max(end, self._furthest[-1] if self._furthest else 0))

    def holds(self, start: int, end: int) -> bool:
        place = bisect_right(self._starts, start)
        return place > 0 and self._furthest[place - 1] >= end


@cache
def _turns() -> tuple[date, ...]:
    """The days on which the law of copy changed."""
    copy = [rule for rule in rulebook() if rule.check == "copy"]
    ends = {rule.effective_to + timedelta(days=1) for rule in copy if rule.effective_to}
    return tuple(sorted({rule.effective_from for rule in copy} | ends))


@cache
def first_day() -> date:
    return _turns()[0]


@lru_cache(maxsize=4_096)
def lexicon_of(*, industry: str, on: date, touchpoint: str | None) -> Lexicon:
    """Raises BadInput for an unknown industry and for a day before every pack."""
    industry_named(industry)
    turns = _turns()
    if on < turns[0]:
        raise BadInput("on", f"the rules known begin on {turns[0]}; earlier law is not on record")
    law = turns[bisect_right(turns, on) - 1]
    return _built(law, industry=industry, kind=_kind_of(touchpoint))


@cache
def _kinds() -> frozenset[str]:
    return frozenset(one for rule in rulebook() for one in rule.touchpoints)


def _kind_of(touchpoint: str | None) -> str | None:
    """``taobao.live`` is live: rules name the last part of a touchpoint. None: not said, so that
    the rules of every kind of touchpoint are taken; "": another kind."""
    if touchpoint is None:
        return None
    kind = touchpoint.rpartition(".")[2]
    return kind if kind in _kinds() else ""


@lru_cache(maxsize=1_024)
def _built(on: date, *, industry: str, kind: str | None) -> Lexicon:
    held = in_force(on)
    return _of_rules(
        tuple(
            place
            for place, rule in enumerate(rulebook())
            if rule.check == "copy"
            and held.get(rule.id) is rule
            and concerns(rule.industries, industry)
            and not set(rule.except_industries).intersection(lineage(industry))
            and (not rule.touchpoints or kind in (None, *rule.touchpoints))
        )
    )


@lru_cache(maxsize=LEXICONS_MAX)
def _of_rules(places: tuple[int, ...]) -> Lexicon:
    """Travel, toys and most others have the same rules, and so one lexicon."""
    return Lexicon(_shipped(), places)
