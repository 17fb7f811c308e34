"""What the writer is told. Nothing about an item is ever said that does not stand here."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from quanyu.compliance.copy import Claim
from quanyu.compliance.industries import industry_named
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX

GeneratedKind = Literal["show-script", "video-script", "creative", "article"]
Tone = Literal["plain", "warm", "lively"]
Title = Annotated[str, Meta(min_length=1, max_length=60)]
Phrase = Annotated[str, Meta(min_length=1, max_length=80)]
Name = Annotated[str, Meta(min_length=1, max_length=20)]
Fen = Annotated[int, Meta(ge=1, le=FEN_MAX)]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}\Z")]
ENDS = "。！？；，、!?;,. \t"


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is spoken of. Texts are phrases without a full stop, as they fit into a sentence."""

    id: Id
    title: Title
    price_fen: Fen | None = None
    reference_fen: Fen | None = None
    """The price it is compared with; said only together with ``reference_basis``."""
    reference_basis: Name | None = None
    """What that price is: 厂商建议零售价, 近七日最低成交价 …"""
    facts: Annotated[Mapping[Name, Phrase], Meta(max_length=20)] = {}
    selling_points: Annotated[tuple[Phrase, ...], Meta(max_length=12)] = ()
    how_to: Annotated[tuple[Phrase, ...], Meta(max_length=8)] = ()
    """Steps, each as an order: 取一泵点涂全脸."""
    pains: Annotated[tuple[Phrase, ...], Meta(max_length=8)] = ()
    """The trouble it is for, in the customer's words."""
    claims: Annotated[tuple[Claim, ...], Meta(max_length=20)] = ()
    """Proofs, in the form of ``quanyu check-copy --evidence``."""


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    text: Phrase
    """As the customer reads it, with its condition: 满300元赠旅行装洁面1支."""
    id: Id | None = None


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    id: Id
    name: Title
    address: Phrase | None = None
    hours: Phrase | None = None


class Brief(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    industry: str
    on: date
    """The day it will be shown: the law of that day judges it."""
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=30)]
    audience: Phrase | None = None
    tone: Tone = "plain"
    touchpoint: str | None = None
    minutes: Annotated[int, Meta(ge=3, le=240)] = 30
    """Of a live script."""
    seconds: Annotated[int, Meta(ge=15, le=180)] = 45
    """Of a video."""
    characters: Annotated[int, Meta(ge=200, le=5_000)] = 800
    """At most, of an article."""
    store: Store | None = None
    offers: Annotated[tuple[Offer, ...], Meta(max_length=10)] = ()
    host: Literal["human", "ai"] = "human"
    """An AI host carries a continuous label."""
    arm_of: Id | None = None
    """The version that a person wrote; the new one is tried against it."""

    def checked(self) -> "Brief":
        """Raises BadInput for what no type can refuse."""
        industry_named(self.industry)
        ids = [one.id for one in self.items]
        if len(set(ids)) < len(ids):
            raise BadInput("brief.items", "give each item once")
        for place, one in enumerate(self.items):
            _check(one, f"brief.items[{place}]")
        for field, text in self.texts():
            if not text.strip(ENDS) or any(ord(char) < 32 for char in text):
                raise BadInput(f"brief.{field}", "write one line of plain text")
        return self

    def texts(self) -> list[tuple[str, str]]:
        """(field, text) of all that may be said, in the order of the brief."""
        said = [("audience", self.audience)]
        for place, one in enumerate(self.items):
            said += [(f"items[{place}].{field}", text) for field, text in texts_of(one)]
        said += [(f"offers[{n}].text", one.text) for n, one in enumerate(self.offers)]
        if (store := self.store) is not None:
            said += [("store.name", store.name), ("store.address", store.address),
                     ("store.hours", store.hours)]  # fmt: skip
        return [(field, text) for field, text in said if text is not None]


def texts_of(item: Item) -> list[tuple[str, str | None]]:
    said: list[tuple[str, str | None]] = [("title", item.title)]
    said += [(f"facts.{key}", f"{key}{text}") for key, text in item.facts.items()]
    said.append(("reference_basis", item.reference_basis))
    for field in ("selling_points", "how_to", "pains"):
        said += [(f"{field}[{n}]", text) for n, text in enumerate(getattr(item, field))]
    return said


def _check(item: Item, place: str) -> None:
    if item.reference_fen is not None and item.price_fen is None:
        raise BadInput(f"{place}.price_fen", "give the price that the reference is compared with")
    if item.reference_fen is not None and item.reference_basis is None:
        mend = "say what the compared price is, such as 厂商建议零售价"
        raise BadInput(f"{place}.reference_basis", mend)
    if (item.reference_fen or FEN_MAX) <= (item.price_fen or 0):
        raise BadInput(f"{place}.reference_fen", "it must be above price_fen, or left out")
    if not item.facts and not item.selling_points:
        raise BadInput(f"{place}.facts", "give at least one fact or selling point: none is made up")
