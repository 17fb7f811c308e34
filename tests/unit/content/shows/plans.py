"""A live show for tests: an evening of tea, one host, two slots, a script within the limits."""

from typing import Any

import msgspec

from quanyu.content.shows.show import Plan, Show, checked_plan

STARTS = "2026-03-10T18:00:00+08:00"
HOST: dict[str, Any] = {
    "id": "lin", "name": "小林", "age": 28, "permission": "TB-2026-001",
}  # fmt: skip
AI: dict[str, Any] = {"id": "ava", "name": "数字人小雅", "kind": "ai", "permission": "TB-AI-7"}
SERUM: dict[str, Any] = {
    "id": "s1", "shop": "A", "item": "serum", "title": "精华液", "minutes": 60,
    "price_fen": 16_000, "list_fen": 20_000, "basis": "日常价", "offers": ["serum-8折"],
    "coupons": ["drop-20"], "commission_bp": 2_000,
}  # fmt: skip
LIPSTICK: dict[str, Any] = {
    "id": "s2", "shop": "B", "item": "lipstick", "minutes": 40, "price_fen": 12_000,
    "list_fen": 12_000, "commission_bp": 1_050,
}  # fmt: skip
SCRIPT: list[dict[str, Any]] = [
    {"text": "先看质地，再看成分表。", "purpose": "value", "seconds": 13_000},
    {"text": "本场由某某赞助。", "purpose": "marketing", "seconds": 1_400},
]


def plan_body(**change: Any) -> dict[str, Any]:
    said = {
        "id": "evening", "title": "春夜护肤", "industry": "cosmetics", "room": "taobao.live",
        "starts": STARTS, "minutes": 240, "hosts": [HOST], "slots": [SERUM, LIPSTICK],
        "script": SCRIPT, "marked_as_ad": True,
    }  # fmt: skip
    return said | change


def plan(**change: Any) -> Plan:
    return checked_plan(msgspec.convert(plan_body(**change), Plan))


def show(**change: Any) -> Show:
    return plan(**change).first
