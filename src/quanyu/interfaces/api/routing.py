"""Every router of the API, in the order of the docs."""

from fastapi import APIRouter

from quanyu.interfaces.api import (
    audiences,
    events,
    orders,
    persons,
    privacy,
    profiles,
    reports,
    settlement,
    vouchers,
)


def routers() -> list[APIRouter]:
    parts = (events, profiles, persons, privacy, audiences, reports, orders, vouchers, settlement)
    return [part.router for part in parts]
