"""Where ads may stand and what marks them: ranked slots, content that sells, devices, landings."""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from quanyu.compliance.law import Law
from quanyu.compliance.policy import DEFAULT, Policy, share_exceeds
from quanyu.compliance.verdict import Hit, Verdict
from quanyu.money import format_yuan


class Kind(StrEnum):
    RANKED = "ranked"
    """Search results and lists whose order may be bought."""
    KNOWLEDGE = "knowledge"
    EXPERIENCE = "experience"
    REVIEW = "review"
    MODULE = "module"
    """Of a page; says nothing by itself."""


SPEAKS = frozenset({Kind.KNOWLEDGE, Kind.EXPERIENCE, Kind.REVIEW})


class Device(StrEnum):
    PHONE = "phone"
    COMPUTER = "computer"
    VEHICLE = "vehicle"
    NAVIGATION = "navigation"
    APPLIANCE = "appliance"


CLOSED = frozenset({Device.VEHICLE, Device.NAVIGATION, Device.APPLIANCE})
"""No ads without the person's consent."""


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    bid_fen: int = 0
    purchase_link: bool = False
    marked: bool = False
    """It carries “广告” where everybody sees it."""

    @property
    def is_ad(self) -> bool:
        return self.bid_fen > 0 or (self.kind in SPEAKS and self.purchase_link)


def review_slots(slots: Sequence[Slot], *, on: date) -> Verdict:
    """Marks of the slots of one page; fields are ``slots[n]``."""
    law = Law.of("placement", on)
    named = [(one, f"slots[{number}]") for number, one in enumerate(slots)]
    return Verdict(tuple(hit for one, field in named for hit in _unmarked(one, law, field=field)))


def _unmarked(slot: Slot, law: Law, *, field: str) -> Iterator[Hit]:
    if slot.marked or not slot.is_ad:
        return
    bought = slot.bid_fen > 0
    yield from law.hits(
        "placement.ranked_unmarked" if bought else "placement.content_unmarked", field
    )


def review_home(modules: Sequence[Slot], *, on: date, policy: Policy = DEFAULT) -> Verdict:
    """Ads among the modules of a home page, counted exactly: 30.0 % passes, 30.1 % does not."""
    ads = sum(one.is_ad or one.marked for one in modules)
    most = policy.home_ads_permille_max
    if not share_exceeds(ads, len(modules), permille_max=most):
        return Verdict()
    why = f"{len(modules)} 个模块里有 {ads} 个广告，超过 {most / 10:g}%"
    return Verdict(tuple(Law.of("placement", on).hits("placement.home_share", "home", why=why)))


def review_device(device: Device, *, consent: bool, on: date) -> Verdict:
    if device not in CLOSED or consent:
        return Verdict()
    return Verdict(tuple(Law.of("placement", on).hits("placement.device", "device")))


def review_landing(creative_fen: int, landing_fen: int, *, on: date) -> Verdict:
    """The next page says the same price as the ad."""
    if creative_fen == landing_fen:
        return Verdict()
    why = f"广告 {format_yuan(creative_fen)}，落地页 {format_yuan(landing_fen)}"
    law = Law.of("placement", on)
    return Verdict(tuple(law.hits("placement.landing_price", "landing.price", why=why)))
