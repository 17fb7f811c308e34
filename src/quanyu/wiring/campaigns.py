"""Campaigns: what advertisers write, what it is held against, and their purses."""

from functools import cached_property

import psycopg

from quanyu.decisions.campaigns.grounds import Grounds
from quanyu.decisions.campaigns.money import Purses
from quanyu.decisions.campaigns.service import Campaigns
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.storage.postgres.campaigns import PostgresCampaigns
from quanyu.wiring.shows import Shows


class Ads(Shows):
    @cached_property
    def campaign_grounds(self) -> Grounds:
        return Grounds(
            door=self.door,
            clock=self.clock,
            ecosystem=lambda: self.ecosystem,
            item=lambda merchant, id: self.listings.find(merchant, Item, id=id),
            store=lambda merchant, id: self.listings.find(merchant, Store, id=id),
            is_shown=lambda merchant, id: self.library.shown(merchant, id) is not None,
            is_audience=self.audience_holders.exists,
        )

    @cached_property
    def campaigns(self) -> Campaigns[psycopg.Connection]:
        purses = Purses(self.book)
        return Campaigns(
            self.once, PostgresCampaigns(), purses=purses, grounds=self.campaign_grounds
        )
