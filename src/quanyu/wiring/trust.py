"""What is not believed: scans for fake trades, by hand and at night."""

from functools import cached_property

import psycopg

from quanyu.clock import china_datetime
from quanyu.measurement.fake_trades.service import FakeTrades
from quanyu.storage.postgres.merchants import merchant_names
from quanyu.storage.postgres.suspected_orders import PostgresSuspectedOrders
from quanyu.wiring.orders import Sales


class Trust(Sales):
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
