"""What a command makes of a coupon. Pure: the writer loads, asks here, and stores."""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

import msgspec

from quanyu.promotions.coupons.bills import Place, out_of_place, worth
from quanyu.promotions.coupons.coupon import Coupon, Issue, Lost, OnCoupon
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.states import TRANSITIONS, State, Verb
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.offers.lifecycle import OfferState

LOCK_US_DEFAULT = 30 * 60 * 1_000_000
GIFT_US_DEFAULT = 24 * 3600 * 1_000_000


class Move(msgspec.Struct, frozen=True):
    """So much from one account of the offer to another."""

    unit: str
    source: str
    target: str
    amount: int


class Step(msgspec.Struct, frozen=True):
    """The coupon as it becomes, and what that costs."""

    coupon: Coupon
    moves: tuple[Move, ...] = ()
    fact: str | None = None
    before: State | None = None
    """None: it did not exist."""
    rest: Coupon | None = None
    """A new piece, for a part that comes back of a used one."""
    lost: Lost | None = None
    """A till without a network gave something for a coupon that was not in force."""


Decision = Step | Refused


class Case(NamedTuple):
    """What a rule looks at; the coupon after what time has done to it."""

    coupon: Coupon
    offer: Offer
    command: OnCoupon
    now_us: int


_change = msgspec.structs.replace


def moves(face_fen: int, *, fen: tuple[str, str], pieces: tuple[str, str]) -> tuple[Move, ...]:
    return (Move("pieces", *pieces, 1), Move("fen", *fen, face_fen))


def issue(command: Issue, offer: Offer, *, now_us: int, held: int, id: str) -> Decision:
    """``held``: pieces of this offer that the person has had, over all identifiers."""
    reason = _not_issuing(offer, now_us)
    if reason is not None:
        return Refused(reason)
    if command.claim and not offer.template.claimable:
        return Refused(Reason.NOT_CLAIMABLE)
    if held >= offer.template.per_person:
        return Refused(Reason.PER_PERSON_LIMIT, have=held, need=offer.template.per_person)
    coupon = fresh(offer, now_us=now_us, id=id)
    given = _change(coupon, holder=command.holder)
    return Step(given, issuing(given.face_fen), "coupon_issued")


def fresh(offer: Offer, *, now_us: int, id: str) -> Coupon:
    """A piece that nobody holds yet."""
    template = offer.template
    return Coupon(
        no=0, id=id, offer=offer.id, state=State.ISSUED, holder=None, issued_us=now_us,
        expires_us=template.expiry_us(now_us), face_fen=template.face_fen,
    )  # fmt: skip


def issuing(face_fen: int, *, pieces: int = 1) -> tuple[Move, ...]:
    amount_fen = face_fen * pieces
    return (Move("pieces", "free", "out", pieces), Move("fen", "free", "out", amount_fen))


def not_issuing(offer: Offer, now_us: int) -> Refused | None:
    reason = _not_issuing(offer, now_us)
    return None if reason is None else Refused(reason)


def _not_issuing(offer: Offer, now_us: int) -> Reason | None:
    if (halt := halted(offer)) is not None:
        return halt
    if offer.state is OfferState.EXHAUSTED:
        return Reason.CAP_PIECES
    if offer.state is not OfferState.ACTIVE:
        return Reason.OFFER_NOT_ACTIVE
    last_us = offer.template.last_us
    return Reason.EXPIRED if last_us is not None and last_us <= now_us else None


def halted(offer: Offer) -> Reason | None:
    """What stops issuing, locking and redeeming alike."""
    if offer.killed:
        return Reason.KILLED
    if offer.tripped:
        return Reason.BREAKER_TRIPPED
    return Reason.OFFER_PAUSED if offer.state is OfferState.PAUSED else None


def lapsed(coupon: Coupon, now_us: int) -> Coupon:
    """A lock or a gift whose time is over has fallen back, whether or not a chore came by."""
    if coupon.until_us is None or coupon.until_us > now_us:
        return coupon
    state = TRANSITIONS[coupon.state, Verb.LAPSE]
    return _change(coupon, state=state, until_us=None, order=None, gift=None)


def step(coupon: Coupon, offer: Offer, *, command: OnCoupon, now_us: int) -> Decision:
    """The transition, or the first reason against it."""
    verb, now = command.verb, lapsed(coupon, now_us)
    if verb is Verb.LAPSE:
        return Step(now, before=coupon.state) if now != coupon else Refused(Reason.WRONG_STATE)
    if (now.state, verb) not in TRANSITIONS:
        return _wrong_state(now, command)
    over = now.expires_us <= now_us and now.state in (State.ISSUED, State.GIFTING)
    if over and verb is not Verb.EXPIRE:
        return Refused(Reason.EXPIRED)
    decided = _RULES[verb](Case(now, offer, command, now_us))
    if isinstance(decided, Refused):
        return decided
    return _change(decided, before=coupon.state)


def _wrong_state(coupon: Coupon, command: OnCoupon) -> Refused:
    if coupon.state is State.LOCKED and command.order not in (None, coupon.order):
        return Refused(Reason.LOCKED_BY_OTHER_ORDER)
    if coupon.state is State.EXPIRED:
        return Refused(Reason.EXPIRED)
    return Refused(Reason.WRONG_STATE)


def _bind(case: Case) -> Decision:
    if case.coupon.holder is not None:
        return Refused(Reason.ALREADY_BOUND)
    assert case.command.holder is not None, "the door asks who binds"
    return Step(_change(case.coupon, holder=case.command.holder), fact="coupon_issued")


def _gift(case: Case) -> Decision:
    if not case.offer.template.giftable:
        return Refused(Reason.NOT_GIFTABLE)
    if case.command.holder != case.coupon.holder:
        return Refused(Reason.NOT_THE_HOLDER)
    until_us = min(case.now_us + (case.command.ttl_us or GIFT_US_DEFAULT), case.coupon.expires_us)
    return Step(
        _change(case.coupon, state=State.GIFTING, until_us=until_us, gift=case.command.gift)
    )


def _accept(case: Case) -> Decision:
    if case.command.gift != case.coupon.gift:
        return Refused(Reason.BAD_CODE)
    assert case.command.holder is not None, "the door asks who accepts"
    return Step(_settled(case.coupon, holder=case.command.holder))


def _take_back(case: Case) -> Decision:
    if case.command.holder != case.coupon.holder:
        return Refused(Reason.NOT_THE_HOLDER)
    return Step(_settled(case.coupon, holder=case.coupon.holder))


def _settled(coupon: Coupon, **change: object) -> Coupon:
    return _change(coupon, state=State.ISSUED, until_us=None, order=None, gift=None, **change)


def _lock(case: Case) -> Decision:
    """An order of our own says whose it is and was asked which show it comes from; on behalf of an
    outside order nobody can say that the show is on air."""
    reason = _out_of_scope(case)
    if reason is None and case.command.holder is None and case.offer.template.of_a_show:
        reason = Reason.ONLY_IN_ORDERS
    if reason is not None:
        return Refused(reason)
    until_us = case.now_us + (case.command.ttl_us or LOCK_US_DEFAULT)
    locked = _change(case.coupon, state=State.LOCKED, order=case.command.order, until_us=until_us)
    return Step(locked, fact="coupon_locked")


def _unlock(case: Case) -> Decision:
    if case.command.order != case.coupon.order:
        return Refused(Reason.LOCKED_BY_OTHER_ORDER)
    return Step(_settled(case.coupon))


def _use(case: Case) -> Decision:
    """The lock was taken in time, so an expiry between order and payment does not count."""
    if case.command.order != case.coupon.order:
        return Refused(Reason.LOCKED_BY_OTHER_ORDER)
    if (halt := halted(case.offer)) is not None:
        return Refused(halt)
    spent_fen = case.command.amount_fen or 0
    if spent_fen > case.coupon.face_fen:
        return Refused(Reason.OVER_FACE, have=spent_fen, need=case.coupon.face_fen)
    return used(case, spent_fen)


def used(case: Case, spent_fen: int) -> Step:
    """In force for so much, at the time of the case."""
    coupon, command = case.coupon, case.command
    after = _change(
        coupon, state=State.USED, until_us=None, order=command.order, store=command.store,
        used_us=case.now_us, spent_fen=spent_fen,
    )  # fmt: skip
    cost = [
        Move("pieces", "out", "used", 1),
        Move("fen", "out", "spent", spent_fen),
        Move("fen", "out", "free", coupon.face_fen - spent_fen),
    ]
    return Step(after, tuple(move for move in cost if move.amount), "coupon_redeemed")


def _redeem(case: Case) -> Decision:
    reason = _out_of_scope(case)
    if reason is not None:
        return Refused(reason)
    off_fen = worth(case.offer.template, case.command.bill, now_us=case.now_us)
    if isinstance(off_fen, Refused):
        return off_fen
    return used(case, min(off_fen, case.coupon.face_fen))


def _out_of_scope(case: Case) -> Reason | None:
    command = case.command
    at = Place(case.now_us, command.store, command.virtual, command.touchpoint)
    return halted(case.offer) or out_of_place(case.offer.template, at=at)


def _undo(case: Case) -> Decision:
    if case.coupon.order is not None:
        return Refused(Reason.USED_BY_OTHER_ORDER)
    if case.command.store != case.coupon.store:
        return Refused(Reason.WRONG_STORE)
    if case.now_us > (case.coupon.used_us or 0) + case.offer.template.undo_us:
        return Refused(Reason.UNDO_WINDOW_OVER)
    return _came_back(case.coupon, case.now_us)


def _return(case: Case) -> Decision:
    if case.command.order != case.coupon.order:
        return Refused(Reason.USED_BY_OTHER_ORDER)
    if not case.coupon.face_fen:
        return Refused(Reason.WRONG_STATE)
    return _came_back(case.coupon, case.now_us)


def _give_back(case: Case) -> Decision:
    """The piece keeps what stays used; the rest lives until the same end. Nothing new is issued:
    the money was out before, so no cap and no limit is asked."""
    coupon, command = case.coupon, case.command
    amount_fen, spent_fen = command.amount_fen or 0, coupon.spent_fen or 0
    if command.order != coupon.order:
        return Refused(Reason.USED_BY_OTHER_ORDER)
    if coupon.expires_us <= case.now_us:
        return Refused(Reason.EXPIRED)
    if not 0 < amount_fen <= spent_fen:
        return Refused(Reason.OVER_FACE, have=amount_fen, need=spent_fen)
    kept = _change(coupon, face_fen=coupon.face_fen - amount_fen, spent_fen=spent_fen - amount_fen)
    rest = Coupon(
        no=0, id=_rest_id(coupon, command.request), offer=coupon.offer, state=State.ISSUED,
        holder=coupon.holder, issued_us=case.now_us, expires_us=coupon.expires_us,
        face_fen=amount_fen,
    )  # fmt: skip
    cost = (Move("pieces", "minted", "out", 1), Move("fen", "spent", "out", amount_fen))
    return Step(kept, cost, "coupon_returned", rest=rest)


def _rest_id(coupon: Coupon, request: str) -> str:
    """Nobody guesses it who does not know the coupon; the same request makes the same piece."""
    return "c_" + sha256(f"{coupon.id}/{request}".encode()).hexdigest()[:24]


def _came_back(coupon: Coupon, now_us: int) -> Step:
    """Past its end it comes back only to expire: the money is free again, the piece is gone."""
    spent_fen, over = coupon.spent_fen or 0, coupon.expires_us <= now_us
    after = _change(_settled(coupon), store=None, used_us=None, spent_fen=None)
    if over:
        gone = (Move("pieces", "used", "out", 1), Move("pieces", "out", "gone", 1))
        cost = (*gone, Move("fen", "spent", "free", spent_fen))
        after = _change(after, state=State.EXPIRED)
    else:
        cost = (
            Move("pieces", "used", "out", 1),
            Move("fen", "spent", "out", spent_fen),
            Move("fen", "free", "out", coupon.face_fen - spent_fen),
        )
    kept = tuple(move for move in cost if move.amount)
    return Step(after, kept, "coupon_expired" if over else "coupon_returned")


def _end(coupon: Coupon, state: State) -> Step:
    cost = moves(coupon.face_fen, fen=("out", "free"), pieces=("out", "gone"))
    return Step(_change(coupon, state=state), cost)


def _void(case: Case) -> Decision:
    return _end(case.coupon, State.VOID)


def _expire(case: Case) -> Decision:
    if case.coupon.expires_us > case.now_us:
        return Refused(Reason.WRONG_STATE)
    return _change(_end(case.coupon, State.EXPIRED), fact="coupon_expired")


_RULES: dict[Verb, Callable[[Case], Decision]] = {
    Verb.BIND: _bind, Verb.GIFT: _gift, Verb.ACCEPT: _accept, Verb.TAKE_BACK: _take_back,
    Verb.LOCK: _lock, Verb.UNLOCK: _unlock, Verb.USE: _use, Verb.REDEEM: _redeem,
    Verb.UNDO: _undo, Verb.RETURN: _return, Verb.GIVE_BACK: _give_back,
    Verb.VOID: _void, Verb.EXPIRE: _expire,
}  # fmt: skip
