"""The parts of coupons over one database, put together."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.coupons.codes import Codes
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Outcome
from quanyu.promotions.offers.answers import Offer
from quanyu.storage.postgres.coupons import holding
from quanyu.storage.postgres.coupons.batches import Batches
from quanyu.storage.postgres.coupons.chores import CouponChores
from quanyu.storage.postgres.coupons.ground import Gathering, Ground
from quanyu.storage.postgres.coupons.loading import Loader, Members, Person, nobody, only_itself
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

    def apply(
        self, tx: psycopg.Connection, gathering: Gathering, *, commands: Sequence[AnyCommand]
    ) -> list[Outcome]:
        """Inside the transaction of an order."""
        return self.writer.apply(tx, gathering, commands=commands)

    def held(
        self, tx: psycopg.Connection, merchant: str, *, holder: Identifier, ids: Sequence[str]
    ) -> list[tuple[Coupon, Offer]]:
        """Of these coupons, those of the person, with their offers; the lock judges the rest."""
        return holding.held(tx, merchant, ids=ids, holder=holder, person=self.person)

    def store(self, submit: Callable[[AnyCommand], "Future[Outcome]"]) -> PostgresCoupons:
        return PostgresCoupons(
            self.ground.database, submit, batches=self.batches, person=self.person
        )


def parts(
    ground: Ground, *, codes: Codes, person: Person = only_itself, members: Members = nobody
) -> Parts:
    loader = Loader(person, members=members)
    writer = CouponWriter(ground, loader)
    chores = CouponChores(ground.database, writer, clock=ground.clock)
    return Parts(ground, writer, Batches(ground, loader, codes=codes), chores, person)
