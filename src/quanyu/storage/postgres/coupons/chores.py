"""What time does to coupons: locks and gifts fall back, pieces expire."""

from quanyu.clock import Clock
from quanyu.promotions.coupons.brakes import minute_of
from quanyu.promotions.coupons.coupon import OnCoupon
from quanyu.promotions.coupons.states import Verb
from quanyu.storage.postgres.coupons.writer import CouponWriter
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.sql_files import sql

AT_ONCE = 500


class CouponChores:
    """Each pass goes through the writer like everybody else, so that a race with a customer has
    one winner; the request names the coupon and the moment that is over."""

    def __init__(self, database: Database, writer: CouponWriter, *, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    def lapse(self) -> int:
        return self._sweep("coupons/lapsing", Verb.LAPSE)

    def expire(self) -> int:
        return self._sweep("coupons/expiring", Verb.EXPIRE)

    def forget(self) -> int:
        """Counts of attempts that no window reaches any more."""
        minute = minute_of(self._clock.now_us())
        with self._database.transaction() as tx:
            return tx.execute(sql("coupons/forget_attempts"), {"minute": minute}).rowcount

    def _sweep(self, statement: str, verb: Verb) -> int:
        """Returns how many; comes again until nothing is due."""
        total = 0
        while True:
            now_us = self._clock.now_us()
            with self._database.transaction() as tx:
                args = {"now_us": now_us, "limit": AT_ONCE}
                due = tx.execute(sql(statement), args).fetchall()
            commands = [
                OnCoupon(merchant=merchant, request=f"{coupon}/{now_us}", verb=verb, coupon=coupon)
                for merchant, coupon in due
            ]
            if not commands:
                return total
            self._writer.write(commands)
            total += len(commands)
