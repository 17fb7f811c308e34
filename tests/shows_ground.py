"""A live show over HTTP for tests: planned, brought on air, and the orders that come out of it."""

from typing import Any

from tests.money_ground import template
from tests.orders_ground import Door
from tests.unit.content.shows.plans import LIPSTICK, SERUM, STARTS, plan_body

from quanyu.clock import FixedClock, parse_iso

STARTS_US = parse_iso(STARTS)
ROOM = "taobao.live"
LIMITED = {
    "id": "serum-8折", "lane": "item", "benefit": {"percent_off": {"percent": 20}},
    "scope": {"items": ["serum"]}, "requires": ["show:evening"],
}  # fmt: skip
GIFT = {
    "id": "满300赠小样", "lane": "shop", "requires": ["show:evening"],
    "benefit": {"gift": {"item": "sample", "threshold": 30_000}},
}  # fmt: skip


def put(door: Door, id: str = "evening", **change: Any) -> Any:
    body = {"plan": plan_body(**change), "actor": "lin"}
    return door.put(f"shows/{id}", body)


def planned(door: Door, id: str = "evening", **change: Any) -> list[Any]:
    answer = put(door, id, **change)
    assert answer.is_success, answer.text
    told: list[Any] = answer.json()
    return told


def plain(**change: Any) -> dict[str, Any]:
    """A show without offers of its own."""
    slots = [SERUM | {"offers": [], "coupons": [], "price_fen": 20_000}, LIPSTICK]
    return {"slots": slots} | change


def move(door: Door, verb: str, id: str = "evening", **said: Any) -> Any:
    return door.ok(f"shows/{id}/moves/{verb}", {"actor": "wang", **said})


def log(door: Door, kind: str, id: str = "evening", **what: Any) -> Any:
    return door.ok(f"shows/{id}/log", {"kind": kind, **what})


def on_air(door: Door, clock: FixedClock, **change: Any) -> None:
    planned(door, **change)
    move(door, "approve")
    clock.advance(STARTS_US - clock.now_us())
    move(door, "start", label=True)


def cart(*lines: tuple[str, str, int, int]) -> dict[str, Any]:
    return {
        "now": STARTS,
        "lines": [
            {"line": f"L{n}", "shop": s, "item": item, "quantity": quantity, "list_price": fen}
            for n, (s, item, quantity, fen) in enumerate(lines, 1)
        ],
    }


TWO_SERUMS = cart(("A", "serum", 2, 20_000))


def order(id: str = "o1", **change: Any) -> dict[str, Any]:
    return {
        "order": id, "identifiers": {"taobao_id": "ann"}, "touchpoint": ROOM, "cart": TWO_SERUMS,
        "show": "evening", **change,
    }  # fmt: skip


def publish_batch(door: Door) -> None:
    terms = {"requires": ["show:evening"]}
    body = {"template": template("drop-20", terms=terms), "actor": "lin"}
    door.ok("offers", body)
    door.ok("offers/drop-20/moves/submit", {"actor": "lin"})
    door.ok("offers/drop-20/moves/approve", {"actor": "wang"})
