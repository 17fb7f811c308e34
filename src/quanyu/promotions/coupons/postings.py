"""A step in the words of the book."""

from quanyu.ledger.refusals import Outcome, Posted, Refusal
from quanyu.ledger.refusals import Refused as NotPosted
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.coupons.coupon import AnyCommand, OnCoupon
from quanyu.promotions.coupons.deciding import operation
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.step import Step, issuing
from quanyu.promotions.offers.accounts import account, store_debt
from quanyu.promotions.offers.answers import Offer


def chain(command: AnyCommand, decided: Step) -> list[Transfer]:
    code = f"coupon.{operation(command)}"
    return [*_moved(command, decided, code=code), *_owed(command, decided, code=code)]


def _owed(command: AnyCommand, decided: Step, *, code: str) -> list[Transfer]:
    """What a store owes for discounts that nobody else bears."""
    lost = decided.lost
    if lost is None or not lost.store_fen:
        return []
    assert isinstance(command, OnCoupon), "only tills lose"
    merchant, coupon = command.merchant, decided.coupon
    return [
        Transfer(
            transfer_id(merchant, code, command.request, "store"),
            store_debt(merchant, command.store or "").id,
            account(merchant, coupon.offer, unit="fen", place="offline_debt"),
            lost.store_fen,
            code,
            reference=coupon.id,
        )
    ]


def _moved(command: AnyCommand, decided: Step, *, code: str) -> list[Transfer]:
    coupon = decided.coupon
    return [
        Transfer(
            transfer_id(command.merchant, code, command.request, str(index)),
            account(command.merchant, coupon.offer, unit=move.unit, place=move.source),
            account(command.merchant, coupon.offer, unit=move.unit, place=move.target),
            move.amount,
            code,
            reference=coupon.id,
        )
        for index, move in enumerate(decided.moves)
    ]


_STANDS = {one for one in Refusal if one.startswith("exists_with")} | {Refusal.CHAIN_PARTLY_EXISTS}


def stands_already(outcome: Outcome) -> bool:
    """The key is in the book, with this content or another: the next try finds its answer."""
    return outcome.repeated if isinstance(outcome, Posted) else outcome.reason in _STANDS


def cap_reached(outcome: NotPosted, decided: Step) -> Refused:
    """Only the caps can say no; anything else is a defect."""
    assert outcome.reason is Refusal.EXCEEDS_BALANCE, outcome
    unit = decided.moves[outcome.index].unit
    return Refused(Reason.CAP_PIECES if unit == "pieces" else Reason.CAP_MONEY)


def batch_chain(offer: Offer, at: tuple[str, int], *, pieces: int) -> list[Transfer]:
    """So many pieces in one go; ``at``: the batch and how far it was."""
    batch, made = at
    return [
        Transfer(
            transfer_id(offer.merchant, "coupon.codes", batch, str(made), move.unit),
            account(offer.merchant, offer.id, unit=move.unit, place=move.source),
            account(offer.merchant, offer.id, unit=move.unit, place=move.target),
            move.amount,
            "coupon.codes",
            reference=batch,
        )
        for move in issuing(offer.template.face_fen, pieces=pieces)
    ]


def places_of_free(offer: Offer) -> dict[Reason, str]:
    """Cap → the account that says what is left of it."""
    units = {Reason.CAP_PIECES: "pieces", Reason.CAP_MONEY: "fen"}
    return {
        reason: account(offer.merchant, offer.id, unit=unit, place="free")
        for reason, unit in units.items()
    }


def money_of(offer: Offer, pieces: int) -> int:
    return offer.template.face_fen * pieces
