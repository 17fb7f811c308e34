"""What is shown is looked at again when the law, licences or evidence change."""

from functools import cached_property

import psycopg

from quanyu.merchants.papers.withholding import Shelf, Withholding
from quanyu.storage.postgres.withheld import PostgresWithheld
from quanyu.wiring.shows import Shows


class Watch(Shows):
    @cached_property
    def withholding(self) -> Withholding[psycopg.Connection]:
        shelves = (
            Shelf("item", self.listings.shown),
            Shelf("promotion", self.promotions.shown),
            Shelf("flash_sale", self.flash_sales.shown),
            Shelf("points_programme", self.loyalty.shown),
            Shelf("points_item", self.points.shown),
        )
        return Withholding(
            self.papers, PostgresWithheld(), shelves, door=self.door, clock=self.clock
        )

    def recheck(self, merchant: str) -> list[tuple[str, str]]:
        """(Kind, id) of what is not shown any more: offers are paused, the rest is withheld."""
        paused = [("offer", id) for id in self.offers.recheck(merchant)]
        return paused + [one.thing for one in self.withholding.recheck(merchant)]
