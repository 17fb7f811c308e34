"""Who goes along with an order, each over its own engine and the order's gathered work."""

from collections.abc import Sequence
from dataclasses import replace

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import NotFound
from quanyu.promotions.coupons.coupon import AnyCommand, Outcome
from quanyu.promotions.desk import Desk
from quanyu.promotions.flash_sales import service as flash
from quanyu.promotions.flash_sales.sales import Held, State
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.desk import PointsDesk
from quanyu.promotions.loyalty.service import Loyalty
from quanyu.promotions.orders.companions import coupons as along_coupons
from quanyu.promotions.orders.companions import pieces as along_pieces
from quanyu.promotions.orders.companions import points as along_points
from quanyu.promotions.orders.companions import vouchers as along_vouchers
from quanyu.promotions.vouchers.service import Vouchers
from quanyu.storage.postgres.coupons import assembly, holding
from quanyu.storage.postgres.identity.holders import identifiers_of

Tx = psycopg.Connection
Work = Gathering[Tx]


def coupons(parts: assembly.Parts) -> along_coupons.CouponsAlong[Tx]:
    def apply(tx: Tx, work: Work, commands: Sequence[AnyCommand]) -> list[Outcome]:
        ground = replace(parts.ground, book=work, facts=work)
        return parts.writer.on(ground).apply(tx, commands)

    def held(tx: Tx, merchant: str, holder: Identifier, ids: Sequence[str]) -> along_coupons.Held:
        return holding.held(tx, merchant, ids=ids, holder=holder, person=parts.person)

    return along_coupons.CouponsAlong(apply, held)


def points(loyalty: Loyalty[Tx]) -> along_points.PointsAlong[Tx]:
    ports = loyalty.ports

    def desk_for(work: Work) -> PointsDesk[Tx]:
        return PointsDesk(replace(ports, book=work, facts=work))

    def purses_of(tx: Tx, merchant: str, name: str, holder: Identifier) -> along_points.Purses:
        programme = loyalty.programme(tx, merchant, name=name)
        found = loyalty.of_person(tx, programme, holder=holder)
        if not found:
            raise NotFound(f"a member of {name}")
        return programme, found

    return along_points.PointsAlong(desk_for, purses_of)


def pieces(sales: flash.FlashSales[Tx]) -> along_pieces.PiecesAlong[Tx]:
    ports = sales.ports

    def desk_for(work: Work) -> flash.FlashDesk[Tx]:
        return flash.FlashDesk(replace(ports, book=work))

    def held(tx: Tx, merchant: str, holder: Identifier, hold: str) -> Held | None:
        found = ports.reservations.lock(tx, merchant, hold=flash.bytes_of(hold))
        now_us = ports.clock.now_us()
        if found is None or found.state is not State.HELD or found.expires_us <= now_us:
            return None
        mine = identifiers_of(tx, merchant, holder=holder)
        return found.held if found.holder in mine else None

    return along_pieces.PiecesAlong(desk_for, held)


def vouchers(desk: Desk[Tx], sold: Vouchers[Tx]) -> along_vouchers.VouchersAlong[Tx]:
    return along_vouchers.VouchersAlong(lambda work: sold.on(replace(desk, book=work, facts=work)))
