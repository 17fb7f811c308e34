"""Orders through the doors: a cart of two shops, two promotions, and a merchant's client."""

from itertools import count
from typing import Any

import httpx
from fastapi import FastAPI
from tests.asgi import Client

SHOP, OTHER = "市场", "别家"
ANN = "taobao_id:ann"
PAYABLE = 16_100
"""150.00 less 10.00 at A, 20.00 at B, 5.00 off from the platform, 6.00 shipping."""
CART: dict[str, Any] = {
    "now": "2026-03-10T12:00:00+08:00",
    "shipping": [{"shop": "B", "amount": 600}],
    "lines": [
        {"line": "L1", "shop": "A", "item": "cup", "quantity": 3, "list_price": 5_000},
        {"line": "L2", "shop": "B", "item": "tea", "quantity": 1, "list_price": 2_000},
    ],
}
PROMOTIONS: list[dict[str, Any]] = [
    {"id": "A-100-10", "lane": "shop", "shop": "A",
     "benefit": {"amount_off": {"amount": 1_000, "threshold": 10_000}}},
    {"id": "all-5", "lane": "red_packet", "benefit": {"amount_off": {"amount": 500}},
     "funders": {"platform": 100}},
]  # fmt: skip
VOUCHER: dict[str, Any] = {
    "item": "hotpot-200", "shop": "总店", "face_fen": 20_000, "valid_days": 90, "stores": ["s1"],
}  # fmt: skip
_keys = count(1)


def order_form(order: str = "o1", **change: Any) -> dict[str, Any]:
    return {
        "order": order,
        "identifiers": {"taobao_id": "ann"},
        "touchpoint": "taobao.detail",
        "cart": CART,
        **change,
    }


def voucher_order(order: str = "v1", *, pieces: int = 1) -> dict[str, Any]:
    """Vouchers of 200.00 at 99.00 each."""
    line = {"line": "V", "shop": "总店", "item": "hotpot-200", "quantity": pieces}
    cart = {"now": CART["now"], "lines": [{**line, "list_price": 9_900}]}
    return order_form(order, cart=cart)


class Door:
    """One merchant's client; each call is an intent of its own unless a key is said."""

    def __init__(self, app: FastAPI, merchant: str = SHOP, scope: str = "admin") -> None:
        secret = app.state.quanyu.access.create(merchant, [scope]).secret
        self._client = Client(app, headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str, **query: str) -> httpx.Response:
        return self._client.get(f"/v1/{path}", params=query)

    def put(self, path: str, body: Any, *, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or f"key {next(_keys)}"}
        return self._client.put(f"/v1/{path}", json=body, headers=headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or f"key {next(_keys)}"}
        return self._client.post(f"/v1/{path}", json=body, headers=headers)

    def delete(self, path: str) -> httpx.Response:
        return self._client.delete(f"/v1/{path}")

    def ok_delete(self, path: str) -> Any:
        answer = self.delete(path)
        assert answer.is_success, answer.text
        return answer.json()

    def raw(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.post(f"/v1/{path}", content=content, headers=named)

    def ok(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        answer = self.post(path, body, key=key)
        assert answer.is_success, answer.text
        return answer.json()

    def error(self, path: str, body: Any = None, *, key: str | None = None) -> dict[str, Any]:
        """The error of a call that is refused, with its status."""
        return error_of(self.post(path, body, key=key))

    def promote(self, *offers: dict[str, Any]) -> None:
        for one in offers or PROMOTIONS:
            said = {name: value for name, value in one.items() if name != "id"}
            answer = self.put(f"promotions/{one['id']}", said)
            assert answer.status_code == 200, answer.text

    def place(self, order: str = "o1", **change: Any) -> Any:
        return self.ok("orders", order_form(order, **change))

    def pay(self, order: str = "o1", amount: int = PAYABLE) -> Any:
        return self.ok(f"orders/{order}/pay", {"amount": amount, "method": "alipay"})

    def buy(self, order: str = "o1", **change: Any) -> None:
        placed = self.place(order, **change)
        self.pay(order, placed["payable"])

    def buy_vouchers(self, order: str = "v1", *, pieces: int = 1) -> list[dict[str, Any]]:
        assert self.put("vouchers/products", VOUCHER).status_code == 200
        form = voucher_order(order, pieces=pieces)
        self.buy(order, cart=form["cart"])
        held: list[dict[str, Any]] = self.ok("vouchers/held", {"identifier": ANN})
        return [one for one in held if one["voucher"].startswith(f"{order}:")]


def error_of(answer: httpx.Response) -> dict[str, Any]:
    assert not answer.is_success, answer.text
    return {"status": answer.status_code, **answer.json()["error"]}


def units(*names: str) -> dict[str, Any]:
    """``L1:2`` is the second unit of line L1."""
    pairs = (name.split(":") for name in names)
    return {"units": [{"line": line, "unit": int(unit)} for line, unit in pairs]}
