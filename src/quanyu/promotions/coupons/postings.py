"""A step in the words of the book."""

from quanyu.ledger.refusals import Refusal
from quanyu.ledger.refusals import Refused as NotPosted
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.coupons.coupon import AnyCommand
from quanyu.promotions.coupons.deciding import operation
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.step import Step
from quanyu.promotions.offers.accounts import account


def chain(command: AnyCommand, decided: Step) -> list[Transfer]:
    code, coupon = f"coupon.{operation(command)}", decided.coupon
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


def cap_reached(outcome: NotPosted, decided: Step) -> Refused:
    """Only the caps can say no; anything else is a defect."""
    assert outcome.reason is Refusal.EXCEEDS_BALANCE, outcome
    unit = decided.moves[outcome.index].unit
    return Refused(Reason.CAP_PIECES if unit == "pieces" else Reason.CAP_MONEY)
