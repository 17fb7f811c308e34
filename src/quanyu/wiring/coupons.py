"""Offers and coupons: the queue of the writer, its chores, and who may be erased from it."""

from functools import cached_property

from quanyu.promotions.coupons.codes import Codes
from quanyu.promotions.coupons.coupon import AnyCommand, Outcome
from quanyu.promotions.coupons.forms import Reader
from quanyu.promotions.coupons.service import CouponService
from quanyu.promotions.offers.service import OfferService
from quanyu.storage.postgres.coupons import assembly
from quanyu.storage.postgres.coupons.reconciling import differences
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.identity.holders import identifiers_of
from quanyu.storage.postgres.offers.chores import settle
from quanyu.storage.postgres.offers.store import PostgresOffers
from quanyu.wiring.loyalty import Loyalty

GROUP_MAX = 500
QUEUE_MAX = 20_000
GATHER_MS = 1


class Coupons(Loyalty):
    @cached_property
    def offer_store(self) -> PostgresOffers:
        return PostgresOffers(self.once, self.book, four_eyes_fen=self.settings.four_eyes_fen)

    @cached_property
    def offers(self) -> OfferService:
        exists = self.audience_holders.exists
        return OfferService(self.offer_store, self.clock, door=self.door, is_audience=exists)

    @cached_property
    def coupon_parts(self) -> assembly.Parts:
        return assembly.parts(
            assembly.Ground(self.database, self.book, self.log, self.clock),
            codes=Codes(self.master_key),
            person=lambda tx, merchant, holder: identifiers_of(tx, merchant, holder=holder),
            members=self.audience_holders.among,
        )

    @cached_property
    def coupon_queue(self) -> GroupCommit[AnyCommand, Outcome]:
        return self._open.enter_context(
            GroupCommit(
                self.disk.guarding(self.coupon_parts.writer.write),
                max_weight=GROUP_MAX,
                queue_max=QUEUE_MAX,
                weight=lambda command: 1,
                gather_ms=GATHER_MS,
            )
        )

    @cached_property
    def coupons(self) -> CouponService:
        store = self.coupon_parts.store(lambda command: self.coupon_queue.submit(command))
        reader = Reader(Codes(self.master_key), self.tokeniser, clock=self.clock)
        return CouponService(store, reader)

    def reconcile_coupons(self) -> int:
        """An offer that does not add up stands still until a person has looked at it."""
        with self.database.transaction() as tx:
            _, found = differences(tx, self.book)
        for difference in found:
            by = self.offers.by("quanyu", "reconcile", note=str(difference))
            self.offers.kill(difference.merchant, difference.offer, killed=True, by=by)
        return len(found)

    def settle_offers(self) -> int:
        return settle(self.database, self.offer_store, now_us=self.clock.now_us())
