"""Lines with choices and slots: ``(先看|来看){item}``; a seed and the slots make a sentence of it.

Data, ``phrases/*.toml``: lines by rule, for all items of an industry or for topics, whose words
stand in the title of an item.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from random import Random

import msgspec

from quanyu.compliance.industries import lineage

Slots = Mapping[str, str]
_TOKENS = re.compile(r"\{(?P<slot>[a-z_]+)\}|\((?P<choice>[^()]*)\)|(?P<text>[^{}()]+)")


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """A parsed line: literal texts, slots and choices between literal texts in turn. Equal to
    itself only, which makes a set of said lines cheap."""

    tokens: tuple[str | tuple[str, ...] | None, ...]
    slots: tuple[str, ...]
    """Those of the tokens that are None, in order."""

    def fits(self, slots: Slots) -> bool:
        return all(name in slots for name in self.slots)

    def said(self, slots: Slots, chance: Random) -> str:
        names = iter(self.slots)
        texts = []
        for token in self.tokens:
            if token is None:
                texts.append(slots[next(names)])
            else:
                texts.append(token if isinstance(token, str) else chance.choice(token))
        return "".join(texts)


def parsed(text: str) -> Line:
    """Raises ValueError for a bracket without its fellow."""
    tokens: list[str | tuple[str, ...] | None] = []
    slots, place = [], 0
    for found in _TOKENS.finditer(text):
        if found.start() != place:
            raise ValueError(f"{text!r} breaks at {place}")
        place = found.end()
        if found["slot"]:
            slots.append(found["slot"])
        tokens.append(None if found["slot"] else _literal(found))
    if place != len(text):
        raise ValueError(f"{text!r} breaks at {place}")
    return Line(tuple(tokens), tuple(slots))


def _literal(found: re.Match[str]) -> str | tuple[str, ...]:
    return found["text"] or tuple(found["choice"].split("|"))


Lines = dict[str, tuple[str, ...]]


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: tuple[str, ...]
    lines: Lines


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    industry: str
    lines: Lines
    topic: tuple[Topic, ...] = ()
    tone: dict[str, Lines] = {}
    durable: Lines = {}
    """Lines of the general pack for what is kept and used."""
    eaten: bool = False
    """What is eaten or served is not spoken of as a thing that one keeps."""

    def groups(self) -> tuple[Lines, ...]:
        """All lines, whenever they may be drawn."""
        topics = (one.lines for one in self.topic)
        return (self.lines, self.durable, *topics, *self.tone.values())


@cache
def packs() -> Mapping[str, Pack]:
    folder = resources.files(__package__).joinpath("phrases")
    files = [one for one in folder.iterdir() if one.name.endswith(".toml")]
    found = [msgspec.toml.decode(one.read_bytes(), type=Pack) for one in files]
    return {one.industry: one for one in found}


def tiers(rule: str, *, industry: str, title: str, tone: str) -> Sequence[tuple[Line, ...]]:
    """The lines of a rule from the most special to the general: topic, industry, all."""
    return _tiers(rule, industry, topics=_topics(industry, title), tone=tone)


@cache
def _tiers(
    rule: str, industry: str, *, topics: tuple[int, ...], tone: str
) -> tuple[tuple[Line, ...], ...]:
    own, common = nearest(industry), packs()["general"]
    special = [line for place in topics for line in own.topic[place].lines.get(rule, ())]
    found = [special, own.lines.get(rule, ()), own.tone.get(tone, {}).get(rule, ())]
    if own is not common:
        found.append((*common.lines.get(rule, ()), *common.tone.get(tone, {}).get(rule, ())))
    if not own.eaten:
        found.append(common.durable.get(rule, ()))
    return tuple(tuple(parsed(line) for line in tier) for tier in found if tier)


def nearest(industry: str) -> Pack:
    """The pack of the industry, or of the closest one above it. That of a restaurant does not
    speak of wrappers, though catering is food: between it and the general one nothing is read."""
    known = packs()
    return next((known[name] for name in lineage(industry) if name in known), known["general"])


@cache
def _topics(industry: str, title: str) -> tuple[int, ...]:
    topics = enumerate(nearest(industry).topic)
    return tuple(place for place, one in topics if any(word in title for word in one.words))
