"""Every router of the API, in the order of the docs."""

from fastapi import APIRouter

from quanyu.interfaces.api import (
    audiences,
    contents,
    coupons,
    events,
    evidence,
    exchange,
    flash_sales,
    gate,
    generation,
    instalments,
    listings,
    offers,
    orders,
    papers,
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
        listings, papers, evidence, gate,
    )  # fmt: skip
    return [part.router for part in parts]
