"""Points for people: programmes, joining, and what a member may do. One request, one transaction.

Whose points: all purses of the identifiers that are one person now. A purse belongs to the
identifier it came with, so after an unmerge everybody has exactly what was theirs.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.requests import Request
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.answers import Balance, Frozen, Joined
from quanyu.promotions.loyalty.desk import PointsDesk
from quanyu.promotions.loyalty.moves import accounts_of, accounts_of_member
from quanyu.promotions.loyalty.ports import Member, Ports, Tx
from quanyu.promotions.loyalty.programmes import (
    NAME,
    Programme,
    decode_terms,
    joining_refused,
    page_of,
)
from quanyu.promotions.loyalty.standing import balance_at

A = TypeVar("A")
SWEEP = 200
Whose = tuple[Programme | None, list[Member]]
KnownTo = Callable[[str], Sequence[Identifier]]
"""Owner of a programme → somebody's identifiers there, the strongest first."""


class Loyalty(Generic[Tx]):
    def __init__(self, ports: Ports[Tx]) -> None:
        self.ports = ports
        self.desk = PointsDesk(ports)

    def define(self, merchant: str, name: str, *, body: bytes) -> Programme:
        """A programme of the merchant's own, or of the ecosystem for PLATFORM. Raises BadInput,
        and Unlawful."""
        terms = decode_terms(body)
        _named(name)
        self.ports.door.admit(merchant, page_of(name, terms), place="terms")
        with self.ports.transaction() as tx:
            programme = self.ports.purses.put_programme(tx, merchant, name=name, terms=terms)
            self.ports.book.open(tx, accounts_of(programme))
        return programme

    def programmes(self, merchant: str) -> list[Programme]:
        """The merchant's own, then those of the ecosystem."""
        with self.ports.transaction() as tx:
            return list(self._programmes(tx, merchant))

    def programme(self, tx: Tx, merchant: str, *, name: str) -> Programme:
        """``brand`` or ``platform/stars``. Raises NotFound."""
        found = self._find(tx, merchant, name=name)
        if found is None:
            raise NotFound(f"programme {name[:80]!r}; see `quanyu points programme`")
        return found

    def join(self, request: Request, programme: str, *, identifier: str) -> Joined | Refused:
        """Makes the holder a member; the gift is for a person, whatever they come with."""
        return self.once(
            request,
            Joined,
            work=lambda tx, ports: Loyalty(ports)._join(
                tx, request.merchant, who=(programme, identifier)
            ),
        )

    def freeze(
        self, request: Request, programme: str, *, identifier: str, frozen: bool
    ) -> Frozen | Refused:
        """A frozen member earns, and neither spends nor gives away."""

        def work(tx: Tx, ports: Ports[Tx]) -> Frozen:
            _, members = self.members(tx, request.merchant, who=(programme, identifier))
            ports.purses.freeze(tx, [one.id for one in members], frozen=frozen)
            return Frozen(frozen)

        return self.once(request, Frozen, work=work)

    def balance(self, merchant: str, programme: str, *, identifier: str) -> Balance:
        """As of now, whether or not the hourly sweep has been there."""
        with self.ports.transaction() as tx:
            found, members = self.members(tx, merchant, who=(programme, identifier))
            return self._balance(tx, found, members=members)

    def eligibility(self, merchant: str, identifier: str) -> set[str]:
        """What a cart of this person may claim: ``member``, ``member:gold``; of all programmes."""
        with self.ports.transaction() as tx:
            return self.words(tx, merchant, known_to=lambda own: [self._holder(own, identifier)])

    def words(self, tx: Tx, merchant: str, *, known_to: KnownTo, programme: str = "") -> set[str]:
        """The same, of one of the merchant's programmes when it is named, and always of the
        ecosystem's. Raises NotFound."""
        named = self.programme(tx, merchant, name=programme) if programme else None
        words: set[str] = set()
        for one in self._programmes(tx, merchant):
            if named is None or one == named or one.owner == PLATFORM:
                members = self._first_member(tx, one, known_to=known_to)
                words |= self._words(tx, one, members=members)
        return words

    def sweep(self) -> int:
        """What time has brought about, for some members; call again while it returns something."""
        with self.ports.transaction() as tx:
            due = self.ports.purses.due(tx, self.ports.clock.now_us(), limit=SWEEP)
        for programme, member in due:
            with self.ports.transaction() as tx:
                self.desk.sweep(tx, programme, member=member)
        return len(due)

    def members(
        self, tx: Tx, merchant: str, *, who: tuple[str, str]
    ) -> tuple[Programme, list[Member]]:
        """``who``: (programme, identifier). The purse of that identifier comes first.

        Raises NotFound when none of the person's identifiers is a member.
        """
        name, identifier = who
        programme = self.programme(tx, merchant, name=name)
        holder = self._holder(programme.owner, identifier)
        found = self.of_person(tx, programme, holder=holder)
        if not found:
            raise NotFound(f"a member of {name} with that identifier; join first")
        return programme, found

    def once(
        self, request: Request, answer: type[A], *, work: Callable[[Tx, Ports[Tx]], A | Refused]
    ) -> A | Refused:
        """Runs the work under the caller's key: the same key gives the same answer. What it posts
        and tells is written at its end."""

        def do(tx: Tx) -> A | Refused:
            gathering = Gathering(self.ports.book, self.ports.facts)
            result = work(tx, replace(self.ports, book=gathering, facts=gathering))
            if not isinstance(result, Refused):
                gathering.flush(tx)
            return result

        return self.ports.once.run(request, do, answer=answer)

    def _join(self, tx: Tx, merchant: str, *, who: tuple[str, str]) -> Joined | Refused:
        programme = self.programme(tx, merchant, name=who[0])
        if (no := joining_refused(programme)) is not None:
            return no
        holder, now_us = self._holder(programme.owner, who[1]), self.ports.clock.now_us()
        others = self.of_person(tx, programme, holder=holder)
        member, new = self.ports.purses.add_member(tx, programme, holder=holder, at_us=now_us)
        if not new:
            return Joined(member.public_id, False, 0)
        self.ports.book.open(tx, accounts_of_member(programme, member.id))
        points = 0 if others else programme.terms.join_gift
        self.desk.welcome(tx, programme, member=member, points=points)
        return Joined(member.public_id, True, points)

    def _programmes(self, tx: Tx, merchant: str) -> list[Programme]:
        owners = dict.fromkeys((merchant, PLATFORM))
        return [one for owner in owners for one in self.ports.purses.programmes(tx, owner)]

    def _holder(self, owner: str, identifier: str) -> Identifier:
        kind, value = read_identifier(identifier)
        return kind, self.ports.tokeniser_of(owner).token(kind, value)

    def whose(self, tx: Tx, merchant: str, *, name: str, known_to: KnownTo) -> Whose:
        """A programme by its name, if there is one, and the purses of a person there."""
        found = self._find(tx, merchant, name=name)
        return found, [] if found is None else self._first_member(tx, found, known_to=known_to)

    def _find(self, tx: Tx, merchant: str, *, name: str) -> Programme | None:
        owner, slash, short = name.partition("/")
        wanted = (owner, short) if slash and owner == PLATFORM else (merchant, name)
        programmes = self._programmes(tx, merchant)
        return next((one for one in programmes if (one.owner, one.name) == wanted), None)

    def _first_member(self, tx: Tx, programme: Programme, *, known_to: KnownTo) -> list[Member]:
        """Purses of the strongest identifier that is a member: two that nobody has linked may be
        two people, and nobody spends the points of another."""
        for holder in known_to(programme.owner):
            if members := self.of_person(tx, programme, holder=holder):
                return members
        return []

    def of_person(self, tx: Tx, programme: Programme, *, holder: Identifier) -> list[Member]:
        """The purse of that identifier comes first."""
        holders = list({*self.ports.people(tx, programme.owner, holder=holder), holder})
        found = self.ports.purses.members(tx, programme, holders=holders)
        return sorted(found, key=lambda one: (one.holder != holder, one.id))

    def _balance(self, tx: Tx, programme: Programme, *, members: Sequence[Member]) -> Balance:
        shelf = self.ports.purses.load(tx, [one.id for one in members], lock=False)
        return balance_at(programme, shelf, now_us=self.ports.clock.now_us())

    def _words(self, tx: Tx, programme: Programme, *, members: Sequence[Member]) -> set[str]:
        if not members:
            return set()
        tier = self._balance(tx, programme, members=members).tier
        return {"member"} if tier is None else {"member", f"member:{tier}"}


def _named(name: str) -> None:
    if NAME.fullmatch(name) is None:
        raise BadInput("name", "use 1 to 40 of A-Z a-z 0-9 _ . : -")
