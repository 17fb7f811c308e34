"""How an order stands in the ledger: what comes in, who is owed what, who bears which discount."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from quanyu.ledger.accounts import Account
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.shared_points import given_back, owed
from quanyu.promotions.parties import clearing, forgone, given, platform_payable, shop_payable
from quanyu.promotions.pricing.refunds import Refund, Unit

Tx = TypeVar("Tx")


class Posting(NamedTuple):
    chain: list[Transfer]
    accounts: list[Account]

    def into(self, work: Gathering[Tx], tx: Tx) -> None:
        """Written with everything else of the step."""
        if self.chain:
            work.open(tx, self.accounts)
            work.post(tx, [self.chain])


def paid(order: Order) -> Posting:
    """Cash to the shops, the platform's share of discounts from the platform, and, as a memo, the
    list prices that shops forgo."""
    return _written(order, _paid(order), step="paid")


def refunded(order: Order, refund: Refund, *, key: str) -> Posting:
    """The same the other way round, for the units that come back."""
    return _written(order, _refunded(order, refund), step=f"refunded:{key}")


def points_earned(order: Order) -> Posting:
    """Shops pay the platform for the points of the ecosystem that were earned with them."""
    moves = _for_points(order, owed(order))
    return _written(order, moves, step="paid")


def points_taken_back(order: Order, units: Collection[Unit], *, key: str) -> Posting:
    """The platform pays back for the units that come back."""
    moves = _for_points(order, given_back(order, units))
    turned = ((what, credit, debit, fen) for what, debit, credit, fen in moves)
    return _written(order, turned, step=f"refunded:{key}")


Move = tuple[str, Account, Account, int]
"""(What, from, to, fen)"""


def _paid(order: Order) -> Iterator[Move]:
    quote = order.terms.quote
    for shop, owed_fen in sorted(quote.settlement.items()):
        payable = shop_payable(order.merchant, shop)
        cash_fen = cash_of(order, shop)
        yield f"cash:{shop}", clearing(order.method), payable, cash_fen
        yield f"platform:{shop}", platform_payable(), payable, owed_fen - cash_fen
    for shop, own_fen in sorted(quote.funded["merchant"].items()):
        memo = given(order.merchant, shop), forgone(order.merchant, shop)
        yield f"merchant:{shop}", *memo, own_fen


def cash_of(order: Order, shop: str) -> int:
    quote = order.terms.quote
    goods = sum(line.cash for line in quote.lines if line.shop == shop)
    return goods + sum(one.cash for one in quote.shipments if one.shop == shop)


def _refunded(order: Order, refund: Refund) -> Iterator[Move]:
    for shop, back in sorted(refund.shops.items()):
        payable = shop_payable(order.merchant, shop)
        yield f"cash:{shop}", payable, clearing(order.method), back.cash_fen
        yield f"platform:{shop}", payable, platform_payable(), back.platform_fen
        memo = forgone(order.merchant, shop), given(order.merchant, shop)
        yield f"merchant:{shop}", *memo, back.merchant_fen


def _for_points(order: Order, by_shop: Mapping[str, int]) -> Iterator[Move]:
    for shop, fen in sorted(by_shop.items()):
        yield f"points:{shop}", shop_payable(order.merchant, shop), platform_payable(), fen


def _written(order: Order, moves: Iterable[Move], *, step: str) -> Posting:
    """Nothing is posted where no fen moves."""
    found = Posting([], [])
    for what, debit, credit, fen in moves:
        if fen:
            id = transfer_id(order.merchant, "order", order.id, step, what)
            code = f"order.{step.partition(':')[0]}.{what.partition(':')[0]}"
            found.chain.append(Transfer(id, debit.id, credit.id, fen, code, reference=order.id))
            found.accounts.extend((debit, credit))
    return found
