"""Money: commands that take effect once, and what is sold and given on top of the book."""

from functools import cached_property

import psycopg

from quanyu.clock import china_datetime
from quanyu.events.once import Once
from quanyu.measurement.fake_trades.service import FakeTrades
from quanyu.promotions.desk import Desk
from quanyu.promotions.settlement import SettlementReport
from quanyu.promotions.vouchers.codes import VoucherCodes
from quanyu.promotions.vouchers.service import Vouchers
from quanyu.storage.postgres.merchants import merchant_names
from quanyu.storage.postgres.requests import PostgresRequests
from quanyu.storage.postgres.settlements import PostgresSettlements
from quanyu.storage.postgres.suspected_orders import PostgresSuspectedOrders
from quanyu.storage.postgres.vouchers import PostgresVouchers
from quanyu.wiring.privacy import Privacy


class Money(Privacy):
    @cached_property
    def once(self) -> Once[psycopg.Connection]:
        return Once(self.database, PostgresRequests(), self.disk.check)

    @cached_property
    def money_desk(self) -> Desk[psycopg.Connection]:
        return Desk(self.once, self.book, self.log, self.clock)

    @cached_property
    def fake_trades(self) -> FakeTrades[psycopg.Connection]:
        from quanyu.storage.lake.paid_orders import LakePaidOrders

        source = LakePaidOrders(self.readings)
        return FakeTrades(self.once, PostgresSuspectedOrders(), source, self.clock)

    def scan_for_fake_trades(self) -> int:
        """At the hour of the setting; returns how many merchants were looked at."""
        if china_datetime(self.clock.now_us()).hour != self.settings.fraud_scan_hour:
            return 0
        with self.database.transaction() as conn:
            names = sorted(merchant_names(conn).values())
        return self.fake_trades.scan_due(names)

    @cached_property
    def settlement(self) -> SettlementReport[psycopg.Connection]:
        return SettlementReport(self.database, PostgresSettlements())

    @cached_property
    def vouchers(self) -> Vouchers[psycopg.Connection]:
        codes = VoucherCodes(self.master_key)
        return Vouchers(self.money_desk, PostgresVouchers(), codes=codes)
