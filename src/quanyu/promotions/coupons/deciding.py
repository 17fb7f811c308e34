"""Decides the commands of one write in order, on what was loaded for them. Pure.

The writer holds the locks of everything in ``Sight``; each decision sees what those before it did.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.coupons import brakes
from quanyu.promotions.coupons.coupon import AnyCommand, Claim, Coupon, Issue, OnCoupon
from quanyu.promotions.coupons.offline import shift_of
from quanyu.promotions.coupons.reconciling import Enrolled, Exposure, reconciled
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.coupons.step import Case, Decision, Step, issue, lapsed, step
from quanyu.promotions.offers.answers import Offer

Counts = dict[int, int]
Mark = tuple[str, str, bytes]
"""(merchant, kind, token)"""
FOR_MEMBERS = {"claim", Verb.LOCK, Verb.REDEEM}
"""Operations that an offer for an audience allows its members alone."""
WATCHED = {"claim": "issued", "redeem": "redeemed", "use": "redeemed"}
"""Operation → the value that the breaker watches. What the merchant gives out is a decision of its
own, within the caps; what others take is not."""


def _counts() -> defaultdict[int, int]:
    return defaultdict(int)


def _losses() -> defaultdict[tuple[str, str, str, int], int]:
    return defaultdict(int)


@dataclass(frozen=True, slots=True)
class Trip:
    offer: Offer
    what: str
    window: int
    value_fen: int


@dataclass(slots=True)
class Sight:
    now_us: int
    new_id: Callable[[], str]
    offers: dict[tuple[str, str], Offer] = field(default_factory=dict)
    coupons: dict[tuple[str, str], Coupon] = field(default_factory=dict)
    ids: dict[tuple[str, bytes], str] = field(default_factory=dict)
    """(merchant, hash of a code) → coupon."""
    held: dict[tuple[str, str, Identifier], int] = field(default_factory=dict)
    """(merchant, offer, holder) → pieces that were had."""
    persons: dict[tuple[str, Identifier], Sequence[Identifier]] = field(default_factory=dict)
    values: dict[tuple[str, str, str], defaultdict[int, int]] = field(
        default_factory=partial(defaultdict, _counts)
    )
    """(merchant, offer, issued | redeemed) → fen by minute."""
    attempts: dict[Mark, defaultdict[int, int]] = field(
        default_factory=partial(defaultdict, _counts)
    )
    trips: list[Trip] = field(default_factory=list)
    tills: dict[tuple[str, str], Enrolled] = field(default_factory=dict)
    """(merchant, device) → till."""
    halts: dict[tuple[str, str], int] = field(default_factory=dict)
    """(merchant, offer) → since when it stands still."""
    lost: defaultdict[tuple[str, str, str, int], int] = field(default_factory=_losses)
    """(merchant, device, offer, shift) → fen that the offer has borne."""
    members: dict[tuple[str, str], set[Identifier]] = field(default_factory=dict)
    """(merchant, audience) → of the holders in sight, those who are in it."""
    broke: frozenset[tuple[str, str, str]] = frozenset()
    """(merchant, operation, request) for whose loss an offer has no money left."""

    @property
    def minute(self) -> int:
        return brakes.minute_of(self.now_us)

    def named(self, command: OnCoupon) -> str:
        return command.coupon or self.ids.get((command.merchant, command.code), "")


def operation(command: AnyCommand) -> str:
    if isinstance(command, Issue):
        return "claim" if command.claim else "issue"
    return command.verb


def marks(command: AnyCommand) -> list[Mark]:
    """Under what an attempt counts: claims, and codes that somebody types in."""
    if isinstance(command, Issue):
        if not command.claim:
            return []
        person = ("person", command.holder[1])
    elif command.verb in (Verb.BIND, Verb.ACCEPT) and command.holder is not None:
        person = ("person", command.holder[1])
    elif command.verb is Verb.REDEEM:
        return [(command.merchant, kind, token) for kind, token in command.marks]
    else:
        return []
    return [(command.merchant, kind, token) for kind, token in (person, *command.marks)]


def decide(sight: Sight, command: AnyCommand) -> Decision:
    if _too_fast(sight, command):
        return Refused(Reason.TOO_FAST)
    if isinstance(command, OnCoupon) and command.stale:
        return Refused(Reason.BAD_CODE)
    decided = _issued(sight, command) if isinstance(command, Issue) else _stepped(sight, command)
    if isinstance(decided, Refused):
        return decided
    if _outside_the_audience(sight, command, coupon=decided.coupon):
        return Refused(Reason.NOT_IN_AUDIENCE)
    return _braked(sight, command, decided=decided)


def _outside_the_audience(sight: Sight, command: AnyCommand, *, coupon: Coupon) -> bool:
    """Asked again at each of these: who was a member when the piece came may be none now."""
    audience = sight.offers[command.merchant, coupon.offer].template.audience
    if audience is None or operation(command) not in FOR_MEMBERS:
        return False
    return coupon.holder not in sight.members.get((command.merchant, audience), ())


def _too_fast(sight: Sight, command: AnyCommand) -> bool:
    """Every mark is counted, also after one that is over."""
    fast = False
    for mark in marks(command):
        counts = sight.attempts[mark]
        counts[sight.minute] += 1
        fast |= brakes.too_fast(mark[1], counts, minute=sight.minute)
    return fast


def _issued(sight: Sight, command: Issue) -> Decision:
    offer = sight.offers.get((command.merchant, command.offer))
    if offer is None:
        return Refused(Reason.NOT_FOUND)
    place = (command.merchant, command.offer)
    held = pieces_of_person(sight, place, holder=command.holder)
    return issue(command, offer, now_us=sight.now_us, held=held, id=sight.new_id())


def receiver(command: AnyCommand) -> Identifier | None:
    """Who gets a piece that was nobody's: the limit per person is theirs."""
    if isinstance(command, Issue) or command.verb is Verb.BIND:
        return command.holder
    return None


def pieces_of_person(sight: Sight, place: tuple[str, str], *, holder: Identifier) -> int:
    """``place``: (merchant, offer)."""
    person = sight.persons.get((place[0], holder), (holder,))
    return sum(sight.held.get((*place, one), 0) for one in person)


def _stepped(sight: Sight, command: OnCoupon) -> Decision:
    coupon = sight.coupons.get((command.merchant, sight.named(command)))
    if coupon is None:
        return Refused(Reason.NOT_FOUND)
    offer = sight.offers[command.merchant, coupon.offer]
    if command.offline is not None:
        return _reconciled(sight, Case(coupon, offer, command, sight.now_us), claim=command.offline)
    if _is_strangers(sight, command, coupon=coupon):
        return Refused(Reason.NOT_THE_HOLDER)
    holder = receiver(command)
    if holder is not None:
        held = pieces_of_person(sight, (command.merchant, coupon.offer), holder=holder)
        if held >= offer.template.per_person:
            return Refused(Reason.PER_PERSON_LIMIT, have=held, need=offer.template.per_person)
    return step(coupon, offer, command=command, now_us=sight.now_us)


def _reconciled(sight: Sight, case: Case, *, claim: Claim) -> Decision:
    merchant = case.command.merchant
    shift = (merchant, claim.device, claim.offer, shift_of(claim.at_us))
    exposure = Exposure(
        sight.lost[shift],
        sight.halts.get((merchant, claim.offer)),
        (merchant, operation(case.command), case.command.request) in sight.broke,
    )
    device = sight.tills.get((merchant, claim.device))
    now = case._replace(coupon=lapsed(case.coupon, case.now_us))
    decided = reconciled(now, device, exposure=exposure)
    if isinstance(decided, Refused):
        return decided
    if decided.lost is not None:
        sight.lost[shift] += decided.lost.funder_fen
        decided = msgspec.structs.replace(decided, coupon=case.coupon)
    if device is not None:
        device.digests[claim.sequence] = claim.digest
    return msgspec.structs.replace(decided, before=case.coupon.state)


def _is_strangers(sight: Sight, command: OnCoupon, *, coupon: Coupon) -> bool:
    """An order says whose it is; the coupon may have come under another identifier of theirs."""
    if command.verb is not Verb.LOCK or command.holder is None or coupon.holder is None:
        return False
    person = sight.persons.get((command.merchant, command.holder), ())
    return coupon.holder not in (command.holder, *person)


def _braked(sight: Sight, command: AnyCommand, *, decided: Step) -> Decision:
    """The value that would go over the bound is not given, and nothing after it."""
    what = WATCHED.get(operation(command))
    coupon = decided.coupon
    if what is not None:
        offer = sight.offers[command.merchant, coupon.offer]
        spent_fen = coupon.spent_fen
        value_fen = coupon.face_fen if spent_fen is None else spent_fen
        values = sight.values[command.merchant, coupon.offer, what]
        window = brakes.tripping(offer.template, values, minute=sight.minute, more_fen=value_fen)
        if window is not None:
            total_fen = brakes.within(values, sight.minute, window=window)
            _trip(sight, Trip(offer, what, window, total_fen + value_fen))
            return Refused(Reason.BREAKER_TRIPPED)
        values[sight.minute] += value_fen
    _took_place(sight, command, coupon=coupon)
    return decided


def _trip(sight: Sight, trip: Trip) -> None:
    sight.trips.append(trip)
    offer = msgspec.structs.replace(trip.offer, tripped=True)
    sight.offers[offer.merchant, offer.id] = offer


def _took_place(sight: Sight, command: AnyCommand, *, coupon: Coupon) -> None:
    sight.coupons[command.merchant, coupon.id] = coupon
    holder = receiver(command)
    if holder is not None:
        place = (command.merchant, coupon.offer, holder)
        sight.held[place] = sight.held.get(place, 0) + 1


def rounds(commands: Sequence[AnyCommand]) -> list[list[int]]:
    """Places of the commands, cut where a coupon comes again after a step that the book may yet
    refuse: a return needs money that others may have taken meanwhile."""
    cut: list[list[int]] = [[]]
    unsure: set[str | bytes] = set()
    for place, command in enumerate(commands):
        if isinstance(command, OnCoupon):
            name = command.coupon or command.code
            if unsure and (name in unsure or command.code or command.verb in _BACK):
                cut.append([])
                unsure = set()
            if command.verb in _BACK:
                unsure.add(name)
        cut[-1].append(place)
    return cut


_BACK = (Verb.UNDO, Verb.RETURN)
