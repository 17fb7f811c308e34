"""A campaign as an advertiser writes it: the public JSON, decoded strictly. Amounts are fen."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from quanyu.clock import to_us
from quanyu.decisions.asking import Point
from quanyu.merchants.listings.item import Id, Url
from quanyu.money import FEN_MAX
from quanyu.promotions.pricing.offers import Window

Fen = Annotated[int, Meta(ge=1, le=FEN_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Word = Annotated[str, Meta(min_length=1, max_length=32)]
KEYWORDS_MAX = 10_000
RADIUS_M_MAX = 100_000
_INSERTED = re.compile(r"\{keyword:([^{}]{1,40})\}")


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Cpc(_Form, frozen=True):
    """The advertiser names what a click is worth."""

    bid_fen: Fen


class TargetCpa(_Form, frozen=True):
    """What a conversion may cost on average."""

    target_fen: Fen


class TargetRoas(_Form, frozen=True):
    """Value of conversions per cost, in percent: 300 is three yuan for one."""

    target_percent: Annotated[int, Meta(ge=1, le=100_000)]


class MaxConversions(_Form, frozen=True):
    """As many as the budget buys."""


Goal = Cpc | TargetCpa | TargetRoas | MaxConversions


class Bid(_Form, frozen=True):
    """``{"cpc": {…}}``: exactly one name."""

    cpc: Cpc | None = None
    tcpa: TargetCpa | None = None
    troas: TargetRoas | None = None
    max_conversions: MaxConversions | None = None

    @property
    def given(self) -> tuple[Goal, ...]:
        goals = (self.cpc, self.tcpa, self.troas, self.max_conversions)
        return tuple(one for one in goals if one is not None)

    @property
    def goal(self) -> Goal:
        (found,) = self.given
        return found


class Budget(_Form, frozen=True):
    day_fen: Fen
    total_fen: Fen


class Landing(_Form, frozen=True):
    """``{"item": id}``: exactly one."""

    item: Id | None = None
    store: Id | None = None
    content: Name | None = None

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """(Kind, id) of those that are said."""
        named = (("item", self.item), ("store", self.store), ("content", self.content))
        return tuple((kind, id) for kind, id in named if id is not None)


class Creative(_Form, frozen=True):
    id: Id
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    """``{keyword:面霜}`` stands for the keyword that matched, 面霜 where none did."""
    text: Annotated[str, Meta(max_length=300)]
    landing: Landing
    image: Url | None = None
    price_fen: Fen | None = None
    """As the ad says it; the landing page must say the same."""

    @property
    def shows_keyword(self) -> bool:
        return any(_INSERTED.search(one) for one in (self.title, self.text))

    def told(self, keyword: str | None = None) -> tuple[str, str]:
        """(Title, text) as people read them, with the keyword that matched."""
        return _filled(self.title, keyword), _filled(self.text, keyword)

    @property
    def braces(self) -> Iterator[str]:
        """Fields with a brace that is no ``{keyword:…}``."""
        for field in ("title", "text"):
            if set("{}") & set(_INSERTED.sub("", getattr(self, field))):
                yield field


def _filled(text: str, keyword: str | None) -> str:
    return _INSERTED.sub(lambda found: keyword or found[1], text)


class Keyword(_Form, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=40)]
    match: Literal["exact", "phrase", "broad", "negative"]


class Near(_Form, frozen=True):
    """People within ``radius_m`` of one of these."""

    radius_m: Annotated[int, Meta(ge=1, le=RADIUS_M_MAX)]
    stores: Annotated[tuple[Id, ...], Meta(max_length=500)] = ()
    points: Annotated[tuple[Point, ...], Meta(max_length=500)] = ()


class Campaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    id: Id
    advertiser: Name
    """A shop, whose purse pays."""
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    """For the merchant's own people; no customer reads it."""
    bid: Bid
    budget: Budget
    schedule: Window
    """``hours`` and ``weekdays`` (1 is Monday) as in an offer; ``from`` and ``to`` must be said."""
    creatives: Annotated[tuple[Creative, ...], Meta(max_length=50)]
    audience: Name | None = None
    """Of a saved audience; None: everybody."""
    touchpoints: Annotated[tuple[Name, ...], Meta(max_length=200)] = ()
    """Ids or apps; none: all that take ads."""
    keywords: Annotated[tuple[Keyword, ...], Meta(max_length=KEYWORDS_MAX)] = ()
    near: Near | None = None
    scenes: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    """Words for the programme, passage or video around it."""
    categories: Annotated[tuple[Name, ...], Meta(max_length=50)] = ()

    @property
    def positive(self) -> tuple[Keyword, ...]:
        return tuple(one for one in self.keywords if one.match != "negative")

    @property
    def negative(self) -> tuple[Keyword, ...]:
        return tuple(one for one in self.keywords if one.match == "negative")

    @property
    def span_us(self) -> tuple[int, int]:
        """From, and up to but not with, in microseconds."""
        since, to = self.schedule.since, self.schedule.to
        assert since is not None, "who reads a campaign asks for it"
        assert to is not None, "who reads a campaign asks for it"
        return to_us(since), to_us(to)

    @property
    def items(self) -> tuple[str, ...]:
        """That its creatives lead to, each once."""
        named = (one.landing.item for one in self.creatives)
        return tuple(dict.fromkeys(id for id in named if id is not None))
