"""The worked example of docs/pricing.md, in the public forms."""

from typing import Any

CART: dict[str, Any] = {
    "now": "2026-11-11T20:00:00+08:00",
    "eligibility": ["88vip"],
    "points_to_spend": 500,
    "payment": {"method": "alipay", "instalments": 0},
    "shipping": [{"shop": "B", "amount": 600}],
    "lines": [
        {"line": "A1", "shop": "A", "item": "serum", "category": "beauty", "quantity": 1,
         "list_price": 20000, "flags": ["cross_shop"]},
        {"line": "A2", "shop": "A", "item": "lipstick", "category": "beauty", "quantity": 2,
         "list_price": 12000, "flags": ["cross_shop"]},
        {"line": "B1", "shop": "B", "item": "milk", "category": "fresh", "quantity": 1,
         "list_price": 9990, "flags": ["cross_shop"]},
    ],
}  # fmt: skip
OFFERS: list[dict[str, Any]] = [
    {"id": "flash-serum", "lane": "item", "kind": "promotion", "shop": "A",
     "scope": {"items": ["serum"]}, "benefit": {"percent_off": {"percent": 20}},
     "funders": {"merchant": 100}},
    {"id": "milk-minus-10", "lane": "item", "kind": "promotion", "shop": "B",
     "scope": {"items": ["milk"]}, "benefit": {"amount_off": {"amount": 1000, "per": "unit"}},
     "funders": {"merchant": 100}},
    {"id": "vip-95", "lane": "member", "kind": "promotion", "shop": None,
     "scope": {"items": ["lipstick"]}, "requires": ["88vip"],
     "benefit": {"percent_off": {"percent": 5}}, "funders": {"merchant": 100}},
    {"id": "shopA-300-30", "lane": "shop", "kind": "promotion", "shop": "A",
     "benefit": {"amount_off": {"amount": 3000, "threshold": 30000}},
     "funders": {"merchant": 100}},
    {"id": "shopA-coupon-200-20", "lane": "shop", "kind": "coupon", "shop": "A",
     "benefit": {"amount_off": {"amount": 2000, "threshold": 20000}},
     "funders": {"merchant": 100}},
    {"id": "cross-300-50", "lane": "cross_shop", "kind": "promotion", "shop": None,
     "scope": {"flags": ["cross_shop"]},
     "benefit": {"amount_off": {"amount": 5000, "threshold": 30000, "repeat": True}},
     "funders": {"platform": 40, "merchant": 60}},
    {"id": "red-10", "lane": "red_packet", "kind": "coupon", "shop": None,
     "benefit": {"amount_off": {"amount": 1000}}, "funders": {"platform": 100}},
    {"id": "points", "lane": "points", "kind": "promotion", "shop": None,
     "benefit": {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}},
     "funders": {"platform": 100}},
]  # fmt: skip
