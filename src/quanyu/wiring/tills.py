"""Coupons far from a till and near one: whole audiences, and tills that go without a network."""

from functools import cached_property

import psycopg

from quanyu.promotions.coupons.back_online import Reconciling
from quanyu.promotions.coupons.devices import Devices
from quanyu.promotions.coupons.giving import Giving
from quanyu.promotions.coupons.passes import Keys
from quanyu.promotions.coupons.passing import Passing
from quanyu.storage.postgres.coupons.offline import PostgresDevices
from quanyu.wiring.coupons import Coupons


class Tills(Coupons):
    @cached_property
    def coupon_keys(self) -> Keys:
        return Keys(self.master_key)

    @cached_property
    def devices(self) -> Devices[psycopg.Connection]:
        return Devices(self.money_desk, PostgresDevices(), keys=self.coupon_keys)

    @cached_property
    def passes(self) -> Passing:
        return Passing(
            self.coupons, self.offers, keys=self.coupon_keys, clock=self.clock,
            is_member=self.audience_holders.is_member,
        )  # fmt: skip

    @cached_property
    def giving(self) -> Giving:
        members = self.audience_holders
        return Giving(self.coupons, self.offers, members=members, clock=self.clock)

    @cached_property
    def reconciling(self) -> Reconciling[psycopg.Connection]:
        return Reconciling(self.coupons, self.devices, keys=self.coupon_keys, clock=self.clock)
