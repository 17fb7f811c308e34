"""A touchpoint as data: its slots, what may stand in them, and what is owed to who looks."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Kind = Literal["ad", "item", "offer", "content", "store"]
Place = Literal[
    "search", "feed", "detail", "live", "map", "route", "wallet", "paid", "points", "member",
    "video", "pause", "passage", "work",
]  # fmt: skip
Signal = Literal[
    "query", "location", "content", "item", "basket", "order", "route", "device", "history"
]
Billing = Literal["impression", "click", "arrival"]
CapOn = Literal["creative", "campaign", "advertiser", "category", "all"]
Word = Annotated[str, Meta(min_length=1, max_length=32)]
Hour = Annotated[int, Meta(ge=0, le=24)]


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """At most so many ads of one ``on`` to one person within the window, over all touchpoints
    when it stands with the ecosystem, at this one when it stands with a touchpoint."""

    on: CapOn
    most: Annotated[int, Meta(ge=1, le=1000)]
    hours: Annotated[int, Meta(ge=1, le=24 * 31)]


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people mostly do here at these hours; its words are matched with those of items."""

    words: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=50)]
    hours: tuple[Hour, Hour] = (0, 24)
    """From, to (exclusive); 22, 2 goes over midnight."""
    weekdays: Annotated[tuple[Annotated[int, Meta(ge=0, le=6)], ...], Meta(max_length=7)] = ()
    """0 is Monday; none: every day."""


class Touchpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,32}\.[a-z0-9_]{1,32}\Z")]
    """``app.place``."""
    label: Annotated[str, Meta(min_length=1, max_length=64)]
    """As people call it."""
    place: Place
    slots: Annotated[int, Meta(ge=1, le=50)]
    kinds: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    """Without ``ad`` nothing here is for sale."""
    ad_permille_max: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Of the modules of the whole page."""
    ad_gap: Annotated[int, Meta(ge=0, le=50)] = 1
    """Modules between two ads, at least."""
    signals: tuple[Signal, ...] = ()
    """What it may know of the moment; others are not used."""
    billing: Billing = "click"
    reserve_fen: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    """Of a click, whatever is billed."""
    ad_label: Annotated[str, Meta(min_length=1, max_length=16)] = "广告"
    caps: tuple[Cap, ...] = ()
    scenes: tuple[Scene, ...] = ()
    members_see_no_ads: bool = False
    """Paying members of ``membership``."""
    membership: str | None = None
    """The condition of eligibility that says so: ``member:youku``."""
    radius_m: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    detour_m: Annotated[int, Meta(ge=0, le=20_000)] | None = None
    """Of a route: how much longer the way may become."""
