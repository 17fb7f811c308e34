"""How packs say what they look for: words with alternatives, and phrases with gaps.

A word: ``最{佳|好|优}`` stands for three words, ``{|全}国`` for two.
A pattern: parts with spaces between. ``治疗|治愈`` one of these; ``~6`` up to six characters;
``#`` a number; ``@disease`` the words of
that name in ``groups.toml``; a part that ends in ``?`` may be missing. So ``# 天|日 ~2 见效|美白``.
Every part is bounded, hence so is the work at a place, and a text takes time linear in its length.
"""

import re
from collections.abc import Iterator
from functools import cache, cached_property
from importlib import resources
from itertools import product
from math import prod

import msgspec

from quanyu.compliance.copy.folding import folded
from quanyu.errors import BadInput

LISTED_MAX = 150
"""Words of more combinations are sought as a pattern."""
NUMBER = "[0-9十百千万亿半几数两%]{1,8}"
NUMBER_MAX = 8
RARER = 0.05
NOT = "不没未"
"""A gap that ends so turns what follows into its opposite: 余额不清零."""
_BRACES = re.compile(r"\{([^{}]*)\}")


def combinations(word: str) -> int:
    return prod(piece.count("|") + 1 for piece in _BRACES.findall(word))


def as_pattern(word: str) -> "Pattern":
    """The same words, when they are too many to list."""
    parts = []
    for place, piece in enumerate(_BRACES.split(word)):
        choices = tuple(dict.fromkeys(map(folded, piece.split("|") if place % 2 else [piece])))
        if words := tuple(filter(None, choices)):
            parts.append(Part(words=words, optional="" in choices))
    return Pattern(tuple(parts), said=word)


def pattern_of(said: str) -> "Pattern":
    return Pattern(tuple(_part(one, said) for one in said.split()), said=said)


def expanded(word: str) -> Iterator[str]:
    """Every word that it stands for, folded."""
    pieces = _BRACES.split(word)
    choices = [piece.split("|") if place % 2 else [piece] for place, piece in enumerate(pieces)]
    for chosen in product(*choices):
        if plain := folded("".join(chosen)):
            yield plain


class Part(msgspec.Struct, frozen=True):
    """One of these words or a number, or (neither) up to ``gap`` of any characters."""

    words: tuple[str, ...] = ()
    gap: int = 0
    number: bool = False
    optional: bool = False

    @property
    def is_anchor(self) -> bool:
        return bool(self.words) and not (self.optional or self.number)

    @property
    def frequency(self) -> float:
        """Roughly how often one of its words is met: each further character makes it rarer."""
        return sum(RARER ** (len(word) - 1) for word in self.words)

    @property
    def longest(self) -> int:
        return max(NUMBER_MAX * self.number, max(map(len, self.words), default=self.gap))

    @property
    def regex(self) -> str:
        if not (self.words or self.number):
            return f"(?:|.{{0,{self.gap - 1}}}?[^{NOT}])"
        ordered = [re.escape(word) for word in sorted(self.words, key=len, reverse=True)]
        return (
            f"(?:{'|'.join([*ordered, NUMBER] if self.number else ordered)}){'?' * self.optional}"
        )


class Pattern:
    """Is looked for around its anchor: the part of words that texts seldom hold."""

    def __init__(self, parts: tuple[Part, ...], *, said: str) -> None:
        self.parts = parts
        places = [n for n, part in enumerate(self.parts) if part.is_anchor]
        if not places:
            raise BadInput("patterns", f"{said[:80]!r} needs a part of words")
        at = min(places, key=lambda n: self.parts[n].frequency)
        self.anchors = self.parts[at].words
        self._before = sum(part.longest for part in self.parts[:at])
        self._behind = sum(part.longest for part in self.parts[at + 1 :])

    @cached_property
    def _regex(self) -> "re.Pattern[str]":
        return re.compile("".join(part.regex for part in self.parts), re.DOTALL)

    def span(self, plain: str, anchor: tuple[int, int]) -> tuple[int, int] | None:
        """Where it stands with that occurrence of its anchor; the first one, which is longest."""
        first, last = anchor
        start, furthest = max(0, first - self._before), last + self._behind
        seek = self._regex.search if self._before else self._regex.match
        while found := seek(plain, start, furthest):
            if found.start() > first:
                return None
            if found.end() >= last:
                return found.span()
            start = found.start() + 1
            if start > first:
                return None
        return None


class Groups(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``groups.toml``."""

    groups: dict[str, str]


@cache
def groups() -> dict[str, str]:
    file = resources.files(__package__).joinpath("groups.toml")
    return msgspec.toml.decode(file.read_bytes(), type=Groups).groups


def _chosen(body: str, pattern: str) -> Iterator[str]:
    for word in body.split("|"):
        if not word.startswith("@"):
            yield word
        elif word[1:] in groups():
            yield from groups()[word[1:]].split("|")
        else:
            raise BadInput("patterns", f"no group {word[:40]!r}, in {pattern[:80]!r}")


def _part(said: str, pattern: str) -> Part:
    optional = said.endswith("?")
    body = said[:-1] if optional else said
    if body.startswith("~"):
        if not (body[1:].isdigit() and 0 < int(body[1:]) <= 20):
            raise BadInput("patterns", f"a gap is ~1 to ~20, in {pattern[:80]!r}")
        return Part(gap=int(body[1:]))
    choices = list(_chosen(body, pattern))
    words = tuple(dict.fromkeys(folded(word) for word in choices if word != "#"))
    if not all(words):
        raise BadInput("patterns", f"an empty word in {pattern[:80]!r}")
    return Part(words=words, number="#" in choices, optional=optional)
