"""Carts and offers in their public forms, short to write."""

import json
from typing import Any

from quanyu.promotions.pricing import Quote, decode_cart, decode_offers, evaluate
from quanyu.promotions.pricing.quote import Trace

NOW = "2026-11-11T20:00:00+08:00"


def line(name: str, price: int, quantity: int = 1, **more: Any) -> dict[str, Any]:
    said = {"line": name, "shop": "A", "item": name.lower(), "category": "c"}
    return {**said, "quantity": quantity, "list_price": price, **more}


def cart(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"now": NOW, "lines": list(lines), **more}


def offer(name: str, lane: str, benefit: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "lane": lane, "benefit": benefit, **more}


def quote(asked: dict[str, Any], *offers: dict[str, Any], **options: Any) -> Quote:
    return evaluate(decode_cart(json.dumps(asked)), decode_offers(json.dumps(offers)), **options)


def traced(found: Quote) -> dict[str, Trace]:
    return {trace.offer: trace for trace in found.trace}


def off(found: Quote) -> dict[str, dict[str, int]]:
    """Offer → line → fen."""
    told: dict[str, dict[str, int]] = {}
    for one in found.lines:
        for discount in one.discounts:
            told.setdefault(discount.offer, {})[one.line] = discount.amount
    return told
