"""Live shows: what they are planned by, what they sell, how they are looked at."""

from functools import cached_property
from typing import TYPE_CHECKING

import psycopg

from quanyu.content.shows.airing import Airing
from quanyu.content.shows.moving import Stage
from quanyu.content.shows.planning import Planning
from quanyu.content.shows.preparing import Preparing
from quanyu.promotions.shows.goods import ShowGoods
from quanyu.promotions.shows.service import ShowFigures
from quanyu.storage.postgres.offers.reading import offer_of
from quanyu.storage.postgres.promotions import PostgresPromotions
from quanyu.wiring.contents import Contents

if TYPE_CHECKING:
    from quanyu.promotions.shows.ports import Looked


class Shows(Contents):
    @cached_property
    def show_stage(self) -> Stage[psycopg.Connection]:
        return Stage(self.once, self.show_store, self.clock)

    @cached_property
    def show_plans(self) -> Planning[psycopg.Connection]:
        return Planning(self.database, self.show_store, scripts=self.pieces, clock=self.clock)

    @cached_property
    def show_goods(self) -> ShowGoods[psycopg.Connection]:
        return ShowGoods(PostgresPromotions(), offer_of, self.flash_sales.desk.in_stock)

    @cached_property
    def preparing_shows(self) -> Preparing[psycopg.Connection]:
        return Preparing(self.show_stage, self.show_goods, self.pieces, self.content_rules)

    @cached_property
    def airing_shows(self) -> Airing[psycopg.Connection]:
        return Airing(self.show_stage, self.preparing_shows, self.commissions)

    @cached_property
    def show_figures(self) -> ShowFigures[psycopg.Connection]:
        return ShowFigures(self.show_stage, self.show_orders, self._looked, self.commission_book)

    def _looked(self, merchant: str, *, show: str, since_us: int) -> "Looked":
        from quanyu.storage.lake.show_attention import show_attention

        return show_attention(self.readings, merchant, show=show, since_us=since_us)
