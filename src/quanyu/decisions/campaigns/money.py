"""The money of campaigns in the book, in the caller's transaction: purses, and what is planned in
``moving_money``. Nothing is made or lost: what leaves one account stands in another."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from quanyu.decisions.campaigns.accounts import ads_paid_in, ads_purse
from quanyu.decisions.campaigns.moving_money import EMPTY, Place, Plan
from quanyu.decisions.campaigns.record import Purse
from quanyu.events.once import Raced
from quanyu.events.requests import Request
from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Posted
from quanyu.ledger.transfers import Transfer, transfer_id

Tx = TypeVar("Tx")


class Purses(Generic[Tx]):
    """Post at most once in a transaction, and late: the book locks its head until commit."""

    def __init__(self, book: Book[Tx]) -> None:
        self._book = book

    def fund(self, tx: Tx, request: Request, *, advertiser: str, fen: int) -> Purse:
        """Of a payment that has come in."""
        source, purse = ads_paid_in(request.merchant), ads_purse(request.merchant, advertiser)
        self._book.open(tx, [source, purse])
        id = transfer_id(request.merchant, "ads.fund", request.key)
        self._post(tx, [Transfer(id, source.id, purse.id, fen, "ads.fund", reference=request.id)])
        return self.purse(tx, request.merchant, advertiser=advertiser)

    def purse(self, tx: Tx, merchant: str, *, advertiser: str) -> Purse:
        id = ads_purse(merchant, advertiser).id
        return Purse(advertiser, self._book.balances(tx, [id]).get(id, EMPTY).available)

    def plan(self, tx: Tx, place: Place, *, given: Mapping[int, int], code: str) -> Plan:
        """On the balances of now; they are read without a lock."""
        named = [place.purse, place.total, place.out, *(place.day(day) for day in given)]
        balances = self._book.balances(tx, [one.id for one in named])
        return Plan(place, dict(given), balances, place.standing.committed_fen, code)

    def carry_out(self, tx: Tx, plan: Plan) -> None:
        """Raises Raced when somebody has moved the money meanwhile."""
        if not plan.transfers:
            return
        place = plan.at
        days = [place.day(day) for day in plan.given]
        self._book.open(tx, [place.purse, place.total, place.out, *days])
        self._post(tx, plan.transfers)

    def _post(self, tx: Tx, chain: list[Transfer]) -> None:
        (outcome,) = self._book.post(tx, [chain])
        if not isinstance(outcome, Posted) or outcome.repeated:
            raise Raced
