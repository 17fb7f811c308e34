"""An order: the cart, the quote it was placed at, and how far it has come."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from quanyu.clock import format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.loyalty.programmes import opaque
from quanyu.promotions.orders.buyer import Buyer
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing.cart import Cart, Fen, Word
from quanyu.promotions.pricing.instalments import Plan, plan_of
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.quote import Quote
from quanyu.promotions.pricing.refunds import Paid, Unit
from quanyu.strict import decoded

Identifiers = Annotated[
    dict[str, Annotated[str, Meta(min_length=1, max_length=256)]],
    Meta(min_length=1, max_length=8),
]
Coupons = Annotated[Sequence[Word], Meta(max_length=100)]


class OrderForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a buyer places."""

    order: Word
    """The caller's id; one order each."""
    identifiers: Identifiers
    cart: Cart
    touchpoint: Annotated[str, Meta(min_length=1, max_length=64)]
    coupons: Coupons = ()
    """Ids of coupons that the buyer holds and wants to be looked at."""
    holds: Annotated[Sequence[Word], Meta(max_length=100)] = ()
    """Pieces that flash sales have reserved for this order."""
    programme: str = ""
    """Whose points are spent and earned: ``brand``, or ``platform/stars`` of the ecosystem."""
    show: Annotated[str, Meta(max_length=64)] = ""
    """The live show in which the buyer pressed the button: its offers hold while it is on air."""
    expected_payable: Annotated[int, Meta(ge=0)] | None = None
    """What the buyer was shown: the order is refused when it costs something else."""
    advertised: Annotated[dict[Word, Fen], Meta(max_length=1000)] = {}
    """Line → fen of one unit, as an ad or page showed it: no line may cost more."""

    def __post_init__(self) -> None:
        opaque("order.order", self.order)


def decode_order(text: bytes | str) -> OrderForm:
    """Raises BadInput with the path of the field."""
    return decoded(text, OrderForm, name="order")


class Terms(msgspec.Struct, frozen=True):
    """What does not change after an order is placed."""

    cart: Cart
    quote: Quote
    offers: Mapping[str, Offer]
    """Those that were applied, as they were then."""
    coupons: Mapping[str, str] = {}
    """Coupon → its offer, of those that were applied."""
    holds: Sequence[str] = ()
    programme: str = ""
    instalment_rate: int | None = None
    """Basis points; None when it is paid at once."""
    show: str = ""
    """The show that was on air when it was placed, and that it came from."""

    @property
    def plan(self) -> Plan | None:
        """What the quote tells, with its fee: the same arithmetic."""
        if self.instalment_rate is None:
            return None
        (told,) = self.quote.instalments
        rates = {told.terms: self.instalment_rate}
        plan = plan_of(self.quote.payable, told.terms, bearer=told.fee_bearer, rates=rates)
        assert isinstance(plan, Plan), "it was looked at when the order was placed"
        return plan


class Order(msgspec.Struct, frozen=True):
    id: str
    merchant: str
    holder: Identifier
    """Whom coupons, pieces and vouchers follow: the strongest identifier."""
    touchpoint: str
    terms: Terms
    state: OrderState
    placed_us: int
    deadline_us: int
    """Until then it is paid, or everything it holds is free again."""
    method: str = ""
    refunded_fen: int = 0
    shipping_refunded_fen: int = 0
    shipped: bool = False
    returned: frozenset[Unit] = frozenset()
    buyer: Buyer = Buyer()
    points_fen: tuple[int, ...] = ()
    """What each line of the quote costs its shop for points of the ecosystem; empty: nothing."""

    @property
    def payable_fen(self) -> int:
        return self.terms.quote.payable

    @property
    def paid(self) -> Paid:
        return Paid(
            self.terms.quote,
            self.terms.offers,
            self.returned,
            self.refunded_fen,
            self.shipping_refunded_fen,
            self.shipped,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "order": self.id,
            "state": self.state.value,
            "payable": self.payable_fen,
            "refunded": self.refunded_fen,
            "placed_at": format_iso(self.placed_us),
            "pay_until": format_iso(self.deadline_us),
            "coupons": dict(self.terms.coupons),
            "returned": [{"line": line, "unit": unit} for line, unit in sorted(self.returned)],
            "quote": self.terms.quote.as_json(),
        }
