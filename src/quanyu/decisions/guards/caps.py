"""Frequency: one memory of a person's ads over all touchpoints, and what it still allows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from quanyu.clock import HOUR_US
from quanyu.touchpoints.touchpoint import Cap, CapOn

KEPT_HOURS = 24 * 31
"""The longest window of a cap; older contacts count nowhere."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """An ad that was put before somebody."""

    at_us: int
    touchpoint: str
    campaign: str
    creative: str
    advertiser: str
    category: str

    def on(self, scope: CapOn) -> str:
        """What a cap on ``scope`` counts it under."""
        keys: Mapping[CapOn, str] = {
            "creative": f"{self.campaign}/{self.creative}", "campaign": self.campaign,
            "advertiser": self.advertiser, "category": self.category, "all": "",
        }  # fmt: skip
        return keys[scope]


@dataclass(frozen=True, slots=True)
class Capped:
    """Why an ad is not shown once more."""

    cap: Cap
    seen: int
    at: str
    """The touchpoint that has the cap; empty: the ecosystem."""


class Memory:
    """The contacts of one person, counted by cap. It grows while a page is filled, so that two ads
    of one page count both."""

    def __init__(
        self, caps: Iterable[Cap], own: Iterable[Cap], *, touchpoint: str,
        contacts: Sequence[Contact], now_us: int,
    ) -> None:  # fmt: skip
        """``caps`` of the ecosystem count everywhere, ``own`` at this touchpoint only."""
        self._caps = [(one, "") for one in caps] + [(one, touchpoint) for one in own]
        self._now_us = now_us
        self._counts: dict[tuple[int, str], int] = {}
        for contact in contacts:
            self.add(contact)

    def add(self, contact: Contact) -> None:
        for place, (cap, at) in enumerate(self._caps):
            inside = self._now_us - contact.at_us < cap.hours * HOUR_US
            if inside and at in ("", contact.touchpoint):
                key = (place, contact.on(cap.on))
                self._counts[key] = self._counts.get(key, 0) + 1

    def against(self, wanted: Contact) -> Capped | None:
        """The first cap that one more would break."""
        return next(self._broken(wanted), None)

    def _broken(self, wanted: Contact) -> Iterator[Capped]:
        for place, (cap, at) in enumerate(self._caps):
            seen = self._counts.get((place, wanted.on(cap.on)), 0)
            if seen >= cap.most and at in ("", wanted.touchpoint):
                yield Capped(cap, seen, at)
