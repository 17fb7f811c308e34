"""The desk of purchased vouchers: sold by an order, used at a store, the rest given back."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from quanyu.clock import DAY_US
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.events.event import Event
from quanyu.events.recording import Occasion, fact
from quanyu.events.requests import Request
from quanyu.promotions.desk import Desk
from quanyu.promotions.vouchers.codes import VoucherCodes
from quanyu.promotions.vouchers.ports import VoucherStore
from quanyu.promotions.vouchers.postings import VoucherBook
from quanyu.promotions.vouchers.voucher import (
    Use,
    Visit,
    Voucher,
    VoucherProduct,
    VoucherRefusal,
    earned_by,
    page_of,
    refund_refusal,
    undo_refusal,
    use_refusal,
)

Tx = TypeVar("Tx")
TOUCHPOINT = "store"


class Sale(msgspec.Struct, frozen=True):
    """Vouchers that a paid order brings about: one unit of a line each."""

    order: str
    holder: Identifier
    method: str
    unit_cash_fen: tuple[int, ...]
    """What was paid for each unit, in the order of the units."""
    line: str = ""


class Used(msgspec.Struct, frozen=True, tag="used"):
    voucher: str
    use: str
    amount_fen: int
    rest_fen: int


class GivenBack(msgspec.Struct, frozen=True, tag="given_back"):
    """An undone use, or the rest of the price."""

    voucher: str
    amount_fen: int
    rest_fen: int


class Vouchers(Generic[Tx]):
    def __init__(self, desk: Desk[Tx], store: VoucherStore[Tx], *, codes: VoucherCodes) -> None:
        self._desk = desk
        self._store = store
        self._codes = codes

    def on(self, desk: Desk[Tx]) -> "Vouchers[Tx]":
        """The same over another desk: an order gathers what its vouchers post."""
        return Vouchers(desk, self._store, codes=self._codes)

    def define(self, merchant: str, product: VoucherProduct) -> None:
        """What it sells, under the names that holders read. Raises Unlawful."""
        self._desk.door.admit(merchant, page_of(product), place="product")
        with self._desk.once.transactions.transaction() as tx:
            self._store.put_product(tx, merchant, product=product)

    def products(self, tx: Tx, merchant: str, *, items: Sequence[str]) -> dict[str, VoucherProduct]:
        """Which of the items are vouchers."""
        found = self._store.products(tx, merchant, items=items)
        return {product.item: product for product in found}

    def issue(self, tx: Tx, merchant: str, *, product: VoucherProduct, sale: Sale) -> list[Voucher]:
        """In the transaction that books the order's payment; the order tells the fact."""
        expires_us = self._desk.clock.now_us() + product.valid_days * DAY_US
        vouchers = [
            Voucher(
                f"{sale.order}:{sale.line}:{unit}", product, sale.holder, sale.order, paid_fen,
                sale.method, expires_us,
            )
            for unit, paid_fen in enumerate(sale.unit_cash_fen, 1)
        ]  # fmt: skip
        for voucher in vouchers:
            token = self._codes.token(merchant, self._codes.code(merchant, voucher.id))
            self._store.add(tx, merchant, voucher=voucher, code_token=token)
            book = VoucherBook(merchant, voucher)
            self._desk.settle(tx, merchant, chain=book.sold(), accounts=book.accounts)
        return vouchers

    def void(self, tx: Tx, merchant: str, *, voucher: str) -> Refused | None:
        """The order's unit goes back: what it sold is no longer good. One that has been used is
        refunded by itself, not with its order. Nothing for a unit that is no voucher."""
        found = self._store.locked(tx, merchant, voucher=voucher)
        if found is None:
            return None
        if found.refunded or found.used_fen:
            return Refused(VoucherRefusal.USED_ALREADY, have=found.used_fen, need=0)
        self._store.mark_refunded(tx, merchant, voucher=voucher)
        self._desk.settle(tx, merchant, chain=VoucherBook(merchant, found).voided())
        return None

    def use(self, request: Request, code: str, *, visit: Visit) -> Used | Refused:
        """At a store: so much of the face value, at once. Another code under the same key is
        another request; the request itself does not name it."""
        token = self._codes.token(request.merchant, code)
        request = msgspec.structs.replace(request, content=request.content + token)

        def do(tx: Tx) -> Used | Refused:
            id = self._store.id_of_code(tx, request.merchant, code_token=token)
            voucher = id and self._store.locked(tx, request.merchant, voucher=id)
            if not voucher:
                return Refused(VoucherRefusal.NOT_FOUND)
            refusal = use_refusal(voucher, visit)
            return refusal or self._used(tx, request, voucher=voucher, visit=visit)

        return self._desk.once.run(request, do, answer=Used)

    def _used(self, tx: Tx, request: Request, *, voucher: Voucher, visit: Visit) -> Used:
        merchant = request.merchant
        id = f"use_{request.id}"
        use = Use(id, visit, earned_by(voucher, visit.amount_fen))
        self._store.add_use(tx, merchant, voucher=voucher.id, use=use)
        book = VoucherBook(merchant, voucher)
        told = self._told(
            "coupon_redeemed", id, voucher=voucher, at=visit, amount_fen=visit.amount_fen
        )
        self._desk.settle(tx, merchant, chain=book.used(use), facts=[told])
        return Used(voucher.id, id, visit.amount_fen, voucher.rest_fen - visit.amount_fen)

    def undo(self, request: Request, use: str) -> GivenBack | Refused:
        """A scan that was a mistake, within half an hour."""

        def do(tx: Tx) -> GivenBack | Refused:
            found = self._store.locked_use(tx, request.merchant, use=use)
            if found is None:
                return Refused(VoucherRefusal.USE_NOT_FOUND)
            voucher, scan = found
            refusal = undo_refusal(voucher, scan, now_us=self._desk.clock.now_us())
            return refusal or self._undone(tx, request, voucher=voucher, use=scan)

        return self._desk.once.run(request, do, answer=GivenBack)

    def _undone(self, tx: Tx, request: Request, *, voucher: Voucher, use: Use) -> GivenBack:
        merchant, amount_fen = request.merchant, use.visit.amount_fen
        self._store.undo_use(tx, merchant, voucher=voucher.id, use=use)
        book = VoucherBook(merchant, voucher)
        visit = msgspec.structs.replace(use.visit, at_us=self._desk.clock.now_us())
        told = self._told("coupon_returned", f"{use.id}:undone", voucher=voucher, at=visit)
        self._desk.settle(tx, merchant, chain=book.undone(use), facts=[told])
        return GivenBack(voucher.id, amount_fen, voucher.rest_fen + amount_fen)

    def refund(self, request: Request, voucher: str) -> GivenBack | Refused:
        """What has not been used goes back to the buyer, also after the voucher's end."""

        def do(tx: Tx) -> GivenBack | Refused:
            found = self._store.locked(tx, request.merchant, voucher=voucher)
            if found is None:
                return Refused(VoucherRefusal.NOT_FOUND)
            refusal = refund_refusal(found)
            return refusal or self._refunded(tx, request, voucher=found)

        return self._desk.once.run(request, do, answer=GivenBack)

    def _refunded(self, tx: Tx, request: Request, *, voucher: Voucher) -> GivenBack:
        merchant, back_fen = request.merchant, voucher.refundable_fen
        self._store.mark_refunded(tx, merchant, voucher=voucher.id)
        book = VoucherBook(merchant, voucher)
        visit = Visit("", back_fen, self._desk.clock.now_us())
        told = self._told(
            "refund_completed",
            f"{voucher.id}:refund",
            voucher=voucher,
            at=visit,
            amount_fen=back_fen,
        )
        self._desk.settle(tx, merchant, chain=book.refunded(), facts=[told])
        return GivenBack(voucher.id, back_fen, 0)

    def held_by(self, merchant: str, holders: Sequence[Identifier]) -> list[tuple[Voucher, str]]:
        """(Voucher, its code) of everything that these identifiers hold."""
        with self._desk.once.transactions.transaction() as tx:
            found = self._store.of_holders(tx, merchant, holders=holders)
        return [(voucher, self._codes.code(merchant, voucher.id)) for voucher in found]

    def _told(
        self, kind: str, id: str, *, voucher: Voucher, at: Visit, amount_fen: int | None = None
    ) -> Event:
        on = Occasion(at.at_us, TOUCHPOINT, (voucher.holder,))
        item, store = voucher.product.item, at.store or None
        return fact(
            kind, f"voucher:{id}", on=on, offer=item, item=item, store=store, order=voucher.order,
            amount_fen=amount_fen,
        )  # fmt: skip
