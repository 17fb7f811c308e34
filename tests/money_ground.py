"""Shared ground of the money tests: offers and coupons on a real book."""

from collections.abc import Sequence
from typing import Any

from tests.gates import open_door

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.events.once import Once
from quanyu.ids import Token
from quanyu.promotions.coupons.codes import Codes
from quanyu.promotions.coupons.coupon import Issue, OnCoupon
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.ports import By
from quanyu.promotions.offers.service import OfferService
from quanyu.storage.postgres.coupons.assembly import Ground, parts
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.offers.store import PostgresOffers
from quanyu.storage.postgres.quarantine import Quarantine
from quanyu.storage.postgres.requests import PostgresRequests

SHOP = "tea"
VIP = "vip"
FOUR_EYES_FEN = 10_000_000


def template(id: str = "t1", **change: Any) -> dict[str, Any]:
    """满100减20, a thousand pieces, a week each."""
    benefit = {"amount_off": {"amount": 2000, "threshold": 10_000}}
    terms = {"id": id, "lane": "shop", "kind": "coupon", "benefit": change.pop("benefit", benefit)}
    terms |= change.pop("terms", {})
    whole = {"terms": terms, "pieces": 1000, "money": 2_000_000, "valid_for": "7d", **change}
    return {name: value for name, value in whole.items() if value is not None}


def person(number: int | str) -> tuple[str, Token]:
    return ("taobao_id", Token(f"person-{number}".encode().ljust(16, b"\0")[:16]))


class Desk:
    """Offers and coupons of one database, with short words for what people do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.book = PostgresBook(clock)
        self.log = PostgresEventLog(database, Quarantine(database, bytes(range(32))))
        self.offers = OfferService(
            PostgresOffers(
                Once(database, PostgresRequests()), self.book, four_eyes_fen=FOUR_EYES_FEN
            ),
            clock,
            door=open_door(clock),
            is_audience=lambda merchant, name: name == VIP,
        )
        self.vip: set[Identifier] = set()
        self.ground = Ground(database, self.book, self.log, clock)
        self.codes = Codes(bytes(range(32)))
        self.parts = parts(self.ground, codes=self.codes, members=self.members)
        self.writer = self.parts.writer
        self._keys = 0

    def members(
        self, tx: object, merchant: str, *, audience: str, holders: Sequence[Identifier]
    ) -> set[Identifier]:
        return self.vip & set(holders) if audience == VIP else set()

    def key(self) -> str:
        self._keys += 1
        return f"key-{self._keys}"

    def by(self, actor: str = "lin") -> By:
        return self.offers.by(actor, self.key())

    def publish(self, id: str = "t1", *, merchant: str = SHOP, **change: Any) -> Offer:
        made = self.offers.create(merchant, template(id, **change), actor="lin", request=self.key())
        assert isinstance(made, Offer), made
        self.offers.move(merchant, id, verb="submit", by=self.by("lin"))
        done = self.offers.move(merchant, id, verb="approve", by=self.by("wang"))
        assert isinstance(done, Offer), done
        return done

    def issue(self, who: int | str = 1, *, offer: str = "t1", **change: Any) -> Any:
        asked = {"merchant": SHOP, "request": self.key(), **change}
        command = Issue(offer=offer, holder=person(who), **asked)
        return self.writer.write([command])[0]

    def issued(self, who: int | str = 1, *, offer: str = "t1", **change: Any) -> str:
        coupon: str = self.issue(who, offer=offer, **change).coupon.id
        return coupon

    def act(self, verb: Verb, coupon: str = "", **change: Any) -> Any:
        return self.writer.write([self.command(verb, coupon, **change)])[0]

    def command(self, verb: Verb, coupon: str = "", **change: Any) -> OnCoupon:
        asked = {"merchant": SHOP, "request": self.key(), **change}
        return OnCoupon(verb=verb, coupon=coupon, **asked)

    def balances(self, offer: str = "t1", *, merchant: str = SHOP) -> dict[str, int]:
        return self.offers.balances(merchant, offer)

    def told(self) -> list[str]:
        return [one.event.kind for one in self.log.read(0, 10_000)]
