"""What is shown is looked at again when the law, licences or evidence change."""

from functools import cached_property

import psycopg

from quanyu.compliance.doorkeeper import Page
from quanyu.merchants.papers.withholding import Shelf, Withholding
from quanyu.promotions.flash_sales import sales
from quanyu.promotions.loyalty import programmes
from quanyu.storage.postgres.withheld import PostgresWithheld
from quanyu.wiring.advertising import Advertising


class Watch(Advertising):
    @cached_property
    def withholding(self) -> Withholding[psycopg.Connection]:
        shelves = (
            Shelf("item", self.listings.shown),
            Shelf("promotion", self.promotions.shown),
            Shelf("flash_sale", self._flash_sale_pages),
            Shelf("points_programme", self._programme_pages),
            Shelf("points_item", self.points.shown),
            Shelf("campaign", self.campaigns.shown),
        )
        return Withholding(
            self.papers, PostgresWithheld(), shelves, door=self.door, clock=self.clock
        )

    def _flash_sale_pages(self, merchant: str) -> list[Page]:
        return [sales.page_of(one.terms) for one in self.flash_sales.running(merchant)]

    def _programme_pages(self, merchant: str) -> list[Page]:
        """Of the merchant's own."""
        found = self.loyalty.programmes(merchant)
        return [programmes.page_of(one.name, one.terms) for one in found if one.owner == merchant]

    def recheck(self, merchant: str) -> list[tuple[str, str]]:
        """(Kind, id) of what is not shown any more: offers are paused, the rest is withheld."""
        paused = [("offer", id) for id in self.offers.recheck(merchant)]
        return paused + [one.thing for one in self.withholding.recheck(merchant)]
