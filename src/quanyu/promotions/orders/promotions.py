"""Promotions that apply by themselves, as a merchant declares them."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from quanyu.compliance.doorkeeper import Doorkeeper, Page, names_of
from quanyu.errors import NotFound
from quanyu.events.once import Transactions
from quanyu.promotions.orders.ports import OfferCatalogue
from quanyu.promotions.pricing import Offer

Tx = TypeVar("Tx")


class Promotions(Generic[Tx]):
    def __init__(
        self, transactions: Transactions[Tx], store: OfferCatalogue[Tx], *, door: Doorkeeper
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._door = door

    def all(self, merchant: str) -> Sequence[Offer]:
        """Those that apply now."""
        with self._transactions.transaction() as tx:
            return self._store.active(tx, merchant)

    def shown(self, merchant: str) -> Sequence[Page]:
        """Of all of them, also of those that are withheld."""
        with self._transactions.transaction() as tx:
            return [page_of(one) for one in self._store.all(tx, merchant)]

    def put(self, merchant: str, offer: Offer) -> None:
        """Applies from now on; orders that were placed keep what they were placed under. Quotes
        and traces repeat its names to buyers. Raises Unlawful."""
        self._door.admit(merchant, page_of(offer), place="offer")
        with self._transactions.transaction() as tx:
            self._store.put(tx, merchant, offer=offer)

    def remove(self, merchant: str, offer: str) -> None:
        """Raises NotFound."""
        with self._transactions.transaction() as tx:
            if not self._store.remove(tx, merchant, offer=offer):
                raise NotFound(f"promotion {offer[:80]!r}; see `quanyu promotion list`")


def page_of(offer: Offer) -> Page:
    """The names that quotes and traces repeat."""
    shops = () if offer.shop is None else (offer.shop,)
    return Page(kind="promotion", id=offer.id, texts=names_of(offer), shops=shops)
