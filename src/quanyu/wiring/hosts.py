"""Hosts of live shows: the orders they brought, and what they are owed for them."""

from functools import cached_property

import psycopg

from quanyu.promotions.shows.settling import Commissions
from quanyu.storage.postgres.show_orders import PostgresShowOrders
from quanyu.storage.postgres.show_settlements import PostgresCommissionBook
from quanyu.storage.postgres.shows import PostgresShows
from quanyu.wiring.buyers import Buyers


class Hosts(Buyers):
    @cached_property
    def show_store(self) -> PostgresShows:
        return PostgresShows()

    @cached_property
    def show_orders(self) -> PostgresShowOrders:
        return PostgresShowOrders()

    @cached_property
    def commission_book(self) -> PostgresCommissionBook:
        return PostgresCommissionBook()

    @cached_property
    def commissions(self) -> Commissions[psycopg.Connection]:
        return Commissions(self.money_desk, self.show_store, self.show_orders, self.commission_book)
