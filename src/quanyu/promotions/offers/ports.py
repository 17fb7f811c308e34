"""The port of offers. Engines live in ``storage``."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from quanyu.promotions.offers.answers import Change, Offer, OfferAnswer
from quanyu.promotions.offers.lifecycle import OfferVerb
from quanyu.promotions.offers.terms import Template


class By(msgspec.Struct, frozen=True):
    """Who does it, when, and under which key."""

    actor: str
    at_us: int
    request: str
    note: str = ""


class OfferStore(Protocol):
    def create(self, merchant: str, template: Template, *, by: By) -> OfferAnswer: ...

    def move(self, merchant: str, offer: str, *, verb: OfferVerb, by: By) -> OfferAnswer: ...

    def kill(self, merchant: str, offer: str | None, *, killed: bool, by: By) -> list[str]:
        """One offer, or all of the merchant; returns those whose switch has turned."""

    def reset_breaker(self, merchant: str, offer: str, *, by: By) -> OfferAnswer: ...

    def find(self, merchant: str, offer: str) -> Offer | None: ...

    def listed(self, merchant: str) -> Sequence[Offer]: ...

    def history(self, merchant: str, offer: str) -> Sequence[Change]: ...

    def balances(self, merchant: str, offer: str) -> dict[str, int]:
        """``pieces/free`` … → credits minus debits, from the book."""
