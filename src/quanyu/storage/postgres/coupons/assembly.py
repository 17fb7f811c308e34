"""The parts of coupons over one database, put together."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from quanyu.promotions.coupons.codes import Codes
from quanyu.promotions.coupons.coupon import AnyCommand, Outcome
from quanyu.storage.postgres.coupons.batches import Batches
from quanyu.storage.postgres.coupons.chores import CouponChores
from quanyu.storage.postgres.coupons.ground import Ground
from quanyu.storage.postgres.coupons.loading import Loader, Person, only_itself
from quanyu.storage.postgres.coupons.store import PostgresCoupons
from quanyu.storage.postgres.coupons.writer import CouponWriter

__all__ = ["Ground", "Parts", "parts"]


@dataclass(frozen=True, slots=True)
class Parts:
    ground: Ground
    writer: CouponWriter
    batches: Batches
    chores: CouponChores
    person: Person

    def store(self, submit: Callable[[AnyCommand], "Future[Outcome]"]) -> PostgresCoupons:
        return PostgresCoupons(
            self.ground.database, submit, batches=self.batches, person=self.person
        )


def parts(ground: Ground, *, codes: Codes, person: Person = only_itself) -> Parts:
    loader = Loader(person)
    writer = CouponWriter(ground, loader)
    chores = CouponChores(ground.database, writer, clock=ground.clock)
    return Parts(ground, writer, Batches(ground, loader, codes=codes), chores, person)
