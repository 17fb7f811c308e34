"""Who buys, what they may claim, what they have to wait for, and what was paid before."""

from collections.abc import Mapping
from functools import cached_property

import psycopg

from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.orders.buyer import Buyer, buyer_of
from quanyu.promotions.orders.eligibility import Eligibility
from quanyu.storage.postgres.identity.holders import identifiers_of
from quanyu.storage.postgres.order_buyers import PostgresHistory
from quanyu.storage.postgres.prices import OutsideTrades
from quanyu.storage.postgres.shows import PostgresShows
from quanyu.wiring.declared import Declared


class Buyers(Declared):
    @cached_property
    def outside_trades(self) -> OutsideTrades:
        return OutsideTrades()

    @cached_property
    def eligibility(self) -> Eligibility[psycopg.Connection]:
        return Eligibility(
            PostgresHistory(),
            identifiers_of,
            lambda tx, merchant, *, buyer, programme: self.loyalty.words(
                tx, merchant, known_to=buyer.known_to, programme=programme
            ),
            self._on_air,
            self.clock,
        )

    def _on_air(
        self, tx: psycopg.Connection, merchant: str, *, show: str, room: str
    ) -> frozenset[str]:
        return PostgresShows().on_air(
            tx, merchant, show=show, room=room, now_us=self.clock.now_us()
        )

    def buyer(self, merchant: str, identifiers: Mapping[str, str]) -> Buyer:
        """Whom benefits of an order follow. Raises BadInput."""
        blocked = self.people.blocked
        return buyer_of(
            identifiers,
            own=self.tokeniser(merchant),
            shared=self.tokeniser(PLATFORM),
            is_nobody=lambda one: blocked.holds(merchant, one),
        )
