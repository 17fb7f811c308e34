"""What the server makes of what a till has given without a network. Pure.

The customer has had the discount; what is left to say is who pays for it. A coupon that was in
force is used, at the time at which it happened. Of one that was not, the offer bears the loss
within what it risks per device and shift, the store the rest. A conflict never uses a coupon.
"""

from typing import NamedTuple

from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import AnyCommand, Claim, Coupon, Lost, OnCoupon
from quanyu.promotions.coupons.offline import (
    CLOCK_US_MAX,
    Entry,
    TillRefusal,
    by_the_pass,
    entry_fault,
)
from quanyu.promotions.coupons.passes import Keys, Pass, mark_of, opened
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.coupons.step import Case, Decision, Move, Step, halted, used
from quanyu.promotions.offers.answers import Offer


class Enrolled(NamedTuple):
    """A till as the server knows it."""

    store: str
    revoked: bool
    digests: dict[int, str]
    """Sequence → digest, of the entries next to those of this write."""


class Exposure(NamedTuple):
    """What decides who bears a loss."""

    lost_fen: int
    """Borne by the offer for this device and shift so far."""
    halted_us: int | None
    """Since when the offer stands still; None: it runs."""
    broke: bool = False
    """The offer has no money left for it."""


def claim_of(merchant: str, entry: Entry, *, store: str, keys: Keys) -> AnyCommand | Refused:
    """The command, of an entry that its device has signed as it stands; a pass that this server
    has signed; and the discount that both make. What is not so never reaches a coupon."""
    fault = entry_fault(entry, keys.of_device(merchant, entry.device).public_key())
    if fault is not None:
        return Refused(fault)
    taken = opened(entry.text, keys.of_merchant(merchant).public_key())
    if taken is None:
        return Refused(TillRefusal.FORGED)
    off_fen = by_the_pass(taken, entry.bill, store=store, at_us=entry.at_us)
    if isinstance(off_fen, Refused):
        return off_fen
    if off_fen != entry.discount:
        return Refused(TillRefusal.ALTERED_AMOUNT, have=entry.discount, need=off_fen)
    return _command(merchant, entry, taken=taken, store=store)


def _command(merchant: str, entry: Entry, *, taken: Pass, store: str) -> OnCoupon:
    claim = Claim(
        entry.device, entry.sequence, taken.offer, entry.at_us, entry.discount, taken.mark,
        entry.previous, entry.digest,
    )  # fmt: skip
    return OnCoupon(
        merchant=merchant, request=f"{entry.device}/{entry.sequence}", touchpoint="store",
        verb=Verb.RECONCILE, coupon=taken.coupon, amount_fen=entry.amount,
        lines=tuple(entry.lines), virtual=entry.virtual, store=store, offline=claim,
    )  # fmt: skip


def reconciled(case: Case, device: Enrolled | None, *, exposure: Exposure) -> Decision:
    claim = case.command.offline
    assert claim is not None, "claim_of makes these commands"
    rejected = _rejected(case, claim, device=device)
    if rejected is not None:
        return Refused(rejected)
    halt = _halt(case, claim, since_us=exposure.halted_us)
    reason = halt or _not_in_force(case, claim)
    if reason is None:
        at = case._replace(now_us=claim.at_us)
        return used(at, claim.off_fen)
    no_funds = halt is not None or exposure.broke
    return _lost(case, claim, reason=reason, left_fen=0 if no_funds else _left(case, exposure))


def _rejected(case: Case, claim: Claim, *, device: Enrolled | None) -> str | None:
    if device is None or device.store != case.command.store:
        return TillRefusal.UNKNOWN_DEVICE
    if device.revoked:
        return TillRefusal.DEVICE_REVOKED
    if device.digests.get(claim.sequence - 1, claim.previous) != claim.previous:
        return TillRefusal.BROKEN_CHAIN
    return Reason.NOT_FOUND if case.coupon.offer != claim.offer else None


def _halt(case: Case, claim: Claim, *, since_us: int | None) -> str | None:
    """What was given before the switch was turned is honoured; the time is the till's word, and
    the end of the pass bounds it."""
    if since_us is None or claim.at_us < since_us:
        return None
    return halted(case.offer)


def _not_in_force(case: Case, claim: Claim) -> str | None:
    coupon = case.coupon
    if coupon.state is not State.ISSUED:
        return _STATES[coupon.state]
    if coupon.holder is None or mark_of(coupon.id, coupon.holder) != claim.mark:
        return Reason.NOT_THE_HOLDER
    return None


_STATES: dict[State, str] = {
    State.LOCKED: Reason.LOCKED_BY_OTHER_ORDER,
    State.USED: TillRefusal.ALREADY_USED,
    State.GIFTING: TillRefusal.GIFTING,
    State.EXPIRED: Reason.EXPIRED,
    State.VOID: TillRefusal.VOID,
}


def _left(case: Case, exposure: Exposure) -> int:
    offline = case.offer.template.offline
    assert offline is not None, "passes of other offers are refused before"
    return max(0, offline.per_device_fen - exposure.lost_fen)


def _lost(case: Case, claim: Claim, *, reason: str, left_fen: int) -> Step:
    funder_fen = min(claim.off_fen, left_fen)
    lost = Lost(str(reason), funder_fen, claim.off_fen - funder_fen)
    moves = (Move("fen", "free", "offline_loss", funder_fen),) if funder_fen else ()
    return Step(case.coupon, moves, lost=lost)


def too_early(entry: Entry, now_us: int) -> Refused | None:
    """The same entry may come again when its time has come."""
    late_us = entry.at_us - now_us
    return Refused(TillRefusal.FROM_THE_FUTURE) if late_us > CLOCK_US_MAX else None


def no_pass(coupon: Coupon, offer: Offer, *, now_us: int) -> str | None:
    """Why none is made."""
    if offer.template.offline is None:
        return TillRefusal.NOT_OFFLINE
    if (halt := halted(offer)) is not None:
        return halt
    if coupon.state is not State.ISSUED:
        return Reason.WRONG_STATE
    return Reason.EXPIRED if coupon.expires_us <= now_us else None
