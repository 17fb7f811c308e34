"""The words that a definition may use: kinds of events, tags and their types, operators."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import takewhile
from typing import Any

from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.definitions import TagType
from quanyu.events.facts import FACT_TYPES

NUMBER_OPS = frozenset(("eq", "ne", "gt", "ge", "lt", "le", "between", "in", "not_in"))
OPS_OF_TYPE: Mapping[TagType, frozenset[str]] = {
    "text": frozenset(("eq", "ne", "in", "not_in", "contains", "exists")),
    "number": NUMBER_OPS | {"exists"},
    "texts": frozenset(("contains", "exists")),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    tags: Mapping[str, TagType] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset(FACT_TYPES)

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Vocabulary":
        return cls({key: tag.type for key, tag in catalogue.tags.items()})

    def ops_of_tag(self, key: str) -> frozenset[str]:
        return OPS_OF_TYPE[self.tags[key]]


def nearest(word: Any, known: Collection[str]) -> str:
    """``"; did you mean payment_completed"``, or nothing when no known word is near.

    A shared beginning counts most: people shorten words more often than they swap letters.
    """
    close = get_close_matches(word, known, 5, 0.35) if isinstance(word, str) else []
    best = max(close, key=lambda name: _shared_start(word, name), default=None)
    return f"; did you mean {best}" if best else ""


def _shared_start(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
