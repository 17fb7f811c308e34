"""The rules of a day and an industry as automata, built once and kept."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import ahocorasick

from quanyu.compliance.copy.folding import Folded, lookalikes
from quanyu.compliance.copy.phrases import (
    LISTED_MAX,
    Pattern,
    as_pattern,
    combinations,
    expanded,
    pattern_of,
)
from quanyu.compliance.copy.sounds import Heard, heard_word, signs
from quanyu.compliance.industries import concerns, industry_named, lineage
from quanyu.compliance.rulebook import Rule, in_force, rulebook
from quanyu.compliance.verdict import Severity
from quanyu.errors import BadInput

HEARD_MIN = 4
"""Words of so many characters are sought by sound without being named in lookalikes.toml."""


DISGUISED_MAX = 6
"""Longer words are sought as written only: what they are made of is mostly a word itself."""
MUST = "must."
"""Rules of this name ask for words that have to stand in the text."""


NEVER = "never."
"""Rules of this name keep exemptions from some statements."""
LEXICONS_MAX = 32
"""Kept at a time; each takes some 10 MB and half a second to make."""


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
        self._for = _any_of(rule.words)
        self._against = _any_of(rule.exceptions)

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

    def __init__(self, rules: Iterable[Rule]) -> None:
        given = list(rules)
        self.musts = [Exemption(rule) for rule in given if rule.id.startswith(MUST)]
        self.rules = {
            rule.id: rule
            for rule in given
            if rule.severity is not Severity.PASS and not rule.id.startswith(MUST)
        }
        self.exemptions = {
            rule.id: Exemption(rule) for rule in given if rule.severity is Severity.PASS
        }
        self.nevers = [one for rule_id, one in self.exemptions.items() if rule_id.startswith(NEVER)]
        self._written: dict[str, set[tuple[str, bool]]] = {}
        self._heard: dict[str, set[tuple[str, str]]] = {}
        self._patterns: dict[str, list[tuple[Rule, Pattern]]] = {}
        self._lifted: dict[str, set[str]] = {}
        for rule in self.rules.values():
            self._take(rule)
        self._automaton = _automaton(self._entries())
        self._sounds = _automaton({sign: tuple(words) for sign, words in self._heard.items()})
        for collected in (self._written, self._heard, self._patterns, self._lifted):
            collected.clear()

    def _take(self, rule: Rule) -> None:
        many = [said for said in rule.words if combinations(said) > LISTED_MAX]
        for word in (one for said in rule.words if said not in many for one in expanded(said)):
            self._take_word(rule.id, word)
        for pattern in (*map(pattern_of, rule.patterns), *map(as_pattern, many)):
            for anchor in pattern.anchors:
                self._patterns.setdefault(anchor, []).append((rule, pattern))
        for word in (plain for said in rule.exceptions for plain in expanded(said)):
            self._lifted.setdefault(word, set()).add(rule.id)

    def _take_word(self, rule_id: str, word: str) -> None:
        self._written.setdefault(word, set()).add((rule_id, False))
        if len(word) <= DISGUISED_MAX:
            for other in disguises(word):
                self._written.setdefault(other, set()).add((rule_id, True))
            if is_heard(word):
                self._heard.setdefault(heard_word(word), set()).add((rule_id, word))

    def _entries(self) -> dict[str, Any]:
        """Word → what it means: rules, patterns that begin to look here, rules that it lifts."""
        words = self._written.keys() | self._patterns.keys() | self._lifted.keys()
        return {
            word: (
                len(word),
                tuple((self.rules[rule], disguised)
                      for rule, disguised in sorted(self._written.get(word, ()))),
                tuple(self._patterns.get(word, ())),
                tuple(sorted(self._lifted.get(word, ()))),
            )
            for word in words
        }  # fmt: skip

    def find(self, text: Folded) -> list[Found]:
        """Every place at which a rule may be broken, exceptions of the packs left out."""
        found: list[Found] = []
        lifted: dict[str, list[tuple[int, int]]] = {}
        for last, (size, rules, patterns, lifts) in self._automaton.iter(text.plain):
            start, end = last + 1 - size, last + 1
            found.extend(Found(rule, start, end, disguised) for rule, disguised in rules)
            for rule, pattern in patterns:
                spans = pattern.spans(text.plain, (start, end))
                found.extend(Found(rule, *span) for span in spans)
            for rule_id in lifts:
                lifted.setdefault(rule_id, []).append((start, end))
        found.extend(self._by_sound(text))
        return list(_standing(found, lifted)) if lifted else found

    def _by_sound(self, text: Folded) -> Iterator[Found]:
        heard = Heard(text.plain)
        for last, words in self._sounds.iter(heard.signs):
            for rule_id, word in words:
                first = last + 1 - len(word)
                spans = [heard.stretch(place) for place in range(first, last + 1)]
                pieces = [text.plain[start:end] for start, end in spans]
                if sounds_meant(word, pieces):
                    yield Found(self.rules[rule_id], spans[0][0], spans[-1][1], True)


def _automaton(entries: dict[str, Any]) -> Any:
    made = ahocorasick.Automaton()
    for word, entry in entries.items():
        made.add_word(word, entry)
    if not entries:
        made.add_word("\uffff", ())
    made.make_automaton()
    return made


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


def is_heard(word: str) -> bool:
    return len(word) > 1 and word.isalnum() and not word.isascii()


@cache
def _short() -> frozenset[str]:
    return frozenset(plain for word in lookalikes().heard for plain in expanded(word))


def disguises(word: str) -> Iterator[str]:
    """A character as its parts; of longer words a character as the initial of its sound."""
    for place, one in enumerate(word):
        for parts in lookalikes().splits.get(one, ()):
            yield word[:place] + parts + word[place + 1 :]
        if len(word) >= 3 and not one.isascii() and (initial := _initial(one)):
            yield word[:place] + initial + word[place + 1 :]


@cache
def _initial(one: str) -> str:
    spelt = {sign: syllable for syllable, sign in signs().syllables.items()}
    return spelt.get(one.translate(signs()), "")[:1]


def sounds_meant(word: str, pieces: list[str]) -> bool:
    """Is this, which sounds like the word, meant to be it? As written it is found elsewhere."""
    other = [(said, piece) for said, piece in zip(word, pieces, strict=True) if said != piece]
    latin = sum(len(piece) for _, piece in other if piece.isascii() and piece.isalpha())
    spoken = [(said, piece) for said, piece in other if not (piece.isascii() and piece.isalpha())]
    if not other or len(spoken) > 1:
        return False
    if len(other) == len(word):
        return not spoken and latin >= 5
    return all(
        len(word) >= HEARD_MIN or (word in _short() and piece in _sounding(said))
        for said, piece in spoken
    )


@cache
def _sounding(one: str) -> frozenset[str]:
    known = {plain: others for key, others in lookalikes().homophones.items()
             for plain in expanded(key)}  # fmt: skip
    return frozenset(known.get(one, ""))


@cache
def _turns() -> tuple[date, ...]:
    """The days on which the law of copy changed."""
    copy = [rule for rule in rulebook() if rule.check == "copy"]
    ends = {rule.effective_to + timedelta(days=1) for rule in copy if rule.effective_to}
    return tuple(sorted({rule.effective_from for rule in copy} | ends))


@cache
def first_day() -> date:
    return _turns()[0]


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
    return Lexicon(rulebook()[place] for place in places)
