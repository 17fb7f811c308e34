"""Campaigns over HTTP: scopes, forms, refusals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.campaigns_ground import MALL, SHOP, creative, form, stock
from tests.engine_ground import opened
from tests.orders_ground import Door, error_of

from quanyu.clock import FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        stock(engine)
        yield create_app(engine)


@pytest.fixture
def door(app: FastAPI) -> Door:
    return Door(app, MALL)


def body(**change: Any) -> dict[str, Any]:
    made = form(**change)
    return {
        "campaign": {name: value for name, value in made.items() if name != "id"},
        "actor": "lin",
    }


def written(door: Door, id: str = "spring", *, key: str | None = None, **change: Any) -> Any:
    answer = door.put(f"campaigns/{id}", body(**change), key=key)
    assert answer.is_success, answer.text
    return answer.json()


def running(door: Door, id: str = "spring", **change: Any) -> None:
    written(door, id, **change)
    door.ok("campaigns/fund", {"advertiser": SHOP, "amount": 100_000})
    door.ok(f"campaigns/{id}/moves/submit", {"actor": "lin"})
    door.ok(f"campaigns/{id}/reviews/approve", {"actor": "wang"})


def test_from_a_draft_to_the_end(door: Door) -> None:
    told = written(door)
    assert told == {
        "id": "spring", "advertiser": SHOP, "title": "春季投放", "state": "draft", "version": 0,
        "newest": 1, "newest_state": "draft", "budget": {"day_fen": 10_000, "total_fen": 50_000},
        "from": "2026-03-10T00:00:00+08:00", "to": "2026-04-10T00:00:00+08:00",
    }  # fmt: skip
    paid = door.ok("campaigns/fund", {"advertiser": SHOP, "amount": 60_000})
    assert paid == {"advertiser": SHOP, "balance_fen": 60_000}
    assert door.ok("campaigns/spring/moves/submit", {"actor": "lin"})["state"] == "in_review"
    approved = door.ok("campaigns/spring/reviews/approve", {"actor": "wang", "version": 1})
    assert (approved["state"], approved["version"]) == ("running", 1)
    assert door.ok("campaigns/spring/moves/pause", {"actor": "lin"})["state"] == "paused"
    assert door.ok("campaigns/spring/moves/resume", {"actor": "lin"})["state"] == "running"
    assert door.ok("campaigns/spring/moves/end", {"actor": "lin"})["state"] == "ended"


def test_show_tells_everything(door: Door) -> None:
    running(door)
    written(door, creatives=[creative(text="温和清爽")])
    told = door.get("campaigns/spring").json()
    assert told["campaign"]["creatives"][0]["text"] == "温和清爽"
    assert told["shown"]["creatives"][0]["text"] == "清爽不粘"
    assert told["money"] == {"left_fen": 50_000, "days_fen": 0, "out_fen": 0, "spent_fen": 0}
    assert told["purse_fen"] == 50_000
    assert [(one["version"], one["state"]) for one in told["versions"]] == [
        (1, "in_force"), (2, "draft"),
    ]  # fmt: skip
    assert [one["verb"] for one in told["history"]] == ["put", "submit", "approve", "start", "put"]


def test_a_list_is_paged_and_filtered(door: Door) -> None:
    for id in ("a", "b"):
        written(door, id)
    door.ok("campaigns/b/moves/submit", {"actor": "lin"})
    assert [one["id"] for one in door.get("campaigns").json()] == ["a", "b"]
    assert [one["id"] for one in door.get("campaigns", after="a").json()] == ["b"]
    assert [one["id"] for one in door.get("campaigns", state="draft").json()] == ["a"]
    assert error_of(door.get("campaigns", state="lost"))["status"] == 422


def test_a_budget_counts_at_once(door: Door) -> None:
    running(door)
    wanted = {"budget": {"day_fen": 20_000, "total_fen": 70_000}, "actor": "lin"}
    assert door.ok("campaigns/spring/budget", wanted)["budget"]["total_fen"] == 70_000
    too_much = {"budget": {"day_fen": 20_000, "total_fen": 100_001}, "actor": "lin"}
    no = door.error("campaigns/spring/budget", too_much)
    assert (no["status"], no["code"]) == (409, "purse_too_small")
    assert "(have 30000, need 30001)" in no["message"]


def test_refusals_have_a_code_and_a_mend(door: Door) -> None:
    written(door)
    no = door.error("campaigns/spring/moves/pause", {"actor": "lin"})
    assert (no["status"], no["code"]) == (409, "wrong_state")
    door.ok("campaigns/spring/moves/submit", {"actor": "lin"})
    no = door.error("campaigns/spring/reviews/approve", {"actor": "lin"})
    assert (no["status"], no["code"]) == (409, "author_approves")
    no = door.error("campaigns/spring/reviews/approve", {"actor": "wang", "version": 7})
    assert (no["status"], no["code"]) == (409, "version_changed")
    no = door.error("campaigns/spring/reviews/approve", {"actor": "wang"})
    assert (no["status"], no["code"]) == (409, "purse_too_small")
    assert no["mend"]
    assert door.error("campaigns/none/moves/submit", {"actor": "lin"})["status"] == 404
    assert error_of(door.get("campaigns/none"))["status"] == 404
    unknown = door.error("campaigns/fund", {"advertiser": "没有", "amount": 1})
    assert unknown["status"] == 404


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"budget": None}, 400, "campaign.budget"),
        ({"touchpoints": ["nowhere"]}, 400, "campaign.touchpoints[0]"),
        (
            {"creatives": [creative(landing={"item": "draft"})]},
            400,
            "campaign.creatives[0].landing.item",
        ),
        ({"creatives": [creative(title="国家级面霜")]}, 422, "campaign.creatives[0].title"),
        ({"creatives": [creative(price_fen=1)]}, 422, "campaign.creatives[0].landing.price"),
    ],
)
def test_bad_input_names_the_field(
    door: Door, change: dict[str, Any], status: int, field: str
) -> None:
    found = error_of(door.put("campaigns/spring", body(**change)))
    assert (found["status"], found["field"]) == (status, field)
    assert found["mend"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'{"campaign": 3, "actor": "lin"}', b'{"actor": "lin", "actor": "wang"}',
     b'{"campaign": {}, "actor": "lin", "state": "running"}', b"\xff", b"[" * 5_000],
)  # fmt: skip
def test_documents_that_are_none(app: FastAPI, raw: bytes) -> None:
    secret = app.state.quanyu.access.create(MALL, ["admin"]).secret
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    client = Client(app, headers=headers)
    for method, path in (("PUT", "spring"), ("POST", "spring/budget")):
        answer = client.request(method, f"/v1/campaigns/{path}", content=raw)
        assert answer.status_code == 400, answer.text


def test_the_id_is_that_of_the_address(door: Door) -> None:
    made = body()
    made["campaign"]["id"] = "another"
    assert door.put("campaigns/spring", made).json()["id"] == "spring"
    assert error_of(door.put("campaigns/春季", body()))["field"] == "campaign.id"


def test_one_key_is_one_intent(door: Door) -> None:
    first = written(door, key="k")
    written(door, creatives=[creative(text="温和清爽")], key="k2")
    assert written(door, key="k") == first
    other = door.put("campaigns/spring", body(title="别的"), key="k")
    assert error_of(other)["code"] == "key_used_for_another_request"


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("campaigns:read", {"list", "show"}),
        ("campaigns:write", {"put", "move", "budget"}),
        ("campaigns:approve", {"review"}),
        ("ledger:write", {"fund"}),
        ("offers:write", set()),
    ],
)
def test_each_scope_opens_its_doors(
    app: FastAPI, door: Door, scope: str, allowed: set[str]
) -> None:
    written(door)
    mine = Door(app, MALL, scope=scope)
    budget = {"budget": {"day_fen": 500, "total_fen": 600}, "actor": "lin"}
    answers = {
        "list": mine.get("campaigns"),
        "show": mine.get("campaigns/spring"),
        "put": mine.put("campaigns/spring", body()),
        "move": mine.post("campaigns/spring/moves/submit", {"actor": "lin"}),
        "budget": mine.post("campaigns/spring/budget", budget),
        "fund": mine.post("campaigns/fund", {"advertiser": SHOP, "amount": 1}),
        "review": mine.post("campaigns/spring/reviews/reject", {"actor": "wang"}),
    }
    assert {name for name, one in answers.items() if one.status_code != 403} == allowed
    refused = error_of(next(one for one in answers.values() if one.status_code == 403))
    assert refused["code"] == "scope_missing" or "scope" in refused["message"]


def test_another_merchant_sees_nothing(app: FastAPI, door: Door) -> None:
    running(door)
    stranger = Door(app, "对手")
    assert stranger.get("campaigns").json() == []
    assert error_of(stranger.get("campaigns/spring"))["status"] == 404
    assert stranger.error("campaigns/spring/moves/end", {"actor": "lin"})["status"] == 404
