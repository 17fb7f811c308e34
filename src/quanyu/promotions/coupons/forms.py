"""What is asked about coupons, as CLI and HTTP write it, and the command it becomes."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from quanyu.clock import Clock, parse_duration
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.errors import BadInput, Refused
from quanyu.events.requests import Request
from quanyu.ids import Token, Tokeniser
from quanyu.promotions.coupons.bills import BillLines, whole_fen
from quanyu.promotions.coupons.brakes import ATTEMPTS_MAX
from quanyu.promotions.coupons.codes import Codes, is_printed
from quanyu.promotions.coupons.coupon import AnyCommand, Issue, OnCoupon
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.offers.terms import LOCK_US_MAX, Fen, Word

Text = Annotated[str, Meta(min_length=1, max_length=300)]


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One form for all commands; ``NEEDS`` says which fields each one takes."""

    offer: Word | None = None
    coupon: Word | None = None
    code: Word | None = None
    """A printed code, or the text of a QR."""
    identifier: Text | None = None
    order: Word | None = None
    amount: Fen | None = None
    store: Word | None = None
    touchpoint: Annotated[str, Meta(min_length=1, max_length=64)] = "quanyu"
    lines: BillLines = ()
    """Of the bill at a till."""
    virtual: bool = False
    ttl: Word | None = None
    gift: Word | None = None
    marks: Annotated[dict[str, Text], Meta(max_length=4)] = {}
    """device, payment_account, address → value; tokens are made of them at once."""


NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "issue": (("offer", "identifier"), ()),
    "claim": (("offer", "identifier"), ()),
    "bind": (("code", "identifier"), ()),
    "gift": (("coupon", "identifier"), ("ttl",)),
    "accept": (("coupon", "gift", "identifier"), ()),
    "take_back": (("coupon", "identifier"), ()),
    "lock": (("coupon", "order"), ("ttl", "store", "virtual")),
    "unlock": (("coupon", "order"), ()),
    "use": (("coupon", "order", "amount"), ("store",)),
    "return": (("coupon", "order"), ()),
    "void": (("coupon",), ()),
    "redeem": (("store",), ("amount", "lines", "coupon", "code", "virtual")),
    "undo": (("coupon", "store"), ()),
}
"""Command → (fields it needs, fields it may have)."""
_ALWAYS = {"touchpoint", "marks"}
_form = msgspec.json.Decoder(Form).decode


def read_form(body: bytes | dict[str, Any]) -> Form:
    """Raises BadInput that names the field."""
    try:
        return _form(body) if isinstance(body, bytes) else msgspec.convert(body, Form)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what, _, place = str(error).partition(" - at `$")
        raise BadInput(place.strip("`.") or "body", what) from None


class Named(NamedTuple):
    """A coupon by its id, or by the hash of a printed code."""

    coupon: str = ""
    code: bytes = b""
    stale: bool = False


class Reader:
    """Turns forms into commands: identifiers and codes become tokens before anything is kept."""

    def __init__(
        self, codes: Codes, tokeniser_of: Callable[[str], Tokeniser], *, clock: Clock
    ) -> None:
        self.codes = codes
        self._tokeniser_of = tokeniser_of
        self._tokenisers: dict[str, Tokeniser] = {}
        self._clock = clock

    def command(
        self, merchant: str, verb: str, *, form: Form, request: str
    ) -> AnyCommand | Refused:
        """Raises BadInput; Refused for a shown code that does not match."""
        Request(merchant, verb, request, b"")
        _check(verb, form)
        marks, seen_at = self._marks(merchant, form), form.touchpoint
        holder = self.holder(merchant, form.identifier) if form.identifier else None
        if verb in ("issue", "claim"):
            assert holder is not None, "NEEDS asks for it"
            return Issue(
                merchant=merchant, request=request, touchpoint=seen_at, marks=marks,
                offer=form.offer or "", holder=holder, claim=verb == "claim",
            )  # fmt: skip
        named = self._named(merchant, form)
        if isinstance(named, Refused):
            return named
        gift = self._gift(merchant, verb, form=form, request=request)
        return OnCoupon(
            merchant=merchant, request=request, touchpoint=seen_at, marks=marks,
            verb=Verb(verb), coupon=named.coupon, code=named.code, holder=holder, order=form.order,
            amount_fen=whole_fen(form.amount, form.lines), lines=tuple(form.lines),
            virtual=form.virtual, store=form.store, ttl_us=duration_us(form.ttl), gift=gift,
            stale=named.stale,
        )  # fmt: skip

    def holder(self, merchant: str, identifier: str) -> tuple[str, Token]:
        kind, value = read_identifier(identifier)
        return kind, self._tokeniser(merchant).token(kind, value)

    def _tokeniser(self, merchant: str) -> Tokeniser:
        if merchant not in self._tokenisers:
            self._tokenisers[merchant] = self._tokeniser_of(merchant)
        return self._tokenisers[merchant]

    def _marks(self, merchant: str, form: Form) -> tuple[tuple[str, bytes], ...]:
        unknown = form.marks.keys() - (ATTEMPTS_MAX.keys() - {"person"})
        if unknown:
            raise BadInput(f"marks.{min(unknown)[:40]}", "use device, payment_account, address")
        tokeniser = self._tokeniser(merchant)
        return tuple((kind, tokeniser.token(kind, form.marks[kind])) for kind in sorted(form.marks))

    def _named(self, merchant: str, form: Form) -> Named | Refused:
        if form.code is None:
            if form.coupon is None:
                raise BadInput("code", "give the code that was shown or printed")
            return Named(form.coupon)
        if form.coupon is not None:
            raise BadInput("coupon", "give the code or the coupon, not both")
        if is_printed(form.code):
            return Named(code=self.codes.hashed(merchant, form.code))
        shown = self.codes.read(merchant, form.code, now_us=self._clock.now_us())
        return shown if isinstance(shown, Refused) else Named(shown.coupon, stale=shown.stale)

    def _gift(self, merchant: str, verb: str, *, form: Form, request: str) -> bytes | None:
        """Hash of the code that goes along with a gift."""
        if verb == "gift":
            code = self.codes.gift(merchant, form.coupon or "", request=request)
            return self.codes.hashed(merchant, code)
        return None if form.gift is None else self.codes.hashed(merchant, form.gift)


def _check(verb: str, form: Form) -> None:
    needs, may = NEEDS[verb]
    for name in needs:
        if getattr(form, name) is None:
            raise BadInput(name, f"{verb} cannot do without it")
    allowed = {*needs, *may, *_ALWAYS}
    for name in form.__struct_fields__:
        if name not in allowed and getattr(form, name):
            raise BadInput(name, f"{verb} does not take it; leave it out")
    if verb == "redeem" and form.amount is None and not form.lines:
        raise BadInput("amount", "say what the bill comes to, or give its lines")


def duration_us(text: str | None) -> int:
    """0 where nothing is said."""
    try:
        length_us = 0 if text is None else parse_duration(text)
    except ValueError as error:
        raise BadInput("ttl", str(error)) from None
    if length_us > LOCK_US_MAX:
        raise BadInput("ttl", "at most 7d")
    return length_us
