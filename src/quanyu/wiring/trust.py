"""What is not believed: scans for fake trades, by hand and at night."""

from functools import cached_property

import psycopg

from quanyu.clock import china_datetime
from quanyu.measurement.fake_trades.service import FakeTrades
from quanyu.storage.postgres.beside import Beside, Check
from quanyu.storage.postgres.merchants import merchant_names
from quanyu.storage.postgres.suspected_orders import PostgresSuspectedOrders
from quanyu.wiring.orders import Sales


class Trust(Sales):
    @cached_property
    def fake_trades(self) -> FakeTrades[psycopg.Connection]:
        from quanyu.storage.lake.paid_orders import LakePaidOrders

        source = LakePaidOrders(self.readings)
        return FakeTrades(self.once, PostgresSuspectedOrders(), source, self.clock)

    @cached_property
    def night_scan(self) -> Beside:
        made = Beside("fraud.scan")
        self._open.callback(made.close)
        return made

    def begin_night_scan(self) -> bool:
        """At the hour of the setting, beside everything else; whether it was begun."""
        if china_datetime(self.clock.now_us()).hour != self.settings.fraud_scan_hour:
            return False
        return self.night_scan.start(self.scan_for_fake_trades)

    def scan_for_fake_trades(self, check: Check = lambda: None) -> int:
        """Every merchant that is due; returns how many were looked at."""
        with self.database.transaction() as conn:
            names = sorted(merchant_names(conn).values())
        return self.fake_trades.scan_due(names, lambda step: check())
