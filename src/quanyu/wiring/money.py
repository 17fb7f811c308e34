"""Money: commands that take effect once, and what is sold and given on top of the book."""

from functools import cached_property

import psycopg

from quanyu.events.once import Once
from quanyu.promotions.comparing import Comparing
from quanyu.promotions.desk import Desk
from quanyu.promotions.settlement import SettlementReport
from quanyu.promotions.vouchers.codes import VoucherCodes
from quanyu.promotions.vouchers.service import Vouchers
from quanyu.storage.postgres.requests import PostgresRequests
from quanyu.storage.postgres.settlements import PostgresSettlements
from quanyu.storage.postgres.vouchers import PostgresVouchers
from quanyu.wiring.custody import Custody


class Money(Custody):
    @cached_property
    def comparing(self) -> Comparing[psycopg.Connection]:
        return Comparing(self.prices, self.clock)

    @cached_property
    def once(self) -> Once[psycopg.Connection]:
        return Once(self.database, PostgresRequests(), self.disk.check)

    @cached_property
    def money_desk(self) -> Desk[psycopg.Connection]:
        return Desk(self.once, self.book, self.log, self.clock, self.door)

    @cached_property
    def settlement(self) -> SettlementReport[psycopg.Connection]:
        return SettlementReport(self.database, PostgresSettlements())

    @cached_property
    def vouchers(self) -> Vouchers[psycopg.Connection]:
        codes = VoucherCodes(self.master_key)
        return Vouchers(self.money_desk, PostgresVouchers(), codes=codes)
