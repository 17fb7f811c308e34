"""What a campaign has spent, over HTTP and on the command line: the same document."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.ads_ground import ANN, PRICE, Ads
from tests.campaigns_ground import form, stock
from tests.conftest import FreshDatabases
from tests.engine_ground import KEY, opened
from tests.orders_ground import Door, error_of
from typer.testing import CliRunner

from quanyu.clock import DAY_US, HOUR_US, FixedClock, SystemClock, format_iso
from quanyu.decisions.billing.clicks import Invalid
from quanyu.interfaces.api.application import create_app
from quanyu.interfaces.cli import campaign as command
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.output import console
from quanyu.storage.postgres.database import Database

SHOP = "商场"


@pytest.fixture
def url(fresh_databases: FreshDatabases) -> Iterator[str]:
    url = fresh_databases.take()
    yield url
    fresh_databases.discard(url)


@pytest.fixture
def spent(url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ads]:
    """One ad was clicked twice, one by somebody else, one is held, one nobody billed in time."""
    monkeypatch.setenv("QUANYU_DATABASE_URL", url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setenv("QUANYU_MASTER_KEY", KEY.hex())
    monkeypatch.setenv("QUANYU_MERCHANT", SHOP)
    monkeypatch.setattr(console, "_width", 240)
    now_us = SystemClock().now_us()
    clock = FixedClock(now_us - 2 * HOUR_US)
    window = {"from": format_iso(now_us - DAY_US), "to": format_iso(now_us + 9 * DAY_US)}
    with Database(url) as database, opened(database, clock, data_dir) as engine:
        stock(engine, SHOP)
        ads = Ads(engine, SHOP, schedule=window)
        lease = ads.leased()
        clicked, foreign = ads.one(lease), ads.one(lease, node=ads.node(ANN))
        ads.one(lease, expires_us=now_us + DAY_US)
        ads.one(lease)
        ads.happens(clicked)
        ads.happens(clicked)
        ads.happens(foreign, who={"taobao_id": "ben"})
        ads.later(HOUR_US)
        ads.chore()
        yield ads


def told(ads: Ads) -> dict[str, Any]:
    return ads.spend().as_json()


def test_over_http(spent: Ads) -> None:
    door = Door(create_app(spent.engine), SHOP)
    found = door.get("campaigns/spring/spend")
    assert found.json() == told(spent)
    assert found.json()["total"] == {
        "spent_fen": 2, "held_millifen": PRICE, "settled_millifen": PRICE,
        "released_millifen": 2 * PRICE, "billed": 1, "invalid": {"repeated": 1, "other_person": 1},
    }  # fmt: skip
    (day,) = found.json()["days"]
    assert {name: value for name, value in day.items() if name != "day"} == found.json()["total"]


@pytest.mark.parametrize("id", ["nobody", "a'b", "x" * 500])
def test_of_nothing_over_http(spent: Ads, id: str) -> None:
    answer = Door(create_app(spent.engine), SHOP).get(f"campaigns/{id}/spend")
    assert answer.status_code in (404, 422)
    assert answer.status_code == 422 or error_of(answer)["code"] == "not_found"


def test_without_the_scope(spent: Ads) -> None:
    answer = Door(create_app(spent.engine), SHOP, "events:write").get("campaigns/spring/spend")
    assert answer.status_code == 403


def test_on_the_command_line(spent: Ads) -> None:
    result = CliRunner().invoke(app, ["campaign", "spend", "spring", "--json"])
    assert result.exit_code == 0, (result.output, result.exception)
    assert msgspec.json.decode(result.stdout) == told(spent)


def test_for_people(spent: Ads) -> None:
    result = CliRunner().invoke(app, ["campaign", "spend", "spring"])
    assert result.exit_code == 0, (result.output, result.exception)
    for word in ("已计费", "¥0.02", "重复 1、非本人 1", "合计"):
        assert word in result.output


def test_a_campaign_that_spent_nothing(spent: Ads) -> None:
    spent.board.put(form("idle", schedule=spent.window))
    found = Door(create_app(spent.engine), SHOP).get("campaigns/idle/spend").json()
    assert found["days"] == []
    assert found["total"]["spent_fen"] == found["total"]["billed"] == 0


def test_every_reason_has_its_word() -> None:
    assert set(command.INVALID) == {one.value for one in Invalid}
