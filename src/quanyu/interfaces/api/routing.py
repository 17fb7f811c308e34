"""Every router of the API, in the order of the docs."""

from fastapi import APIRouter

from quanyu.interfaces.api import (
    audiences,
    contents,
    coupons,
    events,
    exchange,
    flash_sales,
    generation,
    instalments,
    offers,
    orders,
    persons,
    points,
    prices,
    privacy,
    profiles,
    promotions,
    releases,
    reports,
    settlement,
    shows,
    tills,
    transfers,
    vouchers,
)


def routers() -> list[APIRouter]:
    parts = (
        events, profiles, persons, privacy, audiences, reports,
        transfers, offers, promotions, releases, tills, coupons, orders, instalments, vouchers,
        settlement,
        prices,
        points, exchange, flash_sales,
        contents, generation,
        shows,
    )  # fmt: skip
    return [part.router for part in parts]
