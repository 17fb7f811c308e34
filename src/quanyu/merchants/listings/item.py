"""An item as its page shows it. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from quanyu.compliance.industries import industry_named
from quanyu.compliance.showing import PriceShown
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:@-]{1,64}\Z")]
Word = Annotated[str, Meta(min_length=1, max_length=128)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Url = Annotated[str, Meta(pattern=r"^(https?://|/)[!-~]{1,1990}\Z")]
State = Literal["draft", "on_sale", "off"]
IMAGES_MAX = 50
DESCRIPTION_MAX = 20_000


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    url: Url
    alt: Annotated[str, Meta(max_length=300)] = ""
    """What it shows, also the words that stand in it: the gate reads these."""


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``category`` goes from the widest to the narrowest. Amounts are fen."""

    KIND: ClassVar[str] = "item"

    id: Id
    shop: Word
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    price_fen: Annotated[int, Meta(ge=0, le=FEN_MAX)]
    """List price."""
    state: State = "draft"
    industry: str | None = None
    """None: the merchant's."""
    category: Annotated[tuple[Word, ...], Meta(max_length=8)] = ()
    reference_fen: Annotated[int, Meta(ge=1, le=FEN_MAX)] | None = None
    """The price that stands beside it, struck through."""
    reference_basis: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    """What the struck price is: 厂商建议零售价, 原价 …"""
    suggested_fen: Annotated[int, Meta(ge=1, le=FEN_MAX)] | None = None
    """The maker's suggested retail price; only it proves 厂商建议零售价."""
    suggested_source: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    """Where the maker says so: a price list, a page, a letter. Not shown."""
    suggested_on: date | None = None
    """The day on which it was looked up there."""
    flags: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    """green, virtual, cross_shop …: what offers look at."""
    attributes: Annotated[Mapping[Word, Line], Meta(max_length=100)] = {}
    selling_points: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    images: Annotated[tuple[Image, ...], Meta(max_length=IMAGES_MAX)] = ()
    description: Annotated[str, Meta(max_length=DESCRIPTION_MAX)] = ""
    standard: Annotated[str, Meta(max_length=64)] = ""
    """Number of the standard it is made to, such as GB/T 23347."""
    registration: Annotated[str, Meta(max_length=64)] = ""
    """Number under which a cosmetic, a health food … is registered or filed."""

    @property
    def offered(self) -> bool:
        """Can a customer see it?"""
        return self.state == "on_sale"

    def texts(self) -> Iterator[tuple[str, str]]:
        """(Field, text) of what its page says."""
        yield "title", self.title
        yield "shop", self.shop
        yield "description", self.description
        yield "standard", self.standard
        yield "registration", self.registration
        for name, parts in (("category", self.category), ("selling_points", self.selling_points)):
            yield from ((f"{name}[{place}]", text) for place, text in enumerate(parts))
        for name, value in self.attributes.items():
            yield f"attributes.{name}", f"{name}：{value}"
        for place, image in enumerate(self.images):
            yield f"images[{place}].alt", image.alt
        yield "reference_basis", self.reference_basis or ""

    def prices(self) -> tuple[PriceShown, ...]:
        """Only a price that is compared with another can be untrue."""
        if self.reference_fen is None:
            return ()
        return (
            PriceShown(
                shop=self.shop, item=self.id, price_fen=self.price_fen,
                reference_fen=self.reference_fen, basis=self.reference_basis,
                suggested_fen=self.suggested_fen,
            ),
        )  # fmt: skip

    def check(self) -> None:
        """What no single field shows. Raises BadInput."""
        if self.industry is not None:
            industry_named(self.industry)
        if self.reference_fen is not None and self.reference_fen <= self.price_fen:
            raise BadInput("reference_fen", "compare with a higher price, or leave it out")
        if (self.reference_fen is None) != (self.reference_basis is None):
            mend = "give reference_fen and reference_basis together, or neither"
            raise BadInput("reference_basis", mend)
        maker = (self.suggested_fen, self.suggested_source, self.suggested_on)
        if None in maker and any(one is not None for one in maker):
            mend = "give suggested_fen, suggested_source and suggested_on together, or none"
            raise BadInput("suggested_fen", mend)
