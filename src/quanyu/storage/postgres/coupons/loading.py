"""Loads and locks what the commands of one write speak of, always in the same order."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Token
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Issue, OnCoupon
from quanyu.promotions.coupons.deciding import WATCHED, Sight, marks, operation, receiver
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.promotions.offers.terms import Template
from quanyu.storage.postgres.coupons.rows import Row, coupon_of, new_id
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

Person = Callable[[psycopg.Connection, str, Identifier], Sequence[Identifier]]
"""All identifiers of whoever has one: (tx, merchant, holder)."""


class Members(Protocol):
    def __call__(
        self, tx: psycopg.Connection, merchant: str, *, audience: str, holders: Sequence[Identifier]
    ) -> set[Identifier]:
        """Of these, those who are in the audience now."""


_template = msgspec.json.Decoder(Template).decode


only_itself: Person = lambda tx, merchant, holder: [holder]  # noqa: E731


def nobody(
    tx: psycopg.Connection, merchant: str, *, audience: str, holders: Sequence[Identifier]
) -> set[Identifier]:
    """Where there are no audiences."""
    return set()


@dataclass(slots=True)
class Loaded:
    """What is decided on, and the numbers behind the names."""

    sight: Sight
    merchants: dict[str, int]
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    """(merchant, offer) → offer_no"""
    stored: dict[tuple[str, str], Coupon] = field(default_factory=dict)
    """Coupons as they were when they were locked."""
    had: dict[tuple[str, str, Identifier], int] = field(default_factory=dict)
    """Pieces that each holder had before this write."""

    @property
    def names(self) -> dict[int, str]:
        return {number: name for name, number in self.merchants.items()}


class Loader:
    """Remembers decoded templates: the terms of an offer never change."""

    def __init__(self, person: Person = only_itself, *, members: Members = nobody) -> None:
        self._person = person
        self._members = members
        self._templates: dict[bytes, Template] = {}

    def load(
        self,
        tx: psycopg.Connection,
        commands: Sequence[AnyCommand],
        *,
        merchants: dict[str, int],
        now_us: int,
    ) -> Loaded:
        loaded = Loaded(Sight(now_us, new_id), merchants)
        rows = _locked_coupons(tx, commands, merchants=merchants)
        self._offers(tx, commands, loaded=loaded, numbers={row[2] for row in rows})
        self._coupons(loaded, rows)
        self._holders(tx, commands, loaded=loaded)
        self._audiences(tx, commands, loaded=loaded)
        loaded.had = dict(loaded.sight.held)
        _minutes(tx, commands, loaded=loaded)
        _attempts(tx, commands, loaded=loaded)
        return loaded

    def offer(
        self, tx: psycopg.Connection, merchant: str, *, offer: str
    ) -> tuple[int, Offer] | None:
        """(number, offer), shared-locked."""
        number = merchant_no(tx, merchant)
        args: dict[str, list[Any]] = {"numbers": [], "merchants": [number], "offers": [offer]}
        return next(self._found(tx, args, names={number: merchant}), None)

    def _offers(
        self,
        tx: psycopg.Connection,
        commands: Sequence[AnyCommand],
        *,
        loaded: Loaded,
        numbers: set[int],
    ) -> None:
        wanted = {(c.merchant, c.offer) for c in commands if isinstance(c, Issue)}
        args: dict[str, list[Any]] = {
            "numbers": sorted(numbers),
            "merchants": [loaded.merchants[merchant] for merchant, _ in wanted],
            "offers": [offer for _, offer in wanted],
        }
        for number, offer in self._found(tx, args, names=loaded.names):
            loaded.sight.offers[offer.merchant, offer.id] = offer
            loaded.numbers[offer.merchant, offer.id] = number

    def _found(
        self, tx: psycopg.Connection, args: dict[str, list[Any]], *, names: dict[int, str]
    ) -> Iterator[tuple[int, Offer]]:
        rows = tx.execute(sql("coupons/offers"), args).fetchall()
        found = {"numbers": [row[0] for row in rows]}
        tripped = {row[0] for row in tx.execute(sql("coupons/trips"), found)}
        for number, merchant, name, template, state, killed in rows:
            decoded, life = self._decoded(bytes(template)), OfferState(state)
            halted = number in tripped
            yield number, Offer(names[merchant], name, decoded, life, killed, halted)

    def _decoded(self, template: bytes) -> Template:
        if template not in self._templates:
            self._templates[template] = _template(template)
        return self._templates[template]

    def _coupons(self, loaded: Loaded, rows: list[Row]) -> None:
        offers = {number: name for name, number in loaded.numbers.items()}
        for row in rows:
            merchant, offer = offers[row[2]]
            coupon = coupon_of(row, offer)
            loaded.sight.coupons[merchant, coupon.id] = coupon
            loaded.stored[merchant, coupon.id] = coupon
            if row[17] is not None:
                loaded.sight.ids[merchant, bytes(row[17])] = coupon.id

    def _holders(
        self, tx: psycopg.Connection, commands: Sequence[AnyCommand], *, loaded: Loaded
    ) -> None:
        """Locks the counts of all identifiers of the persons who get something."""
        sight = loaded.sight
        wanted: set[tuple[str, str, Identifier]] = set()
        for command in commands:
            place, holder = (command.merchant, _offer_of(sight, command)), command.holder
            if holder is None or place not in loaded.numbers:
                continue
            person = self._person(tx, command.merchant, holder)
            sight.persons[command.merchant, holder] = person
            if receiver(command) is not None:
                wanted.update((*place, one) for one in (*person, holder))
        if not wanted:
            return
        args = {
            "offers": [loaded.numbers[merchant, offer] for merchant, offer, _ in wanted],
            "kinds": [kind for _, _, (kind, _) in wanted],
            "tokens": [token for _, _, (_, token) in wanted],
        }
        tx.execute(sql("coupons/seat_holders"), args)
        offers = {number: name for name, number in loaded.numbers.items()}
        for number, kind, token, pieces in tx.execute(sql("coupons/lock_holders"), args):
            sight.held[(*offers[number], (kind, Token(bytes(token))))] = pieces

    def _audiences(
        self, tx: psycopg.Connection, commands: Sequence[AnyCommand], *, loaded: Loaded
    ) -> None:
        """Who of the holders is in the audience that an offer is for."""
        sight = loaded.sight
        wanted: dict[tuple[str, str], set[Identifier]] = {}
        for command in commands:
            offer = sight.offers.get((command.merchant, _offer_of(sight, command)))
            if offer is None or offer.template.audience is None:
                continue
            holders = wanted.setdefault((command.merchant, offer.template.audience), set())
            if command.holder is not None:
                holders.add(command.holder)
            holders.update(_holder_of(sight, command))
        for (merchant, audience), asked in wanted.items():
            found = self._members(tx, merchant, audience=audience, holders=sorted(asked))
            sight.members[merchant, audience] = found


def numbers_of(tx: psycopg.Connection, commands: Sequence[AnyCommand]) -> dict[str, int]:
    """Merchant → number."""
    return {name: merchant_no(tx, name) for name in sorted({one.merchant for one in commands})}


def _holder_of(sight: Sight, command: AnyCommand) -> Iterator[Identifier]:
    if isinstance(command, OnCoupon):
        coupon = sight.coupons.get((command.merchant, sight.named(command)))
        if coupon is not None and coupon.holder is not None:
            yield coupon.holder


def _locked_coupons(
    tx: psycopg.Connection, commands: Sequence[AnyCommand], *, merchants: dict[str, int]
) -> list[Row]:
    asked = [command for command in commands if isinstance(command, OnCoupon)]
    if not asked:
        return []
    codes = {(merchants[c.merchant], c.code) for c in asked if c.code and not c.coupon}
    args = {
        "ids": sorted({c.coupon for c in asked if c.coupon}),
        "merchants": [merchant for merchant, _ in codes],
        "codes": [code for _, code in codes],
    }
    rows = tx.execute(sql("coupons/lock"), args).fetchall()
    known = set(merchants.values())
    return [row for row in rows if row[1] in known]


def _minutes(tx: psycopg.Connection, commands: Sequence[AnyCommand], *, loaded: Loaded) -> None:
    """Locks the present minute of every value that may grow."""
    sight, wanted = loaded.sight, set()
    for command in commands:
        what = WATCHED.get(operation(command))
        offer = _offer_of(sight, command)
        if what is not None and (command.merchant, offer) in loaded.numbers:
            wanted.add((loaded.numbers[command.merchant, offer], what))
    if not wanted:
        return
    args = {
        "offers": [number for number, _ in sorted(wanted)],
        "whats": [what for _, what in sorted(wanted)],
        "minute": sight.minute,
    }
    tx.execute(sql("coupons/seat_minutes"), args)
    offers = {number: name for name, number in loaded.numbers.items()}
    for number, what, minute, value_fen in tx.execute(sql("coupons/minutes"), args):
        merchant, name = offers[number]
        sight.values[merchant, name, what][minute] = value_fen


def _offer_of(sight: Sight, command: AnyCommand) -> str:
    if isinstance(command, Issue):
        return command.offer
    coupon = sight.coupons.get((command.merchant, sight.named(command)))
    return "" if coupon is None else coupon.offer


def _attempts(tx: psycopg.Connection, commands: Sequence[AnyCommand], *, loaded: Loaded) -> None:
    """Counts the attempts of this write; the sight begins with those before it."""
    counted = Counter(mark for command in commands for mark in marks(command))
    if not counted:
        return
    sight, ordered = loaded.sight, sorted(counted)
    args = {
        "merchants": [loaded.merchants[merchant] for merchant, _, _ in ordered],
        "kinds": [kind for _, kind, _ in ordered],
        "tokens": [token for _, _, token in ordered],
        "attempts": [counted[mark] for mark in ordered],
        "minute": sight.minute,
    }
    names = loaded.names
    for number, kind, token, minute, attempts in tx.execute(sql("coupons/attempts"), args):
        mark = (names[number], kind, bytes(token))
        mine = counted[mark] if minute == sight.minute else 0
        sight.attempts[mark][minute] = attempts - mine
