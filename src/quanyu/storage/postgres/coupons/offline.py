"""Tills without a network: which there are, what they have told, and what it has cost."""

from collections.abc import Sequence

import psycopg

from quanyu.events.once import Raced
from quanyu.promotions.coupons.coupon import AnyCommand, Claim, OnCoupon
from quanyu.promotions.coupons.devices import Device
from quanyu.promotions.coupons.offline import shift_of
from quanyu.promotions.coupons.reconciling import Enrolled
from quanyu.storage.postgres.coupons.loading import Loaded
from quanyu.storage.postgres.coupons.saving import Taken
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresDevices:
    """The port ``DeviceStore``."""

    def add(self, tx: psycopg.Connection, merchant: str, *, device: Device) -> None:
        args = {
            "merchant_no": merchant_no(tx, merchant),
            "device": device.id,
            "store": device.store,
            "at_us": device.added_us,
        }
        tx.execute(sql("coupons/add_device"), args)
        killpoint("devices.added")

    def listed(
        self, tx: psycopg.Connection, merchant: str, *, store: str | None, device: str | None = None
    ) -> list[Device]:
        args = {"merchant_no": known_merchant_no(tx, merchant), "store": store, "device": device}
        return [Device(*row) for row in tx.execute(sql("coupons/devices"), args)]

    def revoke(self, tx: psycopg.Connection, merchant: str, *, device: Device, at_us: int) -> bool:
        """False when it has been revoked before."""
        args = {
            "merchant_no": known_merchant_no(tx, merchant),
            "store": device.store,
            "device": device.id,
            "at_us": at_us,
        }
        revoked = tx.execute(sql("coupons/revoke_device"), args).rowcount
        killpoint("devices.revoked")
        return revoked == 1


Told = tuple[OnCoupon, Claim]


def _told(commands: Sequence[AnyCommand]) -> list[Told]:
    return [
        (command, command.offline)
        for command in commands
        if isinstance(command, OnCoupon) and command.offline is not None
    ]


def load(tx: psycopg.Connection, commands: Sequence[AnyCommand], *, loaded: Loaded) -> None:
    """Locks the tills, last before the book."""
    told = _told(commands)
    if not told:
        return
    names, sight = loaded.names, loaded.sight
    args = {
        "merchants": [loaded.merchants[command.merchant] for command, _ in told],
        "devices": [claim.device for _, claim in told],
        "sequences": [claim.sequence - 1 for _, claim in told],
    }
    for number, device, store, revoked_us in tx.execute(sql("coupons/lock_devices"), args):
        sight.tills[names[number], device] = Enrolled(store, revoked_us is not None, {})
    for number, device, sequence, digest in tx.execute(sql("coupons/neighbours"), args):
        sight.tills[names[number], device].digests[sequence] = digest
    offers = {number: place for place, number in loaded.numbers.items()}
    halts = tx.execute(sql("coupons/halts"), {"numbers": list(offers)})
    sight.halts = {offers[number]: at_us for number, at_us in halts}
    _losses(tx, told, loaded=loaded)


def _losses(tx: psycopg.Connection, told: Sequence[Told], *, loaded: Loaded) -> None:
    known = [
        (command, claim)
        for command, claim in told
        if (command.merchant, claim.offer) in loaded.numbers
    ]
    args = {
        "merchants": [loaded.merchants[command.merchant] for command, _ in known],
        "devices": [claim.device for _, claim in known],
        "offers": [loaded.numbers[command.merchant, claim.offer] for command, claim in known],
        "shifts": [shift_of(claim.at_us) for _, claim in known],
    }
    offers = {number: place for place, number in loaded.numbers.items()}
    for _, device, offer_no, shift, lost_fen in tx.execute(sql("coupons/losses"), args):
        merchant, offer = offers[offer_no]
        loaded.sight.lost[merchant, device, offer, shift] = lost_fen


def save(tx: psycopg.Connection, loaded: Loaded, *, taken: Sequence[Taken]) -> None:
    """Raises Raced for an entry that another process has written meanwhile."""
    told = [
        (one.command, one.command.offline, one.step)
        for one in taken
        if isinstance(one.command, OnCoupon) and one.command.offline is not None
    ]
    if not told:
        return
    lost = [step.lost for _, _, step in told]
    args = {
        "merchants": [loaded.merchants[command.merchant] for command, _, _ in told],
        "devices": [claim.device for _, claim, _ in told],
        "sequences": [claim.sequence for _, claim, _ in told],
        "digests": [claim.digest for _, claim, _ in told],
        "offers": [loaded.numbers[command.merchant, claim.offer] for command, claim, _ in told],
        "coupons": [step.coupon.id for _, _, step in told],
        "times": [claim.at_us for _, claim, _ in told],
        "shifts": [shift_of(claim.at_us) for _, claim, _ in told],
        "reasons": [one and one.reason for one in lost],
        "funders": [one.funder_fen if one else 0 for one in lost],
        "stores": [one.store_fen if one else 0 for one in lost],
    }
    if tx.execute(sql("coupons/add_offline"), args).rowcount < len(told):
        raise Raced
    killpoint("coupons.reconciled")
