"""What is known of a page. Counts are counts, ratings tenths of a star, shares of parts seconds."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from quanyu.compliance.industries import industry_named
from quanyu.content.piece import SEGMENTS_MAX, Segment
from quanyu.errors import BadInput

Count = Annotated[int, Meta(ge=0, le=10**9)]
Text = Annotated[str, Meta(max_length=20_000)]
Line = Annotated[str, Meta(max_length=200)]
Lines = Annotated[tuple[Line, ...], Meta(max_length=200)]
PageKind = Literal["item", "script", "poi"]


class Reviews(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    count: Count = 0
    rating_tenths: Annotated[int, Meta(ge=0, le=50)] | None = None
    """47 is 4.7 stars."""
    unanswered_bad: Count = 0


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    industry: str
    on: date
    """The day whose law judges it."""

    def texts(self) -> list[tuple[str, str]]:
        """(field, text) of all that a reader sees."""
        return []

    def checked(self) -> None:
        """Raises BadInput for what no type can refuse."""
        industry_named(self.industry)


class ItemPage(Page, frozen=True, forbid_unknown_fields=True, kw_only=True):
    title: Line
    description: Text = ""
    facts: Annotated[Mapping[Line, Line], Meta(max_length=100)] = {}
    selling_points: Lines = ()
    how_to: Lines = ()
    photos: Count = 0
    videos: Count = 0
    price_fen: Annotated[int, Meta(ge=1)] | None = None
    reference_fen: Annotated[int, Meta(ge=1)] | None = None
    reference_basis: Line | None = None
    offers: Lines = ()
    reviews: Reviews = Reviews()

    def texts(self) -> list[tuple[str, str]]:
        found = [("title", self.title), ("description", self.description)]
        found += [(f"facts.{key}", f"{key}：{value}") for key, value in self.facts.items()]
        for field in ("selling_points", "how_to", "offers"):
            found += [(f"{field}[{n}]", text) for n, text in enumerate(getattr(self, field))]
        return [(field, text) for field, text in found if text]


class ScriptPage(Page, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of a live show: the segments of its piece."""

    title: Line = ""
    segments: Annotated[tuple[Segment, ...], Meta(min_length=1, max_length=SEGMENTS_MAX)]
    items: Count = 1
    """How many items it presents."""

    def texts(self) -> list[tuple[str, str]]:
        return [(f"segments[{n}]", one.text) for n, one in enumerate(self.segments) if one.text]


class PoiPage(Page, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Line
    address: Line = ""
    hours: Line = ""
    phone: bool = False
    """Is one shown? The number itself is not needed here."""
    category: Line = ""
    pinned: bool = False
    """Does the map show it where it is?"""
    description: Text = ""
    photos: Count = 0
    storefront_photo: bool = False
    menu: Lines = ()
    offers: Lines = ()
    parking: Line = ""
    transit: Line = ""
    updated_on: date | None = None
    reviews: Reviews = Reviews()

    def texts(self) -> list[tuple[str, str]]:
        found = [("name", self.name), ("description", self.description)]
        for field in ("menu", "offers"):
            found += [(f"{field}[{n}]", text) for n, text in enumerate(getattr(self, field))]
        return [(field, text) for field, text in found if text]

    def checked(self) -> None:
        super().checked()
        if self.updated_on is not None and self.updated_on > self.on:
            raise BadInput("page.updated_on", "it lies behind the day of the check")


FORMS: dict[PageKind, type[Page]] = {"item": ItemPage, "script": ScriptPage, "poi": PoiPage}
