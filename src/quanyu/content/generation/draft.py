"""A text in parts, as a writer hands it over; the gate has not seen it yet."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from quanyu.content.generation.brief import GeneratedKind
from quanyu.content.library.shares import Shares, shares_of
from quanyu.content.piece import Segment

Purpose = Literal["value", "marketing"]
SELLING = frozenset({"price", "call"})
"""Roles that sell; every other one informs, shows or asks."""
ROLES: dict[GeneratedKind, frozenset[str]] = {
    "show-script": frozenset({
        "opening", "bridge", "pain", "demo", "facts", "points", "tip", "question", "answer",
        "recap", "price", "call", "closing",
    }),
    "video-script": frozenset({
        "hook", "reveal", "demo", "facts", "points", "tip", "price", "call",
    }),
    "creative": frozenset({"subtitle", "points", "price", "call"}),
    "article": frozenset({
        "intro", "heading", "tip", "facts", "points", "demo", "ending", "price", "call",
    }),
}  # fmt: skip


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    role: str
    text: str
    seconds: int | None = None
    items: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    picture: str = ""
    """What is seen meanwhile, in a video."""
    subtitle: str = ""

    @property
    def purpose(self) -> Purpose:
        return "marketing" if self.role in SELLING else "value"

    @property
    def segment(self) -> Segment:
        return Segment(self.text, self.purpose, self.seconds, self.items, self.stores)

    def fields(self, place: int) -> list[tuple[str, str]]:
        """(field, text) of all that a person reads or hears."""
        texts = {"text": self.text, "picture": self.picture, "subtitle": self.subtitle}
        return [(f"parts[{place}].{name}", text) for name, text in texts.items() if text]


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: GeneratedKind
    title: str
    parts: tuple[Part, ...]

    def fields(self) -> list[tuple[str, str]]:
        found = [("title", self.title)]
        for place, one in enumerate(self.parts):
            found += one.fields(place)
        return found

    def whole(self) -> str:
        """All of it as one text, a field a line."""
        return "\n".join(text for _, text in self.fields())

    @property
    def seconds(self) -> int | None:
        given = [one.seconds for one in self.parts if one.seconds is not None]
        return sum(given) if given else None


def shares_of_parts(parts: Iterable[Part]) -> Shares:
    """As the library counts them."""
    return shares_of([one.segment for one in parts])
