"""Where vouchers are kept. Engines live in ``storage``."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.vouchers.voucher import Use, Voucher, VoucherProduct

Tx = TypeVar("Tx", contravariant=True)


class VoucherStore(Protocol[Tx]):
    """Every method works in the transaction of the caller and for one merchant."""

    def put_product(self, tx: Tx, merchant: str, *, product: VoucherProduct) -> None:
        """New or changed; vouchers that were sold keep the terms they were sold under."""

    def products(self, tx: Tx, merchant: str, *, items: Sequence[str]) -> list[VoucherProduct]: ...

    def add(self, tx: Tx, merchant: str, *, voucher: Voucher, code_token: bytes) -> None: ...

    def locked(self, tx: Tx, merchant: str, *, voucher: str) -> Voucher | None:
        """By its id; nobody else changes it until commit."""

    def id_of_code(self, tx: Tx, merchant: str, *, code_token: bytes) -> str | None: ...

    def of_holders(
        self, tx: Tx, merchant: str, *, holders: Sequence[Identifier]
    ) -> list[Voucher]: ...

    def add_use(self, tx: Tx, merchant: str, *, voucher: str, use: Use) -> None:
        """Notes the use and moves the voucher's figures with it."""

    def locked_use(self, tx: Tx, merchant: str, *, use: str) -> tuple[Voucher, Use] | None:
        """The use and its voucher, as ``locked``."""

    def undo_use(self, tx: Tx, merchant: str, *, voucher: str, use: Use) -> None: ...

    def mark_refunded(self, tx: Tx, merchant: str, *, voucher: str) -> None: ...

    def forget(self, tx: Tx, merchant: str, *, holders: Sequence[Identifier]) -> int:
        """Puts a fresh pseudonym in the place of each holder; returns how many rows."""
