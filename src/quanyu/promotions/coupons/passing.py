"""Passes for holders: asked for while there is a network, taken where there is none."""

import secrets
from typing import Any, Protocol

import msgspec

from quanyu.clock import Clock, format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import BadInput
from quanyu.promotions.coupons.forms import duration_us
from quanyu.promotions.coupons.passes import PASS_US_DEFAULT, PASS_US_MAX, Keys, pass_of, sealed
from quanyu.promotions.coupons.reconciling import no_pass
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.service import CouponService
from quanyu.promotions.offers.service import OfferService


class IsMember(Protocol):
    def __call__(self, merchant: str, audience: str, *, holder: Identifier) -> bool: ...


class Issued(msgspec.Struct, frozen=True):
    """A pass, to be shown as a QR until it ends."""

    text: str
    ends_us: int

    def as_json(self) -> dict[str, Any]:
        return {"pass": self.text, "ends": format_iso(self.ends_us)}


class Passing:
    def __init__(
        self,
        coupons: CouponService,
        offers: OfferService,
        *,
        keys: Keys,
        clock: Clock,
        is_member: IsMember,
    ) -> None:
        self._coupons = coupons
        self._offers = offers
        self._keys = keys
        self._clock = clock
        self._is_member = is_member

    def pass_for(
        self, merchant: str, coupon: str, *, identifier: str, ttl: str | None = None
    ) -> Issued | Refused:
        """Raises NotFound for a coupon that is not theirs, BadInput for a time that is too long."""
        length_us = duration_us(ttl) or PASS_US_DEFAULT
        if length_us > PASS_US_MAX:
            raise BadInput("ttl", "at most 12h: nobody can call a pass back")
        found = self._coupons.held(merchant, coupon, identifier=identifier)
        offer, now_us = self._offers.find(merchant, found.offer), self._clock.now_us()
        if (no := no_pass(found, offer, now_us=now_us)) is not None:
            return Refused(no)
        audience, holder = offer.template.audience, found.holder
        assert holder is not None, "it was looked for by its holder"
        if audience is not None and not self._is_member(merchant, audience, holder=holder):
            return Refused(Reason.NOT_IN_AUDIENCE)
        times = (now_us, now_us + length_us)
        made = pass_of(
            merchant, found, template=offer.template, times=times, nonce=secrets.token_bytes(8)
        )
        return Issued(sealed(made, self._keys.of_merchant(merchant)), made.ends_us)
