"""Orders: what goes along with them, and where they are kept."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.customers.identity.kinds import shipped_kinds
from quanyu.promotions.orders.companions import (
    CouponsAlong,
    InstalmentsAlong,
    PiecesAlong,
    PointsAlong,
    VouchersAlong,
)
from quanyu.promotions.orders.company import Company
from quanyu.promotions.orders.placing import Placing
from quanyu.promotions.orders.ports import Companion
from quanyu.promotions.orders.service import Orders
from quanyu.storage.postgres.orders import PostgresOrders
from quanyu.storage.postgres.promotions import PostgresPromotions
from quanyu.wiring.instalments import Lending


class Sales(Lending):
    @cached_property
    def order_companions(self) -> tuple[Companion[psycopg.Connection], ...]:
        """In the order in which everybody locks: coupons, purses, pieces, vouchers. A plan is
        locked with its order."""
        coupons = CouponsAlong(self.coupon_parts)
        return (
            coupons,
            PointsAlong(self.loyalty, coupons.issue),
            PiecesAlong(self.flash_parts),
            VouchersAlong(
                lambda work: self.vouchers.on(replace(self.money_desk, book=work, facts=work))
            ),
            InstalmentsAlong(self.instalments),
        )

    @cached_property
    def orders(self) -> Orders[psycopg.Connection]:
        placing = Placing(
            PostgresPromotions(),
            self.order_companions,
            self.strongest,
            self.clock,
            self.instalment_rates,
        )
        company = Company(self.money_desk, self.order_companions)
        return Orders(self.money_desk, PostgresOrders(), placing=placing, company=company)

    def strongest(self, merchant: str, identifiers: Mapping[str, str]) -> Identifier:
        """The identifier that benefits of an order follow. Raises BadInput."""
        tokeniser = self.tokeniser(merchant)
        plain = [read_identifier(f"{kind}:{value}") for kind, value in identifiers.items()]
        return shipped_kinds().strongest(
            (kind, tokeniser.token(kind, value)) for kind, value in plain
        )
