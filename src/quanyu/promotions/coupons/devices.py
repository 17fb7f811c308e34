"""Tills that may take coupons while they have no network: enrolled, listed, revoked."""

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from quanyu.clock import format_iso
from quanyu.errors import BadInput, NotFound
from quanyu.events.requests import Request
from quanyu.ledger.accounts import is_account_id
from quanyu.promotions.coupons.offline import Kit, TillRefusal
from quanyu.promotions.coupons.passes import Keys, in_text
from quanyu.promotions.coupons.refusals import Refused
from quanyu.promotions.desk import Desk
from quanyu.promotions.offers.accounts import store_debt

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
STORE_MAX = 128


class Device(msgspec.Struct, frozen=True, tag="device"):
    id: str
    store: str
    added_us: int
    revoked_us: int | None = None

    def as_json(self) -> dict[str, Any]:
        revoked = None if self.revoked_us is None else format_iso(self.revoked_us)
        times = {"added": format_iso(self.added_us), "revoked": revoked}
        return {"device": self.id, "store": self.store, **times}


class DeviceStore(Protocol[In]):
    """The port of devices. Engines live in ``storage``."""

    def add(self, tx: In, merchant: str, *, device: Device) -> None: ...

    def listed(
        self, tx: In, merchant: str, *, store: str | None, device: str | None = None
    ) -> Sequence[Device]: ...

    def revoke(self, tx: In, merchant: str, *, device: Device, at_us: int) -> bool:
        """False when it has been revoked before."""


class Devices(Generic[Tx]):
    def __init__(self, desk: Desk[Tx], store: DeviceStore[Tx], *, keys: Keys) -> None:
        self._desk = desk
        self._store = store
        self._keys = keys

    def add(self, request: Request, store: str) -> Kit | Refused:
        """Opens the account of what the store may come to owe. The secret follows from the
        installation's key, so the same request tells it again and nobody stores it."""
        if not is_account_id(store) or len(store) > STORE_MAX:
            raise BadInput("store", f"use 1 to {STORE_MAX} letters, digits and _ . : -")

        def do(tx: Tx) -> Device:
            device = Device(f"d_{request.id}", store, self._desk.clock.now_us())
            self._store.add(tx, request.merchant, device=device)
            self._desk.book.open(tx, [store_debt(request.merchant, store)])
            return device

        done = self._desk.once.run(request, do, answer=Device)
        return done if isinstance(done, Refused) else self._kit(request.merchant, done)

    def _kit(self, merchant: str, device: Device) -> Kit:
        secret = self._keys.of_device(merchant, device.id).private_bytes_raw()
        public = self._keys.of_merchant(merchant).public_key().public_bytes_raw()
        return Kit(merchant, device.store, device.id, in_text(secret), in_text(public))

    def listed(self, merchant: str, store: str | None = None) -> Sequence[Device]:
        with self._desk.once.transactions.transaction() as tx:
            return self._store.listed(tx, merchant, store=store)

    def find(self, merchant: str, device: str) -> Device | None:
        with self._desk.once.transactions.transaction() as tx:
            found = self._store.listed(tx, merchant, store=None, device=device)
        return next(iter(found), None)

    def revoke(
        self, request: Request, device: str, *, store: str | None = None
    ) -> Device | Refused:
        """Nothing more is taken from it, not even what it took before: reconcile first, if you can.
        Raises NotFound, also for a device of another store."""

        def do(tx: Tx) -> Device | Refused:
            at_us = self._desk.clock.now_us()
            found = self._store.listed(tx, request.merchant, store=store, device=device)
            if not found:
                raise NotFound(f"device {device[:40]!r}; see `quanyu coupon device list`")
            if not self._store.revoke(tx, request.merchant, device=found[0], at_us=at_us):
                return Refused(TillRefusal.DEVICE_REVOKED)
            return msgspec.structs.replace(found[0], revoked_us=at_us)

        return self._desk.once.run(request, do, answer=Device)
