"""Conditions of eligibility that members of the merchant's programmes meet."""

from collections.abc import Collection

import psycopg

from quanyu.promotions.loyalty.programmes import Terms, tier_of
from quanyu.storage.postgres.decisions.known import Known
from quanyu.storage.postgres.loyalty.purses import PostgresPurses


def tiers(
    tx: psycopg.Connection, merchant: str, *, people: Collection[Known]
) -> dict[int, frozenset[str]]:
    """Person → ``member``, ``member:gold``, as ``Loyalty.words`` says it; nothing of others.
    Points that only time has brought about change no tier."""
    members = [one for one in people if one.tier_points]
    if not members:
        return {}
    terms = {one.id: one.terms for one in PostgresPurses().programmes(tx, merchant)}
    return {one.person: _words(one, terms) for one in members}


def _words(member: Known, terms: dict[int, Terms]) -> frozenset[str]:
    reached = (tier_of(terms[id], points) for id, points in member.tier_points.items())
    return frozenset({"member", *(f"member:{tier.name}" for tier in reached if tier is not None)})
