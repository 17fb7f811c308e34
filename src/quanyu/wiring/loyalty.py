"""What is given to who comes back: points, what they buy, and flash sales."""

from functools import cached_property, partial

import psycopg

from quanyu.promotions.flash_sales import ports as flash_ports
from quanyu.promotions.flash_sales import service as flash
from quanyu.promotions.flash_sales.sales import Attempt, Outcome
from quanyu.promotions.loyalty import counter, ports, service
from quanyu.storage.postgres.flash_sales.reservations import PostgresReservations
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.identity.holders import identifiers_of, persons_of
from quanyu.storage.postgres.loyalty.entitlements import PostgresEntitlements
from quanyu.storage.postgres.loyalty.purses import PostgresPurses
from quanyu.wiring.money import Money

FLASH_GROUP_MAX = 2_000
FLASH_QUEUE_MAX = 100_000
FLASH_GATHER_MS = 0.3
LOTS_SHOWN_MAX = 1_000


class Loyalty(Money):
    @cached_property
    def loyalty(self) -> service.Loyalty[psycopg.Connection]:
        parts = ports.Ports(
            PostgresPurses(),
            self.book,
            self.log,
            self.once,
            self.clock,
            identifiers_of,
            self.tokeniser,
            self.door,
        )
        return service.Loyalty(parts)

    @cached_property
    def points(self) -> counter.PointsCounter[psycopg.Connection]:
        history = partial(PostgresPurses().history, limit=LOTS_SHOWN_MAX)
        return counter.PointsCounter(
            self.loyalty, entitlements=PostgresEntitlements(), history=history
        )

    @cached_property
    def flash_desk(self) -> GroupCommit[Attempt, Outcome]:
        """Attempts that arrive together are one transaction."""
        return self._open.enter_context(
            GroupCommit(
                self.disk.guarding(self.flash_sales.desk.write),
                max_weight=FLASH_GROUP_MAX,
                queue_max=FLASH_QUEUE_MAX,
                weight=lambda attempt: 1,
                gather_ms=FLASH_GATHER_MS,
            )
        )

    @cached_property
    def flash_parts(self) -> flash_ports.Ports[psycopg.Connection]:
        return flash_ports.Ports(
            PostgresReservations(),
            self.book,
            self.clock,
            persons_of,
            self.database.transaction,
            self.tokeniser,
            self.door,
            self.comparing,
        )

    @cached_property
    def flash_sales(self) -> flash.FlashSales[psycopg.Connection]:
        return flash.FlashSales(self.flash_parts, inbox=lambda: self.flash_desk)
