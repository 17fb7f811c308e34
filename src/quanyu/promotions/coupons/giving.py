"""One piece to everybody in an audience: members are tokens, and stay tokens."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.coupons.coupon import Outcome
from quanyu.promotions.coupons.refusals import Refused
from quanyu.promotions.coupons.service import CouponService
from quanyu.promotions.coupons.step import not_issuing
from quanyu.promotions.offers.service import OfferService

NOT_PERMITTED = "not_permitted"
"""They have switched personal offers off."""


class Members(Protocol):
    """The port of audiences. Engines live in ``storage``."""

    def pages(self, merchant: str, audience: str) -> tuple[int, Iterator[list[Identifier | None]]]:
        """(people, pages of holders). Raises NotFound."""


class Given(msgspec.Struct, frozen=True):
    offer: str
    audience: str
    counts: dict[str, int]
    """issued, or why not → people."""


class Giving:
    def __init__(
        self, coupons: CouponService, offers: OfferService, *, members: Members, clock: Clock
    ) -> None:
        self._coupons = coupons
        self._offers = offers
        self._members = members
        self._clock = clock

    def to_audience(
        self,
        merchant: str,
        offer: str,
        *,
        audience: str,
        request: str,
        told: Callable[[int, int], None] = lambda done, people: None,
    ) -> Given | Refused:
        """Who is a member now. A run that broke off goes on under the same request: whoever has
        had a piece of it gets no second one. ``told``: (done, people). Raises NotFound,
        and Unlawful: the law of today counts."""
        found = self._offers.find(merchant, offer)
        no = not_issuing(found, self._clock.now_us())
        if no is not None:
            return no
        self._offers.look(found)
        people, pages = self._members.pages(merchant, audience)
        counts: Counter[str] = Counter()
        for page in pages:
            holders = [holder for holder in page if holder is not None]
            counts[NOT_PERMITTED] += len(page) - len(holders)
            for outcome in self._coupons.issue_to_holders(
                merchant, offer, holders=holders, request=request
            ):
                counts[reason_of(outcome)] += 1
            told(counts.total(), people)
        return Given(offer, audience, {name: n for name, n in counts.items() if n})


def reason_of(outcome: Outcome) -> str:
    return str(outcome.reason) if isinstance(outcome, Refused) else "issued"
