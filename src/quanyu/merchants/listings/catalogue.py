"""The catalogue of a merchant: each item and store passes the gate before it is stored."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from quanyu.clock import Clock
from quanyu.compliance.doorkeeper import Doorkeeper, Page
from quanyu.compliance.industries import UNKNOWN
from quanyu.compliance.showing import Unlawful
from quanyu.compliance.verdict import Verdict
from quanyu.errors import BadInput, NotFound
from quanyu.events.once import Transactions
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.ports import Entry, Listing, ListingStore
from quanyu.strict import converted

Tx = TypeVar("Tx")
BATCH_MAX = 1_000
PAGE_MAX = 1_000
SHOWN = 20
Row = tuple[int, Any]
"""(Line or place in the file, document), where BadInput stands for what cannot be read."""
Told = Callable[[int], object]


class Put(msgspec.Struct, frozen=True):
    """What a batch has done."""

    received: int
    changed: int
    """New ones too; the rest stood there already, to the letter."""


@dataclass(slots=True)
class Tally:
    """What an import has done."""

    received: int = 0
    changed: int = 0
    rejected: int = 0
    unlawful: int = 0
    """Of those rejected."""
    first: list[tuple[int, BadInput]] = field(default_factory=list)
    """Lines of the first few that were refused, and why."""

    def refuse(self, line: int, why: BadInput) -> None:
        self.rejected += 1
        self.unlawful += isinstance(why, Unlawful)
        if len(self.first) < SHOWN:
            self.first.append((line, why))


class Catalogue(Generic[Tx]):
    def __init__(
        self,
        transactions: Transactions[Tx],
        store: ListingStore[Tx],
        *,
        door: Doorkeeper,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._door = door
        self._clock = clock

    def put(self, merchant: str, listings: Sequence[Listing], *, place: str) -> Put:
        """All of them, or none. ``place`` names the batch in the answer. Raises BadInput, and
        Unlawful."""
        if not 1 <= len(listings) <= BATCH_MAX:
            raise BadInput(place, f"send 1 to {BATCH_MAX} at a time")
        twice = repeated(listings)
        if twice is not None:
            raise BadInput(f"{place}[{twice}].id", "it stands in the batch already")
        for number, verdict in enumerate(self._judged(merchant, listings)):
            if not verdict.may_be_shown:
                where = place if len(listings) == 1 else f"{place}[{number}]"
                raise Unlawful(where, verdict)
        return Put(len(listings), self._keep(merchant, listings))

    def bring(
        self, merchant: str, rows: Iterable[Row], *, form: type[Entry], told: Told = lambda n: None
    ) -> Tally:
        """A file of any length: what is good is stored, what is not is told with its line. The
        last one of an id counts."""
        tally = Tally()
        for batch in batches(rows, BATCH_MAX):
            read = list(self._read(batch, form, tally=tally))
            good = self._lawful(merchant, read, tally=tally)
            tally.received += len(batch)
            if good:
                tally.changed += self._keep(merchant, list({one.id: one for one in good}.values()))
            told(len(batch))
        if tally.received == 0:
            raise BadInput("file", "it holds no rows")
        return tally

    def find(self, merchant: str, form: type[Entry], *, id: str) -> Entry:
        """Raises NotFound."""
        with self._transactions.transaction() as tx:
            found = self._store.find(tx, merchant, form=form, ids=[id])
        if not found:
            raise NotFound(f"{form.KIND} {id[:64]!r}; see `quanyu {form.KIND} list`")
        return found[0]

    def page(
        self, merchant: str, form: type[Entry], *, after: str = "", limit: int = 100
    ) -> Sequence[Entry]:
        """By id, from the first one after ``after``."""
        if not 1 <= limit <= PAGE_MAX:
            raise BadInput("limit", f"use 1 to {PAGE_MAX}")
        with self._transactions.transaction() as tx:
            return self._store.page(tx, merchant, form=form, after=(after, limit))

    def stream(self, merchant: str, form: type[Entry]) -> Iterator[Entry]:
        """All of them by id, for who loads the whole catalogue."""
        with self._transactions.transaction() as tx:
            yield from self._store.stream(tx, merchant, form=form)

    def shown(self, merchant: str) -> Iterator[Page]:
        """Of items on sale, without their prices: those are compared with what was paid before
        the comparison began."""
        with self._transactions.transaction() as tx:
            for item in self._store.offered(tx, merchant):
                yield msgspec.structs.replace(page_of(item), prices=())

    def _keep(self, merchant: str, listings: Sequence[Listing]) -> int:
        with self._transactions.transaction() as tx:
            return self._store.put(tx, merchant, listings=listings, at_us=self._clock.now_us())

    def _judged(self, merchant: str, listings: Sequence[Listing]) -> Sequence[Verdict]:
        return self._door.judge(merchant, [page_of(one) for one in listings])

    def _read(
        self, batch: Sequence[Row], form: type[Entry], *, tally: Tally
    ) -> Iterator[tuple[int, Entry]]:
        for line, document in batch:
            try:
                yield line, listing_of(document, form)
            except BadInput as error:
                tally.refuse(line, error)

    def _lawful(
        self, merchant: str, read: Sequence[tuple[int, Entry]], *, tally: Tally
    ) -> list[Entry]:
        verdicts = self._judged(merchant, [one for _, one in read])
        good = []
        for (line, one), verdict in zip(read, verdicts, strict=True):
            if verdict.may_be_shown:
                good.append(one)
            else:
                tally.refuse(line, Unlawful(one.KIND, verdict))
        return good


def listing_of(document: Any, form: type[Entry], *, place: str = "") -> Entry:
    """Out of a parsed document. Raises BadInput with the path of the field."""
    if isinstance(document, BadInput):
        raise document
    name = place or form.KIND
    made = converted(document, form, name=name)
    try:
        made.check()
    except BadInput as error:
        raise BadInput(f"{name}.{error.field}", error.mend) from None
    return made


def page_of(listing: Listing) -> Page:
    """What its page shows. The number of an item is what the law asks of a product."""
    numbers = (listing.registration,) if isinstance(listing, Item) and listing.registration else ()
    return Page(
        kind=listing.KIND,
        id=listing.id,
        texts={field: text for field, text in listing.texts() if text},
        industry=listing.industry or UNKNOWN,
        shops=(listing.shop,),
        prices=listing.prices(),
        numbers=numbers,
    )


def repeated(listings: Sequence[Listing]) -> int | None:
    """Place of the first id that comes a second time."""
    seen: set[str] = set()
    for place, one in enumerate(listings):
        if one.id in seen:
            return place
        seen.add(one.id)
    return None


def batches(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch
