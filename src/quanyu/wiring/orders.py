"""Orders: what goes along with them, and where they are kept."""

from dataclasses import replace
from functools import cached_property

import psycopg

from quanyu.promotions.orders.companions import (
    CouponsAlong,
    InstalmentsAlong,
    PiecesAlong,
    PointsAlong,
    Sharing,
    ShowsAlong,
    TradesAlong,
    VouchersAlong,
)
from quanyu.promotions.orders.company import Company
from quanyu.promotions.orders.placing import Placing
from quanyu.promotions.orders.ports import Companion
from quanyu.promotions.orders.service import Orders
from quanyu.storage.postgres.orders import PostgresOrders
from quanyu.storage.postgres.prices import PostgresTrades
from quanyu.storage.postgres.promotions import PostgresPromotions
from quanyu.wiring.hosts import Hosts


class Sales(Hosts):
    @cached_property
    def order_companions(self) -> tuple[Companion[psycopg.Connection], ...]:
        """In the order in which everybody locks: coupons, purses, pieces, vouchers. A plan is
        locked with its order."""
        coupons = CouponsAlong(self.coupon_parts)
        return (
            coupons,
            PointsAlong(self.loyalty, coupons.issue, Sharing(PostgresOrders())),
            PiecesAlong(self.flash_parts),
            VouchersAlong(
                lambda work: self.vouchers.on(replace(self.money_desk, book=work, facts=work))
            ),
            InstalmentsAlong(self.instalments),
            TradesAlong(PostgresTrades(), self.clock),
            ShowsAlong(self.show_orders, self.commissions),
        )

    @cached_property
    def orders(self) -> Orders[psycopg.Connection]:
        store, companions = PostgresOrders(), self.order_companions
        placing = Placing(
            PostgresPromotions(),
            companions,
            self.buyer,
            self.eligibility,
            self.release_gate,
            self.clock,
            self.instalment_rates,
        )
        company = Company(self.money_desk, companions)
        return Orders(self.money_desk, store, placing=placing, company=company)
