"""Orders, and who goes along with them: coupons, points, reserved pieces, vouchers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.kinds import shipped_kinds
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.desk import PointsDesk
from quanyu.promotions.loyalty.ports import Ports
from quanyu.promotions.orders.companions import coupons, pieces, points, vouchers
from quanyu.promotions.orders.company import Company
from quanyu.promotions.orders.placing import Placing
from quanyu.promotions.orders.ports import Companion
from quanyu.promotions.orders.service import Orders
from quanyu.wiring.coupons import Coupons
