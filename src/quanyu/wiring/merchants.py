"""Who sells, and where: the catalogue, which passes the gate, what has to be renewed, and the
touchpoints."""

from functools import cached_property

import psycopg

from quanyu.merchants.listings.catalogue import Catalogue
from quanyu.merchants.papers.reminding import Reminders
from quanyu.storage.postgres.listings import PostgresListings
from quanyu.touchpoints.ecosystem import Ecosystem, ecosystem
from quanyu.wiring.law import Law


class Merchants(Law):
    @cached_property
    def listings(self) -> Catalogue[psycopg.Connection]:
        return Catalogue(self.database, PostgresListings(), door=self.door, clock=self.clock)

    @cached_property
    def reminders(self) -> Reminders[psycopg.Connection]:
        return Reminders(self.papers)

    def read_definitions(self) -> None:
        """What an operator writes is read before anything is answered. Raises BadInput."""
        _ = self.ecosystem

    @cached_property
    def ecosystem(self) -> Ecosystem:
        """Raises BadInput with file, touchpoint, field and mend."""
        return ecosystem(self.settings.ecosystem, policy=self.settings.policy)
