"""What a touchpoint asks: who is looking, and at what. Pure."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
QUERY_MAX = 200


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """WGS-84 degrees. Used for this answer only: what is kept is a coarse cell."""

    lat: Latitude
    lng: Longitude


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The page around the slots that are asked for: ad load counts over all of it."""

    modules: Annotated[int, Meta(ge=1, le=1000)]
    """All modules of the page, these slots among them."""
    ads: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Those elsewhere on it that are ads."""
    since_ad: Annotated[int, Meta(ge=0, le=1000)] | None = None
    """Modules between the last ad above and the first slot; None: no ad above."""


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    query: Annotated[str, Meta(max_length=QUERY_MAX)] = ""
    location: Point | None = None
    content: Name | None = None
    """The piece, programme or passage that is on screen."""
    scene: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    """Words for what is on screen where the piece is not in the library."""
    item: Name | None = None
    """The item whose page is open."""
    basket: Annotated[tuple[Name, ...], Meta(max_length=100)] = ()
    order: Name | None = None
    """The order that was just paid."""
    route: Annotated[tuple[Point, ...], Meta(max_length=1000)] = ()
    """From here to where the person is going."""
    device: Annotated[str, Meta(max_length=32)] = "phone"
    at: str | None = None
    """ISO 8601 with offset; now unless given."""
    page: Page | None = None
    wanted: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    """Ids that the asker wants to hear about: the explanation says why each is there or not."""


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    touchpoint: Name
    identifiers: Annotated[Mapping[Name, Name], Meta(max_length=16)] = {}
    """Kind → value; none asks for nobody."""
    context: Context = Context()
    slots: Annotated[int, Meta(ge=1, le=50)] | None = None
    """Fewer than the touchpoint has; None: all."""
