"""Money of ads: leases and wins for who decides, what follows the log, and what comes by time."""

from functools import cached_property

import psycopg

from quanyu.decisions.billing.booking import Booking
from quanyu.decisions.billing.closing import Closing
from quanyu.decisions.billing.leasing import Leasing
from quanyu.decisions.billing.slices import Slices
from quanyu.decisions.billing.spending import Spending
from quanyu.decisions.campaigns.money import Purses
from quanyu.storage.postgres.ad_billing.leases import PostgresLeases
from quanyu.storage.postgres.ad_billing.projection import AdBilling
from quanyu.storage.postgres.ad_billing.spend import PostgresSpend
from quanyu.storage.postgres.campaigns import PostgresCampaigns
from quanyu.wiring.campaigns import Ads


class Advertising(Ads):
    @cached_property
    def ad_booking(self) -> Booking[psycopg.Connection]:
        return Booking(self.book)

    @cached_property
    def ad_leases(self) -> Leasing[psycopg.Connection]:
        campaigns = self.campaigns, PostgresCampaigns()
        return Leasing(
            self.database, PostgresLeases(), booking=self.ad_booking, campaigns=campaigns
        )

    def ad_slices(self) -> Slices:
        """For the one thread that decides and writes; ``PostgresWins`` keeps what it holds."""
        return Slices(self.ad_leases)

    @cached_property
    def ad_billing(self) -> AdBilling:
        return AdBilling(self.ad_booking, nodes=self.nodes)

    @cached_property
    def ad_closing(self) -> Closing[psycopg.Connection]:
        return Closing(
            self.once, (PostgresCampaigns(), PostgresLeases()), purses=Purses(self.book),
            grounds=self.campaign_grounds, booking=self.ad_booking,
        )  # fmt: skip

    @cached_property
    def ad_spending(self) -> Spending[psycopg.Connection]:
        return Spending(self.database, PostgresSpend())
