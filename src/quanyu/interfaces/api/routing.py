"""Every router of the API, in the order of the docs."""

from fastapi import APIRouter

from quanyu.interfaces.api import (
    audiences,
    campaigns,
    contents,
    copy_review,
    corrections,
    coupons,
    deciding,
    events,
    evidence,
    exchange,
    flash_sales,
    fraud,
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
    processing,
    profiles,
    promotions,
    releases,
    reports,
    settlement,
    shows,
    tills,
    touchpoints,
    transfers,
    vouchers,
)


def routers() -> list[APIRouter]:
    parts = (
        events, profiles, persons, corrections, privacy, processing, audiences, reports,
        transfers, offers, promotions, releases, tills, coupons, orders, instalments, vouchers,
        settlement,
        prices,
        points, exchange, flash_sales,
        contents, generation,
        shows,
        touchpoints, campaigns, deciding, listings, papers, evidence, gate,
        copy_review,
        fraud,
    )  # fmt: skip
    return [part.router for part in parts]
