"""``quanyu auction``: one JSON document in, one out, or tables for people."""

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from typer.testing import CliRunner, Result

from quanyu.decisions.auction import Reason, run_auction
from quanyu.errors import BadInput
from quanyu.interfaces.cli.auction import REASONS
from quanyu.interfaces.cli.main import app

EXAMPLE = (Path(__file__).parents[4] / "examples" / "auction" / "auction.json").read_text()


def run(*words: str, stdin: str = EXAMPLE) -> Result:
    return CliRunner().invoke(app, ["auction", *words], input=stdin)


def test_the_example_for_programs() -> None:
    result = run("--json")
    assert result.exit_code == 0, result.exception
    found = msgspec.json.decode(result.stdout)
    assert found == run_auction(json.loads(EXAMPLE)).as_json()
    assert [(one["ad"], one["price"]) for one in found["slots"]] == [("serum", 82), ("cream", 96)]


def test_the_example_for_people() -> None:
    result = run()
    assert result.exit_code == 0, result.exception
    for text in ("serum", "¥0.82", "cream", "¥0.96", "tea", "排名不够", "低于底价", "质量分为零"):
        assert text in result.stdout


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(get_args(Reason))


@pytest.mark.parametrize("stdin", ["", "{}", "[1]", EXAMPLE.replace("0.03", "1.03")])
def test_bad_input_says_nothing_on_standard_output(stdin: str) -> None:
    result = run("--json", stdin=stdin)
    assert isinstance(result.exception, BadInput)
    assert result.stdout == ""


def test_nobody_bids() -> None:
    result = run(stdin='{"slots": 3, "bids": []}')
    assert result.exit_code == 0
    assert "未中" not in result.stdout
