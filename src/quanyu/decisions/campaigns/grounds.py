"""What a campaign is held against outside itself: what exists, what takes ads, and the law."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from quanyu.clock import Clock, china_day
from quanyu.compliance.doorkeeper import Doorkeeper, Page
from quanyu.compliance.placements import review_landing
from quanyu.compliance.showing import Unlawful
from quanyu.decisions.campaigns.accounts import ads_purse
from quanyu.decisions.campaigns.campaign import Campaign, Cpc
from quanyu.decisions.campaigns.page import KIND, page_of
from quanyu.errors import BadInput, NotFound
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.touchpoints.ecosystem import Ecosystem
from quanyu.touchpoints.touchpoint import Touchpoint

T = TypeVar("T")
AD = "ad"
Asked = Callable[[str, str], bool]
"""(Merchant, name)."""


@dataclass(frozen=True, slots=True)
class Grounds:
    door: Doorkeeper
    clock: Clock
    ecosystem: Callable[[], Ecosystem]
    """Read when a campaign is looked at, so that a file that cannot be used stops nothing else."""
    item: Callable[[str, str], Item]
    """(Merchant, id); raises NotFound."""
    store: Callable[[str, str], Store]
    is_shown: Asked
    """Is the piece of content in front of people?"""
    is_audience: Asked

    def look(self, merchant: str, campaign: Campaign) -> None:
        """Raises BadInput with field and mend, and Unlawful where the law of today does not let
        it be shown as it is."""
        self._words(merchant, campaign)
        self._targets(merchant, campaign)
        led_to = list(self._led_to(merchant, campaign))
        page = self._page(campaign, led_to)
        self.door.admit(merchant, page, place=KIND)
        self._prices(campaign, {one.id: one for one in led_to if isinstance(one, Item)})

    def page(self, merchant: str, campaign: Campaign) -> Page:
        """For who looks again at what was let through: nothing has to be on sale any more."""
        found = (_known(self.item, merchant, id=id) for id in campaign.items)
        return self._page(campaign, [one for one in found if one is not None])

    def _page(self, campaign: Campaign, led_to: list[Item | Store]) -> Page:
        touchpoints = touchpoints_of(campaign, self.ecosystem())
        return page_of(campaign, touchpoints=touchpoints, led_to=led_to)

    def _words(self, merchant: str, campaign: Campaign) -> None:
        try:
            ads_purse(merchant, campaign.advertiser)
        except BadInput as error:
            raise BadInput(f"{KIND}.advertiser", error.mend) from None
        if campaign.span_us[1] <= self.clock.now_us():
            raise BadInput(f"{KIND}.schedule.to", "its time is over; choose a later end")
        name = campaign.audience
        if name is not None and not self.is_audience(merchant, name):
            raise BadInput(f"{KIND}.audience", "there is none; see `quanyu audience list`")

    def _targets(self, merchant: str, campaign: Campaign) -> None:
        ecosystem = self.ecosystem()
        for place, name in enumerate(campaign.touchpoints):
            field = f"{KIND}.touchpoints[{place}]"
            try:
                found = ecosystem.within(name)
            except BadInput as error:
                raise BadInput(field, error.mend) from None
            if not any(AD in one.kinds for one in found):
                raise BadInput(field, "it takes no ads; see `quanyu touchpoint list`")
        goal = campaign.bid.goal
        reserves = (one.reserve_fen for one in touchpoints_of(campaign, ecosystem))
        if isinstance(goal, Cpc) and goal.bid_fen < (least := min(reserves, default=1)):
            mend = f"no place takes less than {least} fen for a click; bid as much"
            raise BadInput(f"{KIND}.bid.cpc.bid_fen", mend)
        for place, id in enumerate(campaign.near.stores if campaign.near else ()):
            self._own(merchant, campaign, field=f"{KIND}.near.stores[{place}]", store=id)

    def _led_to(self, merchant: str, campaign: Campaign) -> Iterator[Item | Store]:
        for place, creative in enumerate(campaign.creatives):
            ((kind, id),) = creative.landing.given
            field = f"{KIND}.creatives[{place}].landing.{kind}"
            if kind == "item":
                yield self._item(merchant, campaign, field=field, id=id)
            elif kind == "store":
                yield self._own(merchant, campaign, field=field, store=id)
            elif not self.is_shown(merchant, id):
                raise BadInput(field, "nothing of it is published; see `quanyu content list`")

    def _item(self, merchant: str, campaign: Campaign, *, field: str, id: str) -> Item:
        found = _known(self.item, merchant, id=id)
        if found is None:
            raise BadInput(field, "there is no such item; see `quanyu item list`")
        if not found.offered:
            raise BadInput(field, "it is not on sale; put it on sale first")
        _must_be_of(campaign, found, field=field)
        return found

    def _own(self, merchant: str, campaign: Campaign, *, field: str, store: str) -> Store:
        found = _known(self.store, merchant, id=store)
        if found is None:
            raise BadInput(field, "there is no such store; see `quanyu store list`")
        if not found.offered:
            raise BadInput(field, "it is closed; choose one that is open")
        _must_be_of(campaign, found, field=field)
        return found

    def _prices(self, campaign: Campaign, items: dict[str, Item]) -> None:
        """What the ad says it costs is what the next page says."""
        on = china_day(self.clock.now_us())
        for place, creative in enumerate(campaign.creatives):
            if creative.price_fen is not None and creative.landing.item is not None:
                said = review_landing(
                    creative.price_fen, items[creative.landing.item].price_fen, on=on
                )
                if not said.may_be_shown:
                    raise Unlawful(f"{KIND}.creatives[{place}]", said)


def touchpoints_of(campaign: Campaign, ecosystem: Ecosystem) -> tuple[Touchpoint, ...]:
    """Where its ads may come: those named, or of the apps named, that take ads. A name that the
    ecosystem has no more stands for nothing."""
    listed = ecosystem.touchpoints
    if campaign.touchpoints:
        named = set(campaign.touchpoints)
        listed = tuple(one for one in listed if {one.id, one.id.partition(".")[0]} & named)
    return tuple(one for one in listed if AD in one.kinds)


def _must_be_of(campaign: Campaign, found: Item | Store, *, field: str) -> None:
    if found.shop != campaign.advertiser:
        raise BadInput(field, f"it is of {found.shop[:40]!r}; an advertiser shows its own")


def _known(ask: Callable[[str, str], T], merchant: str, *, id: str) -> T | None:
    try:
        return ask(merchant, id)
    except NotFound:
        return None
