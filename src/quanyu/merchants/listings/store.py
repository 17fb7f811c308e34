"""A store as maps and pages show it. Its place is that of the shop door, public, not personal."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from quanyu.compliance.industries import industry_named
from quanyu.compliance.showing import PriceShown
from quanyu.errors import BadInput
from quanyu.merchants.listings.item import IMAGES_MAX, Id, Image, Line, Word

PHONE = re.compile(r"(?:0\d{2,3}-?\d{7,8}|[48]00-?\d{3}-?\d{4}|(?:95|96)\d{3,4})(?:-\d{1,6})?")
HOURS = re.compile(
    r"(?:(?:周[一二三四五六日](?:至周[一二三四五六日])?|每天) )?"
    r"(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)"
)


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """WGS-84 degrees; map vendors of China use GCJ-02, which is another place by some 500 m."""

    KIND: ClassVar[str] = "store"

    id: Id
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    shop: Word
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lng: Annotated[float, Meta(ge=-180, le=180)]
    address: Annotated[str, Meta(min_length=1, max_length=200)]
    state: Literal["open", "closed"] = "open"
    industry: str | None = None
    hours: Annotated[tuple[str, ...], Meta(max_length=14)] = ()
    """``周一至周五 10:00-22:00``, ``每天 18:00-02:00`` or ``10:00-22:00``."""
    phone: Annotated[str, Meta(max_length=32)] = ""
    """Of the business: a landline, 400 or 95 number."""
    photos: Annotated[tuple[Image, ...], Meta(max_length=IMAGES_MAX)] = ()
    categories: Annotated[tuple[Word, ...], Meta(max_length=8)] = ()
    services: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    """无障碍, 包间, 可预约 …"""

    @property
    def offered(self) -> bool:
        return self.state == "open"

    def texts(self) -> Iterator[tuple[str, str]]:
        """(Field, text) of what its page says."""
        yield "name", self.name
        yield "shop", self.shop
        yield "address", self.address
        for name, parts in (("categories", self.categories), ("services", self.services)):
            yield from ((f"{name}[{place}]", text) for place, text in enumerate(parts))
        for place, photo in enumerate(self.photos):
            yield f"photos[{place}].alt", photo.alt

    def prices(self) -> tuple[PriceShown, ...]:
        return ()

    def check(self) -> None:
        """What no single field shows. Raises BadInput."""
        if self.industry is not None:
            industry_named(self.industry)
        if self.phone and PHONE.fullmatch(self.phone) is None:
            mend = "give a landline, 400 or 95 number of the business; a mobile is a person's"
            raise BadInput("phone", mend)
        for place, hours in enumerate(self.hours):
            if HOURS.fullmatch(hours) is None:
                raise BadInput(f"hours[{place}]", "write 10:00-22:00 or 周一至周五 10:00-22:00")
