"""What an offer gives and where its bounds are: the public JSON, decoded strictly."""

import re
from functools import cached_property
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from quanyu.clock import DAY_US, parse_duration, parse_iso
from quanyu.content.shows.show import is_of_a_show
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX
from quanyu.promotions.pricing.benefits import AmountOff, BenefitForm, PercentOff
from quanyu.promotions.pricing.offers import Offer as PublicOffer
from quanyu.promotions.pricing.offers import offer_of
from quanyu.strict import converted

Fen = Annotated[int, Meta(gt=0, le=FEN_MAX)]
Word = Annotated[str, Meta(min_length=1, max_length=128)]
PIECES_MAX = 100_000_000
LOCK_US_MAX = 7 * DAY_US
LIFE_US_MAX = 36_500 * DAY_US
LAST_US_MAX = parse_iso("2200-01-01T00:00:00+08:00")
"""Ends after these cannot be written as dates any more."""
TILL_BYTES_MAX = 280
"""So that a pass fits into a QR that a till reads at once."""
TILL_TERMS = ("id", "lane", "kind", "benefit", "scope", "window", "shop", "expires")


class Offline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the funder risks on tills that have no network: per device and shift, and per piece."""

    per_device_fen: Fen
    per_coupon_fen: Fen
    per_device_pieces: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Template(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, dict=True
):
    """A batch: the public offer in ``terms``, the caps, and where and when a piece counts."""

    terms: dict[str, Any]
    pieces: Annotated[int, Meta(gt=0, le=PIECES_MAX)]
    money: Fen
    """Cap in fen over all pieces that are out or used."""
    per_person: Annotated[int, Meta(ge=1, le=1000)] = 1
    expires: str | None = None
    """Last moment for every piece, ISO 8601 with offset."""
    valid_for: str | None = None
    """How long a piece lives from its issue, such as 7d."""
    face: Fen | None = None
    """Most that a piece can cost; only for benefits that do not say it themselves."""
    stores: tuple[Word, ...] = ()
    touchpoints: tuple[Word, ...] = ()
    virtual: bool = False
    """May it pay for virtual goods? Gift cards are how a leaked coupon becomes cash."""
    giftable: bool = False
    claimable: bool = True
    undo_within: str = "15m"
    forecast_hour: Fen | None = None
    """Value expected per hour, the breaker's measure; default a tenth of ``money``."""
    trips_at: Annotated[int, Meta(ge=1, le=1000)] = 3
    """The breaker trips above so many times the forecast."""
    audience: Word | None = None
    """Only members take, lock and redeem; what the merchant issues is its own decision."""
    offline: Offline | None = None
    """None: it is not redeemed without a network."""
    title: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    description: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    rules_text: Annotated[str, Meta(min_length=1, max_length=5_000)] | None = None
    """What a customer reads on the coupon and behind it."""

    @cached_property
    def priced(self) -> PublicOffer:
        """The offer as the basket reads it."""
        return offer_of(self.terms)

    def priced_at(self, face_fen: int) -> PublicOffer:
        """Of a piece that is worth less than a whole one, because it is the rest of one."""
        offer = self.priced
        if face_fen >= self.face_fen:
            return offer
        threshold = int(getattr(offer.what[1], "threshold", 0))
        benefit = BenefitForm(amount_off=AmountOff(face_fen, threshold))
        return msgspec.structs.replace(offer, benefit=benefit)

    @cached_property
    def scoped(self) -> bool:
        """Does it count only some lines?"""
        scope = self.priced.scope
        return bool(scope.items or scope.categories or scope.flags)

    @property
    def of_a_show(self) -> bool:
        """Does it hold in a live show alone? Only an order says which one it comes from."""
        return any(map(is_of_a_show, self.priced.requires))

    @cached_property
    def benefit(self) -> AmountOff | PercentOff | None:
        """The benefit, where a bill alone says what it is worth."""
        benefit = self.priced.what[1]
        return benefit if isinstance(benefit, AmountOff | PercentOff) else None

    @cached_property
    def face_fen(self) -> int:
        face_fen = self.face if self.benefit is None else most_fen(self.benefit)
        assert face_fen is not None, "read_template refuses a template without a face"
        return face_fen

    @property
    def for_tills(self) -> "Template":
        """Of a single piece: as much as a till needs to judge alone."""
        terms = {name: self.terms[name] for name in TILL_TERMS if name in self.terms}
        return Template(
            terms, 1, self.face_fen, expires=self.expires, valid_for=self.valid_for,
            stores=self.stores, virtual=self.virtual, offline=self.offline,
        )  # fmt: skip

    @property
    def undo_us(self) -> int:
        return parse_duration(self.undo_within)

    @property
    def hourly_fen(self) -> int:
        return self.forecast_hour or max(1, self.money // 10)

    def expiry_us(self, issued_us: int) -> int:
        """The earlier one of both bounds."""
        ends = [] if self.expires is None else [parse_iso(self.expires)]
        if self.valid_for is not None:
            ends.append(issued_us + parse_duration(self.valid_for))
        return min(ends)

    @property
    def last_us(self) -> int | None:
        return None if self.expires is None else parse_iso(self.expires)


def most_fen(benefit: AmountOff | PercentOff) -> int | None:
    """What a piece can cost at most; None where nothing bounds it."""
    if isinstance(benefit, AmountOff) and not benefit.repeat:
        return benefit.amount
    return benefit.cap


def read_offer_id(offer: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_.:@-]{1,40}", offer) is None:
        raise BadInput("terms.id", "use 1 to 40 of A-Z a-z 0-9 _ . : @ -")
    return offer


def read_template(document: Any) -> Template:
    """Strict: unknown fields and contradictions are refused with their path and the mend."""
    if not isinstance(document, dict):
        raise BadInput("template", "write a JSON object with terms, pieces and money")
    for cap, unit in (("pieces", "how many pieces there are"), ("money", "a cap in fen")):
        if cap not in document:
            raise BadInput(f"template.{cap}", f"say {unit}: a batch without it is not issued")
    template = converted(document, Template, name="template")
    read_offer_id(str(template.terms.get("id", "")))
    if template.terms.get("kind") != "coupon":
        raise BadInput("template.terms.kind", "write coupon: promotions are not issued in pieces")
    _check_terms(template.terms)
    _check_face(template)
    _check_times(template)
    _check_offline(template)
    return template


def _check_terms(terms: dict[str, Any]) -> None:
    """As pricing reads them, with the place in this document."""
    try:
        offer_of(terms)
    except BadInput as error:
        place = error.field.removeprefix("offers[0]")
        raise BadInput(f"template.terms{place}", error.mend) from None


def _check_face(template: Template) -> None:
    benefit = template.benefit
    if benefit is None and template.face is None:
        raise BadInput("template.face", "say in fen what a piece costs at most")
    if benefit is not None and template.face is not None:
        raise BadInput("template.face", "leave it out: the benefit says it")
    if benefit is not None and most_fen(benefit) is None:
        raise BadInput("template.terms.benefit", "give a cap: a piece must not cost without end")
    if isinstance(benefit, AmountOff) and 0 < benefit.threshold < benefit.amount:
        raise BadInput("template.terms.benefit", "the amount is more than the threshold asks for")
    if template.money < template.face_fen:
        raise BadInput("template.money", "it does not pay for a single piece; raise it")


def _check_times(template: Template) -> None:
    if template.expires is None and template.valid_for is None:
        raise BadInput("template.expires", "say when a piece expires: expires or valid_for")
    for field, read in (("expires", parse_iso), ("valid_for", parse_duration),
                        ("undo_within", parse_duration)):  # fmt: skip
        value = getattr(template, field)
        try:
            if value is not None:
                read(value)
        except ValueError as error:
            raise BadInput(f"template.{field}", str(error)) from None
    if template.valid_for is not None and parse_duration(template.valid_for) > LIFE_US_MAX:
        raise BadInput("template.valid_for", "a piece lives for 36500d at most")
    if template.last_us is not None and template.last_us > LAST_US_MAX:
        raise BadInput("template.expires", "choose a day before the year 2200")


def _check_offline(template: Template) -> None:
    offline = template.offline
    if offline is None:
        return
    if template.benefit is None:
        raise BadInput("template.offline", "leave it out: only an order says what it is worth")
    if template.of_a_show:
        raise BadInput("template.offline", "leave it out: a till cannot see what show is on air")
    if template.touchpoints:
        raise BadInput("template.touchpoints", "leave them out: who is offline is at a store")
    if offline.per_coupon_fen > offline.per_device_fen:
        raise BadInput("template.offline.per_device_fen", "let it be enough for one piece")
    if len(msgspec.msgpack.encode(template.for_tills)) > TILL_BYTES_MAX:
        mend = f"name fewer stores, items or hours: a pass has room for {TILL_BYTES_MAX} bytes"
        raise BadInput("template.offline", mend)
