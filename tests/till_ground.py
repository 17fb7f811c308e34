"""Shared ground of the tests of tills without a network."""

from typing import Any

import msgspec
from tests.money_ground import SHOP, person, template

from quanyu.clock import DAY_US, HOUR_US, parse_iso
from quanyu.errors import Refused
from quanyu.promotions.coupons.bills import Bill
from quanyu.promotions.coupons.coupon import Coupon
from quanyu.promotions.coupons.offline import Accepted, Entry, Kit, Till, judge
from quanyu.promotions.coupons.passes import Keys, Pass, in_text, pass_of, sealed
from quanyu.promotions.coupons.states import State
from quanyu.promotions.offers.terms import Template, read_template

KEYS = Keys(bytes(range(32)))
NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
"""A Tuesday."""
RISK = {"per_device_fen": 5000, "per_coupon_fen": 2000}
LI = person("li")


def kit(device: str = "d_1", *, store: str = "s1", merchant: str = SHOP) -> Kit:
    secret = KEYS.of_device(merchant, device).private_bytes_raw()
    public = KEYS.of_merchant(merchant).public_key().public_bytes_raw()
    return Kit(merchant, store, device, in_text(secret), in_text(public))


def offline(**change: Any) -> Template:
    return read_template(template(**{"offline": RISK, **change}))


def coupon(number: int = 1, **change: Any) -> Coupon:
    plain = Coupon(
        no=number, id=f"c_{number:024x}", offer="t1", state=State.ISSUED, holder=LI,
        issued_us=NOW_US, expires_us=NOW_US + 7 * DAY_US, face_fen=2000,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **change)


def pass_for(
    number: int = 1, *, of: Template | None = None, merchant: str = SHOP, hours: int = 4
) -> Pass:
    times = (NOW_US, NOW_US + hours * HOUR_US)
    held = coupon(number)
    return pass_of(merchant, held, template=of or offline(), times=times, nonce=bytes(8))


def text_of(number: int = 1, *, merchant: str = SHOP, **change: Any) -> str:
    return sealed(pass_for(number, merchant=merchant, **change), KEYS.of_merchant(merchant))


def asked(
    text: str, till: Till | None = None, *, bill: Bill | None = None, now_us: int = NOW_US
) -> Accepted | Refused:
    known = till or Till(kit())
    return judge(
        text, known, public_key=known.kit.pass_key, bill=bill or Bill(12_000), now_us=now_us
    )


class Counter:
    """A till at work: what it takes, it journals."""

    def __init__(self, kit: Kit, *, at_us: int = NOW_US) -> None:
        self.till = Till(kit)
        self.at_us = at_us
        self.entries: list[Entry] = []

    def take(self, text: str, *, bill: Bill | None = None) -> Entry | Refused:
        told = asked(text, self.till, bill=bill, now_us=self.at_us)
        if isinstance(told, Refused):
            return told
        entry = self.till.entry(text, told)
        self.till = self.till.with_entry(entry, told.told)
        self.entries.append(entry)
        return entry

    def took(self, text: str, *, bill: Bill | None = None) -> Entry:
        entry = self.take(text, bill=bill)
        assert isinstance(entry, Entry), entry
        return entry
