"""What a merchant declares for every cart: promotions that apply by themselves, and releases."""

from functools import cached_property

import psycopg

from quanyu.promotions.orders.promotions import Promotions
from quanyu.promotions.orders.true_catalogue import TrueCatalogue
from quanyu.promotions.releases.gate import Gate
from quanyu.promotions.releases.service import Releases
from quanyu.storage.postgres.promotions import PostgresPromotions
from quanyu.storage.postgres.releases import PostgresReleases
from quanyu.wiring.instalments import Lending


class Declared(Lending):
    @cached_property
    def releases(self) -> Releases[psycopg.Connection]:
        return Releases(self.database, PostgresReleases(), door=self.door)

    @cached_property
    def promotions(self) -> Promotions[psycopg.Connection]:
        return Promotions(
            self.database, TrueCatalogue(PostgresPromotions(), self.comparing), door=self.door
        )

    @cached_property
    def release_gate(self) -> Gate[psycopg.Connection]:
        return Gate(PostgresReleases())
