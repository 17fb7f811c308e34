"""What an offer gives and where its bounds are: the public JSON, decoded strictly."""

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from quanyu.clock import DAY_US, china_datetime, parse_duration, parse_iso
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX

Fen = Annotated[int, Meta(gt=0, le=FEN_MAX)]
Percent = Annotated[int, Meta(ge=1, le=99)]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:@-]{1,40}$")]
Word = Annotated[str, Meta(min_length=1, max_length=128)]
Hours = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$")]
PIECES_MAX = 100_000_000
LOCK_US_MAX = 7 * DAY_US


class AmountOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    amount: Fen
    threshold: Annotated[int, Meta(ge=0, le=FEN_MAX)] = 0
    repeat: bool = False
    cap: Fen | None = None
    per: str | None = None

    @property
    def face_fen(self) -> int | None:
        return self.cap if self.repeat else self.amount

    def discount_fen(self, bill_fen: int) -> int:
        times = bill_fen // self.threshold if self.repeat and self.threshold else 1
        return min(self.amount * times, self.cap or FEN_MAX, bill_fen)


class PercentOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    percent: Percent
    """Taken off: 20 is 八折."""
    cap: Fen | None = None
    threshold: Annotated[int, Meta(ge=0, le=FEN_MAX)] = 0

    @property
    def face_fen(self) -> int | None:
        return self.cap

    def discount_fen(self, bill_fen: int) -> int:
        return min(bill_fen * self.percent // 100, self.cap or 0)


Computable = AmountOff | PercentOff
_COMPUTABLE: dict[str, type[Computable]] = {"amount_off": AmountOff, "percent_off": PercentOff}
OTHER_BENEFITS = (
    "fixed_price", "tiers", "n_for_m", "nth_percent_off", "bundle_price", "gift", "free_shipping",
    "points_rate", "instalment_free", "points_multiplier", "issue_coupon",
)  # fmt: skip
"""Reckoned in the basket only; a coupon for one of them says its ``face`` itself."""
LANES = (
    "item", "member", "shop", "cross_shop", "red_packet", "points", "shipping", "payment", "after",
)  # fmt: skip


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
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
    hours: tuple[Hours, ...] = ()
    """In China, such as 18:00-22:00; none means always."""
    weekdays: tuple[Annotated[int, Meta(ge=1, le=7)], ...] = ()
    virtual: bool = False
    """May it pay for virtual goods? Gift cards are how a leaked coupon becomes cash."""
    giftable: bool = False
    claimable: bool = True
    undo_within: str = "15m"
    forecast_hour: Fen | None = None
    """Value expected per hour, the breaker's measure; default a tenth of ``money``."""
    trips_at: Annotated[int, Meta(ge=1, le=1000)] = 3
    """The breaker trips above so many times the forecast."""

    @property
    def benefit(self) -> Computable | None:
        """The benefit, where a bill alone says what it is worth."""
        ((name, form),) = self.terms["benefit"].items()
        kind = _COMPUTABLE.get(name)
        return None if kind is None else msgspec.convert(form, kind)

    @property
    def face_fen(self) -> int:
        benefit = self.benefit
        face_fen = self.face if benefit is None else benefit.face_fen
        assert face_fen is not None, "read_template refuses a template without a face"
        return face_fen

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

    def open_at(self, at_us: int) -> bool:
        moment = china_datetime(at_us)
        if self.weekdays and moment.isoweekday() not in self.weekdays:
            return False
        clock = f"{moment:%H:%M}"
        return not self.hours or any(_between(clock, span) for span in self.hours)


def _between(clock: str, span: str) -> bool:
    """A span such as 22:00-02:00 goes over midnight."""
    begin, _, end = span.partition("-")
    return begin <= clock < end if begin < end else clock >= begin or clock < end


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
    template: Template = _converted(document, Template, path="template")
    _check_terms(template.terms)
    _check_face(template)
    _check_times(template)
    return template


def _converted(document: Any, form: type[Any], *, path: str) -> Any:
    try:
        return msgspec.convert(document, form)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        raise BadInput(f"{path}{place.rstrip('`')}", what) from None


def _check_terms(terms: dict[str, Any]) -> None:
    read_offer_id(str(terms.get("id", "")))
    if terms.get("lane") not in LANES:
        raise BadInput("template.terms.lane", f"choose from {', '.join(LANES)}")
    if terms.get("kind") != "coupon":
        raise BadInput("template.terms.kind", "write coupon: promotions are not issued in pieces")
    benefit = terms.get("benefit")
    known = (*_COMPUTABLE, *OTHER_BENEFITS)
    if not isinstance(benefit, dict) or len(benefit) != 1 or next(iter(benefit)) not in known:
        raise BadInput("template.terms.benefit", f"write one of {', '.join(known)}")
    ((name, form),) = benefit.items()
    if name in _COMPUTABLE:
        _converted(form, _COMPUTABLE[name], path=f"template.terms.benefit.{name}")


def _check_face(template: Template) -> None:
    benefit = template.benefit
    if benefit is None and template.face is None:
        raise BadInput("template.face", "say in fen what a piece costs at most")
    if benefit is not None and template.face is not None:
        raise BadInput("template.face", "leave it out: the benefit says it")
    if benefit is not None and benefit.face_fen is None:
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
