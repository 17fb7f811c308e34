"""A piece of content: what it says, segment by segment, and where it leads."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Kind = Literal["video", "article", "passage", "slot", "creative", "show"]
"""Short video, article or review, passage of a novel, slot in a series, creative, live show."""
Word = Annotated[str, Meta(min_length=1, max_length=128)]
SEGMENTS_MAX = 2_000
TEXT_MAX = 20_000


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is said in one go. Its share counts in seconds where it has any, else in characters."""

    text: Annotated[str, Meta(max_length=TEXT_MAX)]
    purpose: Literal["value", "marketing"]
    """Does it inform or entertain, or does it sell?"""
    seconds: Annotated[int, Meta(ge=1, le=86_400)] | None = None
    items: tuple[Word, ...] = ()
    stores: tuple[Word, ...] = ()
    """Where a link in it leads: a link that sells makes the piece an ad."""


class Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}\Z")]
    kind: Kind
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    industry: str
    segments: Annotated[tuple[Segment, ...], Meta(min_length=1, max_length=SEGMENTS_MAX)]
    author: Annotated[str, Meta(max_length=64)] = ""
    scene: tuple[Word, ...] = ()
    """What it is about or plays in, for matching: 做饭, 通勤, 宫斗 …"""
    marked_as_ad: bool = False
    generated: Mapping[str, Any] | None = None
    """The AIGC record of GB 45438, where a machine wrote or drew it."""
    arm_of: str | None = None
    """The piece that this one is tried against."""

    @property
    def sells(self) -> bool:
        """Does a link in it lead to something that can be bought?"""
        return any(one.items or one.stores for one in self.segments)
