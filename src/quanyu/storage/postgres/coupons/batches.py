"""Batches of printed codes: 10,000 in a transaction, so that a batch shows how far it is and goes
on where it broke off."""

from collections.abc import Callable

import psycopg

from quanyu.promotions.coupons.codes import Codes
from quanyu.promotions.coupons.postings import batch_chain, money_of, places_of_free
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.step import fresh, not_issuing
from quanyu.promotions.offers.answers import Offer
from quanyu.storage.postgres.coupons.batch_rows import CodeBatch, add_rows, begin, locked, moved
from quanyu.storage.postgres.coupons.ground import Ground
from quanyu.storage.postgres.coupons.loading import Loader
from quanyu.storage.postgres.killpoints import killpoint

CHUNK = 10_000


Told = Callable[[int], None]


class Batches:
    def __init__(self, ground: Ground, loader: Loader, *, codes: Codes) -> None:
        self._ground = ground
        self._loader = loader
        self._codes = codes

    def find(self, merchant: str, batch: str) -> CodeBatch | None:
        with self._ground.database.transaction() as tx:
            return locked(tx, merchant, batch=batch)

    def make(self, wanted: CodeBatch, told: Told) -> CodeBatch | Refused:
        """Refused as a whole when the caps do not hold all of it; what others take meanwhile may
        still end it early, and then ``made`` says how far it came."""
        begun = self._begin(wanted)
        while isinstance(begun, CodeBatch) and begun.made < begun.pieces:
            told(begun.made)
            begun = self._chunk(begun)
        if isinstance(begun, CodeBatch):
            told(begun.made)
        return begun

    def _begin(self, wanted: CodeBatch) -> CodeBatch | Refused:
        with self._ground.database.transaction() as tx:
            known = locked(tx, wanted.merchant, batch=wanted.batch)
            if known is not None:
                same = (known.offer, known.pieces) == (wanted.offer, wanted.pieces)
                return known if same else Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)
            found = self._offer(tx, wanted)
            if isinstance(found, Refused):
                return found
            short = self._short(tx, found[1], pieces=wanted.pieces)
            if short is None:
                begin(tx, wanted, offer_no=found[0])
        return short or wanted

    def _chunk(self, at: CodeBatch) -> CodeBatch | Refused:
        with self._ground.database.transaction() as tx:
            now = locked(tx, at.merchant, batch=at.batch)
            found = self._offer(tx, at)
            if now is None or isinstance(found, Refused) or now.made >= now.pieces:
                return found if isinstance(found, Refused) else now or at
            offer_no, offer = found
            pieces = min(CHUNK, now.pieces - now.made)
            killpoint("codes.locked")
            if not self._ground.posted(
                tx, batch_chain(offer, (now.batch, now.made), pieces=pieces)
            ):
                return Refused(Reason.CAP_PIECES, have=now.made, need=now.pieces)
            killpoint("codes.posted")
            self._add(tx, now, offer=offer, numbers=(offer_no, pieces))
            killpoint("codes.added")
        killpoint("codes.committed")
        return now._replace(made=now.made + pieces)

    def _offer(self, tx: psycopg.Connection, batch: CodeBatch) -> tuple[int, Offer] | Refused:
        found = self._loader.offer(tx, batch.merchant, offer=batch.offer)
        if found is None:
            return Refused(Reason.NOT_FOUND)
        return not_issuing(found[1], self._ground.clock.now_us()) or found

    def _short(self, tx: psycopg.Connection, offer: Offer, *, pieces: int) -> Refused | None:
        """Which cap does not hold all of the batch."""
        places = places_of_free(offer)
        balances = self._ground.book.balances(tx, list(places.values()))
        needs = {Reason.CAP_PIECES: pieces, Reason.CAP_MONEY: money_of(offer, pieces)}
        for reason, need in needs.items():
            have = balances[places[reason]].available
            if have < need:
                return Refused(reason, have=have, need=need)
        return None

    def _add(
        self, tx: psycopg.Connection, at: CodeBatch, *, offer: Offer, numbers: tuple[int, int]
    ) -> None:
        offer_no, pieces = numbers
        codes = [
            self._codes.printed(at.merchant, at.batch, number=number)
            for number in range(at.made + 1, at.made + pieces + 1)
        ]
        hashes = [self._codes.hashed(at.merchant, code) for code in codes]
        like = fresh(offer, now_us=self._ground.clock.now_us(), id="")
        lasts = [code[-4:] for code in codes]
        add_rows(tx, at, offer_no=offer_no, like=like, codes=(hashes, lasts))
        moved(tx, at, made=at.made + pieces)
