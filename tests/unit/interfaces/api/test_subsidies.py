"""Who may make the platform pay: a key that its operator has given for that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.engine_ground import opened
from tests.money_ground import template
from tests.orders_ground import SHOP, error_of

from quanyu.clock import FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

BENEFIT = {"amount_off": {"amount": 500}}


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


def client(app: FastAPI, *scopes: str) -> Client:
    secret = app.state.quanyu.access.create(SHOP, list(scopes)).secret
    return Client(app, headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"})


def promotion(**funders: int) -> dict[str, Any]:
    return {"lane": "red_packet", "benefit": BENEFIT, **({"funders": funders} if funders else {})}


SHARED = promotion(platform=1, merchant=99)


@pytest.mark.parametrize(
    ("scopes", "body", "allowed"),
    [
        (("offers:write",), promotion(), True),
        (("offers:write",), promotion(merchant=100), True),
        (("offers:write",), SHARED, False),
        (("offers:write",), promotion(platform=100), False),
        (("subsidies:write",), SHARED, False),
        (("offers:write", "subsidies:write"), SHARED, True),
        (("admin",), SHARED, True),
    ],
)
def test_a_promotion(
    app: FastAPI, scopes: tuple[str, ...], body: dict[str, Any], allowed: bool
) -> None:
    mine = client(app, *scopes)
    answer = mine.put("/v1/promotions/p1", json=body)
    assert (answer.status_code == 200) is allowed, answer.text
    if not allowed:
        assert error_of(answer)["code"] == "missing_scope"
    listed = client(app, "admin").get("/v1/promotions").json()
    assert [one["id"] for one in listed] == (["p1"] if allowed else [])


@pytest.mark.parametrize("scopes", [("offers:write",), ("offers:write", "subsidies:write")])
def test_a_batch_of_coupons(app: FastAPI, scopes: tuple[str, ...]) -> None:
    draft = template("t1")
    draft["terms"]["funders"] = {"platform": 40, "merchant": 60}
    answer = client(app, *scopes).post("/v1/offers", json={"template": draft, "actor": "lin"})
    allowed = "subsidies:write" in scopes
    assert (answer.status_code, "subsidies:write" in answer.text) == (
        (200, False) if allowed else (403, True)
    )
    assert len(client(app, "offers:read").get("/v1/offers").json()) == int(allowed)


def test_a_template_that_cannot_be_read_says_so_first(app: FastAPI) -> None:
    answer = client(app, "offers:write").post("/v1/offers", json={"template": {}, "actor": "lin"})
    assert error_of(answer)["field"].startswith("template")
