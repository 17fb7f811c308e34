"""Who goes along with an order."""

from quanyu.promotions.orders.companions.coupons import CouponsAlong
from quanyu.promotions.orders.companions.pieces import PiecesAlong
from quanyu.promotions.orders.companions.points import PointsAlong
from quanyu.promotions.orders.companions.sharing import Sharing
from quanyu.promotions.orders.companions.vouchers import VouchersAlong

__all__ = ["CouponsAlong", "PiecesAlong", "PointsAlong", "Sharing", "VouchersAlong"]
