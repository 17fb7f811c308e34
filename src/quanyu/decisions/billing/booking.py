"""The money of ads in the book: day → out when a lease is opened, out → revenue in whole fen as it
is earned, out → day when it is closed. Post at most once in a transaction, and late."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from quanyu.decisions.billing.win import MILLI
from quanyu.decisions.campaigns.accounts import ads_revenue, campaign_day, campaign_out
from quanyu.errors import QuanyuError
from quanyu.events.once import Raced
from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Posted
from quanyu.ledger.transfers import Transfer, TransferId, transfer_id

Tx = TypeVar("Tx")


class NotBooked(QuanyuError):
    """The money of an ad could not be booked:"""


class Earning(NamedTuple):
    """What a lease earns now."""

    merchant: str
    campaign: str
    lease: int
    before_millifen: int
    millifen: int

    @property
    def whole_fen(self) -> int:
        """That are completed now; parts of a fen wait, and are forgiven when the lease closes."""
        return (self.before_millifen + self.millifen) // MILLI - self.before_millifen // MILLI

    @property
    def transfer(self) -> Transfer:
        """Its id follows from the lease and what it had earned before, which only grows."""
        before = str(self.before_millifen // MILLI)
        id = transfer_id(self.merchant, "ads.settle", str(self.lease), before)
        return _moved(id, (self.out, ads_revenue()), fen=self.whole_fen, of=self)

    @property
    def out(self) -> Account:
        return campaign_out(self.merchant, self.campaign)


class Over(NamedTuple):
    """A lease of which nothing is held any more."""

    lease: int
    merchant: str
    campaign: str
    day: int
    rest_fen: int

    @property
    def ends(self) -> tuple[Account, Account]:
        return (
            campaign_out(self.merchant, self.campaign),
            campaign_day(self.merchant, self.campaign, day=self.day),
        )

    @property
    def transfer(self) -> Transfer:
        id = transfer_id(self.merchant, "ads.return", str(self.lease))
        return _moved(id, self.ends, fen=self.rest_fen, of=self)


def _moved(
    id: TransferId, ends: tuple[Account, Account], *, fen: int, of: Earning | Over
) -> Transfer:
    code = "ads.settle" if isinstance(of, Earning) else "ads.return"
    return Transfer(id, ends[0].id, ends[1].id, fen, code, reference=of.campaign)


class Booking(Generic[Tx]):
    def __init__(self, book: Book[Tx]) -> None:
        self._book = book

    def lease(self, tx: Tx, merchant: str, *, campaign: str, day: int, fen: int) -> None:
        """Raises Raced when the money is not in the day any more."""
        source, target = campaign_day(merchant, campaign, day=day), campaign_out(merchant, campaign)
        self._book.open(tx, [source, target])
        before = self._book.balances(tx, [source.id]).get(source.id, Balance())
        id = transfer_id(merchant, "ads.lease", source.id, str(before.debits_posted))
        transfer = Transfer(id, source.id, target.id, fen, "ads.lease", reference=campaign)
        (outcome,) = self._book.post(tx, [[transfer]])
        if not isinstance(outcome, Posted) or outcome.repeated:
            raise Raced

    def earn(self, tx: Tx, earnings: Sequence[Earning]) -> None:
        """Raises NotBooked, so that all of it is tried again."""
        whole = [one for one in earnings if one.whole_fen]
        if not whole:
            return
        self._book.open(tx, [ads_revenue(), *dict.fromkeys(one.out for one in whole)])
        outcomes = self._book.post(tx, [[one.transfer] for one in whole])
        for one, outcome in zip(whole, outcomes, strict=True):
            if not isinstance(outcome, Posted):
                raise NotBooked(f"{one.out.id}: {outcome.reason}")
            assert not outcome.repeated, "a win is settled once"

    def give_back(self, tx: Tx, over: Sequence[Over]) -> list[int]:
        """The leases of which nothing is out any more; one whose account is frozen waits."""
        owing = [one for one in over if one.rest_fen]
        done = [one.lease for one in over if not one.rest_fen]
        if owing:
            self._book.open(tx, dict.fromkeys(end for one in owing for end in one.ends))
            outcomes = self._book.post(tx, [[one.transfer] for one in owing])
            for one, outcome in zip(owing, outcomes, strict=True):
                if isinstance(outcome, Posted):
                    done.append(one.lease)
        return done
