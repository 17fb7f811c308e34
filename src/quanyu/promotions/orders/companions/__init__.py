"""Who goes along with an order."""

from quanyu.promotions.orders.companions.coupons import CouponsAlong
from quanyu.promotions.orders.companions.instalments import InstalmentsAlong
from quanyu.promotions.orders.companions.pieces import PiecesAlong
from quanyu.promotions.orders.companions.points import PointsAlong
from quanyu.promotions.orders.companions.sharing import Sharing
from quanyu.promotions.orders.companions.shows import ShowsAlong
from quanyu.promotions.orders.companions.trades import TradesAlong
from quanyu.promotions.orders.companions.vouchers import VouchersAlong

__all__ = [
    "CouponsAlong",
    "InstalmentsAlong",
    "PiecesAlong",
    "PointsAlong",
    "Sharing",
    "ShowsAlong",
    "TradesAlong",
    "VouchersAlong",
]
