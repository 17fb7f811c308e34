"""The commission of hosts in the ledger: booked when the show is closed, and from then on by what
each payment and each return has changed. Each change is posted once.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from quanyu.content.shows.ports import ShowStore
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.desk import Desk
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.postings import Posting
from quanyu.promotions.parties import host_payable, shop_payable
from quanyu.promotions.shows.commission import commission
from quanyu.promotions.shows.ports import Booked, CommissionBook, Due, ShowOrders

Tx = TypeVar("Tx")
EARNED, TAKEN_BACK = "show.commission", "show.commission_back"


def changes(before: Iterable[Due], after: Iterable[Due]) -> list[Due]:
    """What has to be added, by shop and host; less than nothing where it is taken back."""
    fen: Counter[tuple[str, str]] = Counter()
    for one in after:
        fen[one.shop, one.host] += one.amount_fen
    for one in before:
        fen[one.shop, one.host] -= one.amount_fen
    return [Due(*whom, amount) for whom, amount in sorted(fen.items()) if amount]


def posting(merchant: str, show: str, *, step: int, changed: Iterable[Due]) -> Posting:
    """From the shop to the host, or back. ``step`` counts the bookings of the show."""
    found = Posting([], [])
    for one in changed:
        sides = shop_payable(merchant, one.shop), host_payable(merchant, one.host)
        earned = one.amount_fen > 0
        debit, credit = sides if earned else (sides[1], sides[0])
        id = transfer_id(merchant, "show", show, str(step), one.shop, one.host)
        code = EARNED if earned else TAKEN_BACK
        fen = abs(one.amount_fen)
        found.chain.append(Transfer(id, debit.id, credit.id, fen, code, reference=show))
        found.accounts.extend((debit, credit))
    return found


@dataclass(frozen=True, slots=True)
class Commissions(Generic[Tx]):
    desk: Desk[Tx]
    shows: ShowStore[Tx]
    orders: ShowOrders[Tx]
    book: CommissionBook[Tx]

    def close(self, tx: Tx, merchant: str, *, show: str) -> None:
        """In the transaction that closes the archive."""
        work = Gathering(self.desk.book, self.desk.facts)
        booked = self.book.begin(tx, merchant, show=show)
        self._settle(tx, (merchant, show), booked=booked, work=work)
        work.flush(tx)

    def follow(self, tx: Tx, merchant: str, *, show: str, work: Gathering[Tx]) -> None:
        """An order of the show was paid, or units of it came back. Nothing before the close."""
        booked = self.book.locked(tx, merchant, show=show)
        if booked is not None:
            self._settle(tx, (merchant, show), booked=booked, work=work)

    def catch_up(self) -> int:
        """Orders that were cleared or found to be fake after the close; returns how many shows."""
        transactions = self.desk.once.transactions
        with transactions.transaction() as tx:
            waiting = self.book.stale(tx)
        for merchant, show in waiting:
            with transactions.transaction() as tx:
                work = Gathering(self.desk.book, self.desk.facts)
                self.follow(tx, merchant, show=show, work=work)
                work.flush(tx)
        return len(waiting)

    def _settle(
        self, tx: Tx, place: tuple[str, str], *, booked: Booked, work: Gathering[Tx]
    ) -> None:
        merchant, show = place
        standing = self.shows.find(tx, merchant, show=show)
        assert standing is not None, "what was closed is there"
        due = commission(standing.show, self.orders.totals(tx, merchant, show=show)).due
        changed = changes(booked.due, due)
        steps = booked.steps + bool(changed)
        posting(merchant, show, step=steps, changed=changed).into(work, tx)
        booked = Booked(due, steps, self.desk.clock.now_us())
        self.book.put(tx, merchant, show=show, booked=booked)
