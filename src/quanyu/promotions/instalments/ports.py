"""Where agreements are kept. Engines live in ``storage``."""

from typing import Protocol, TypeVar

from quanyu.promotions.instalments.agreement import Agreement

Tx = TypeVar("Tx", contravariant=True)


class AgreementStore(Protocol[Tx]):
    """Every method works in the transaction of the caller and for one merchant."""

    def add(self, tx: Tx, agreement: Agreement) -> None: ...

    def locked(self, tx: Tx, merchant: str, *, order: str) -> Agreement | None:
        """With its order, whose row keeps both from others until commit."""

    def find(self, tx: Tx, merchant: str, *, order: str) -> Agreement | None: ...

    def change(self, tx: Tx, before: Agreement, *, after: Agreement) -> None:
        """Whatever differs; anything else than ``before`` in the rows is a bug."""
