"""``quanyu points`` and ``quanyu flash`` as a marketer runs them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.loyalty_ground import ITEM, TERMS
from typer.testing import CliRunner, Result

from quanyu.clock import DAY_US, SystemClock, format_iso
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app

ANN, BEN = ("-i", "taobao_id:ann"), ("-i", "taobao_id:ben")
STARS = ("-p", "stars")


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def answer(*words: str, stdin: str = "") -> Any:
    result = run(*words, "--json", stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def refused(*words: str, stdin: str = "") -> BadInput:
    result = run(*words, stdin=stdin)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    return result.exception


@pytest.fixture
def stars() -> None:
    terms = TERMS | {"days_until_available": 0}
    answer("points", "programme", "stars", "--terms", "-", stdin=json.dumps(terms))
    for who in (ANN, BEN):
        assert answer("points", "join", *STARS, *who)["gift_points"] == 50


@pytest.mark.usefixtures("stars")
class TestPoints:
    def test_earning_spending_and_cancelling(self) -> None:
        order = ("--order", "o1", "--cash", "10000", "--flag", "green", "--flag", "no_cutlery")
        earned = answer("points", "earn", *STARS, *ANN, *order)
        assert earned["points"] == 200
        assert earned["effects"][0]["offer"] == "red-packet"
        spent = answer("points", "spend", *STARS, *ANN, "--order", "o2", "--points", "120")
        assert spent == {"points": 120, "value_fen": 120}
        assert answer("points", "balance", *STARS, *ANN)["available"] == 130
        assert answer("points", "cancel", *STARS, "--order", "o2")["points"] == 120
        lots = answer("points", "lots", *STARS, *ANN)
        assert [(one["source"], one["remaining"]) for one in lots] == [
            ("order", 200),
            ("joining", 50),
        ]

    def test_one_key_is_one_intent(self) -> None:
        order = ("--order", "o1", "--points", "5", "--key", "k")
        assert answer("points", "spend", *STARS, *ANN, *order) == {"points": 5, "value_fen": 5}
        assert answer("points", "spend", *STARS, *ANN, *order) == {"points": 5, "value_fen": 5}
        other = ("--order", "o2", "--points", "6", "--key", "k")
        assert refused("points", "spend", *STARS, *ANN, *other).field == (
            "key_used_for_another_request"
        )

    def test_a_refusal_names_its_reason_and_the_mend(self) -> None:
        said = refused("points", "spend", *STARS, *ANN, "--order", "o", "--points", "51")
        assert said.field == "not_enough_points"
        assert "have 50, need 51" in said.mend

    def test_giving_and_freezing(self) -> None:
        answer("points", "transfer", *STARS, *ANN, "--to", "taobao_id:ben", "--points", "20")
        assert answer("points", "balance", *STARS, *BEN)["available"] == 70
        assert answer("points", "freeze", *STARS, *BEN) == {"frozen": True}
        frozen = refused("points", "spend", *STARS, *BEN, "--order", "o", "--points", "1")
        assert frozen.field == "frozen"
        assert answer("points", "freeze", *STARS, *BEN, "--thaw") == {"frozen": False}

    def test_what_points_buy(self) -> None:
        answer("points", "offer", *STARS, "--item", "-", stdin=json.dumps(ITEM))
        code = answer("points", "exchange", "video-month", *STARS, *ANN)["code"]
        said = answer("points", "fulfil", code, "--failed")
        assert said["state"] == "failed"
        assert answer("points", "balance", *STARS, *ANN)["available"] == 50
        assert refused("points", "fulfil", code).field == "wrong_state"

    def test_tables_for_people(self) -> None:
        for words in (
            ("points", "programme"),
            ("points", "balance", *STARS, *ANN),
            ("points", "lots", *STARS, *ANN),
            ("points", "join", *STARS, *ANN),
        ):
            shown = run(*words)
            assert shown.exit_code == 0, shown.exception
            assert "积分" in shown.stdout or "入会" in shown.stdout

    def test_nobody_and_nothing(self) -> None:
        assert isinstance(run("points", "balance", *STARS, "-i", "taobao_id:x").exception, NotFound)
        assert isinstance(run("points", "balance", "-p", "moons", *ANN).exception, NotFound)
        assert isinstance(run("points", "exchange", "yacht", *STARS, *ANN).exception, NotFound)


@pytest.mark.parametrize(
    ("words", "stdin", "field"),
    [
        (("points", "programme", "stars"), "", "programme"),
        (("points", "programme", "a b", "--terms", "-"), json.dumps(TERMS), "name"),
        (("points", "programme", "stars", "--terms", "-"), "{}", "programme"),
        (("points", "programme", "stars", "--terms", "/nowhere"), "", "--terms"),
        (("flash", "create", "--sale", "-"), "[]", "sale"),
        (("flash", "create", "--sale", "/nowhere"), "", "--sale"),
    ],
)
def test_bad_input_names_the_field(words: tuple[str, ...], stdin: str, field: str) -> None:
    assert refused(*words, stdin=stdin).field == field


def test_the_ecosystem_s_programme() -> None:
    terms = json.dumps(TERMS)
    listed = answer("points", "programme", "all", "--ecosystem", "--terms", "-", stdin=terms)
    assert [(one["owner"], one["name"]) for one in listed] == [("platform", "all")]
    assert answer("points", "join", "-p", "platform/all", *ANN)["new"] is True


@pytest.fixture
def noon() -> None:
    now_us = SystemClock().now_us()
    sale = {
        "name": "noon", "item": "serum", "price_fen": 9_900, "pieces": 1,
        "starts": format_iso(now_us - DAY_US), "ends": format_iso(now_us + DAY_US),
    }  # fmt: skip
    answer("flash", "create", "--sale", "-", stdin=json.dumps(sale))


@pytest.mark.usefixtures("noon")
class TestFlash:
    def test_one_piece(self) -> None:
        held = answer("flash", "attempt", "noon", *ANN, "--key", "k")
        assert answer("flash", "attempt", "noon", *ANN, "--key", "k") == held
        assert "sold out" in refused("flash", "attempt", "noon", *BEN).mend
        assert answer("flash", "release", held["hold"])["state"] == "released"
        again = answer("flash", "attempt", "noon", *BEN)
        assert answer("flash", "confirm", again["hold"], "--order", "o1")["state"] == "sold"
        assert answer("flash", "show", "noon")["standing"]["sold"] == 1

    def test_the_kill_switch(self) -> None:
        assert answer("flash", "close", "noon")["closed"] is True
        assert "closed" in refused("flash", "attempt", "noon", *ANN).mend

    def test_a_table_for_people(self) -> None:
        shown = run("flash", "show", "noon")
        assert "秒杀活动" in shown.stdout
        assert "¥99.00" in shown.stdout
        assert "预占号" in run("flash", "attempt", "noon", *ANN).stdout

    def test_no_such_sale(self) -> None:
        assert isinstance(run("flash", "show", "none").exception, NotFound)
        assert isinstance(run("flash", "attempt", "none", *ANN).exception, NotFound)
