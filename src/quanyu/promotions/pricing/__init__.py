"""What a cart costs, to the fen and with every reason. Pure: no database, clock or chance."""

from quanyu.promotions.pricing.cart import Cart, Line, Payment, Shipment, decode_cart
from quanyu.promotions.pricing.evaluating import evaluate
from quanyu.promotions.pricing.index import OfferIndex
from quanyu.promotions.pricing.offers import Offer, decode_offers
from quanyu.promotions.pricing.quote import Quote

__all__ = [
    "Cart",
    "Line",
    "Offer",
    "OfferIndex",
    "Payment",
    "Quote",
    "Shipment",
    "decode_cart",
    "decode_offers",
    "evaluate",
]
