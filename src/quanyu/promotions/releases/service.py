"""Releases as a merchant declares them. They count for the next order; placed ones stay placed."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from quanyu.compliance.doorkeeper import Doorkeeper, Page, names_of
from quanyu.errors import NotFound
from quanyu.events.once import Transactions
from quanyu.promotions.releases.ports import ReleaseStore
from quanyu.promotions.releases.release import Release

Tx = TypeVar("Tx")


class Releases(Generic[Tx]):
    def __init__(
        self, transactions: Transactions[Tx], store: ReleaseStore[Tx], *, door: Doorkeeper
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._door = door

    def put(self, merchant: str, releases: Sequence[Release]) -> None:
        """All of them, or none. Raises Unlawful."""
        for one in releases:
            page = Page(kind="release", id=one.id, texts=names_of(one))
            self._door.admit(merchant, page, place="release")
        with self._transactions.transaction() as tx:
            for one in releases:
                self._store.put(tx, merchant, release=one)

    def all(self, merchant: str) -> Sequence[Release]:
        with self._transactions.transaction() as tx:
            return self._store.all(tx, merchant)

    def remove(self, merchant: str, release: str) -> None:
        """What it held back can be bought. Raises NotFound."""
        with self._transactions.transaction() as tx:
            if not self._store.remove(tx, merchant, release=release):
                raise NotFound(f"release {release[:80]!r}; see `quanyu release list`")
