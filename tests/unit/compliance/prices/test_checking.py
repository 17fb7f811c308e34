"""One price asked about: the public answer."""

from typing import Any

import pytest
from tests.unit.compliance.prices.history import START_US, paid

from quanyu.clock import format_iso
from quanyu.compliance.policy import Policy
from quanyu.compliance.prices.agreeing import read_discount
from quanyu.compliance.prices.checking import Question, answered, read_moment
from quanyu.errors import BadInput

TRADES = [paid(1, 10_000), paid(2, 9_000), paid(3, 12_000)]


def ask(trades: Any = TRADES, **said: Any) -> dict[str, Any]:
    return answered(Question(at_us=START_US, **said), trades).as_json()


def test_the_answer() -> None:
    found = ask(reference_fen=12_000)
    assert found.pop("hits")[0]["article"] == "《明码标价和禁止价格欺诈规定》第十六条"
    assert found == {
        "verdict": "block", "max_reference": 9_000, "basis": "lowest_of_7_days",
        "trades_counted": 3,
        "window": {"from": "2026-11-04T00:00:00+08:00", "to": "2026-11-11T00:00:00+08:00"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "verdict", "basis", "max_reference"),
    [
        ({}, "pass", "lowest_of_7_days", 9_000),
        ({"reference_fen": 9_000}, "pass", "lowest_of_7_days", 9_000),
        ({"reference_fen": 15_000, "suggested_fen": 15_000}, "label", "suggested_retail", 15_000),
        ({"reference_fen": 15_000, "suggested_fen": 15_000, "basis": "厂商建议零售价"}, "pass",
         "suggested_retail", 15_000),
        ({"reference_fen": 14_000, "suggested_fen": 15_000}, "block", "lowest_of_7_days", 9_000),
        ({"reference_fen": 9_000, "price_fen": 7_200, "discount": "8"}, "pass",
         "lowest_of_7_days", 9_000),
        ({"reference_fen": 9_000, "price_fen": 7_300, "discount": "8"}, "block",
         "lowest_of_7_days", 9_000),
    ],
)  # fmt: skip
def test_what_it_rests_on(
    said: dict[str, Any], verdict: str, basis: str, max_reference: int
) -> None:
    if "discount" in said:
        said = {**said, "discount": read_discount(said["discount"])}
    found = ask(**said)
    assert (found["verdict"], found["basis"]) == (verdict, basis)
    assert found["max_reference"] == max_reference


def test_never_traded() -> None:
    found = ask([], reference_fen=1)
    assert (found["verdict"], found["max_reference"]) == ("block", None)
    assert (found["basis"], found["trades_counted"]) == ("never_traded", 0)


def test_the_policy_of_the_operator_counts() -> None:
    trades = [paid(20, 10_000), paid(2, 11_500)]
    question = Question(at_us=START_US, reference_fen=11_500)
    assert answered(question, trades).verdict.verdict == "pass"
    strict = answered(question, trades, policy=Policy(rise_percent_max=10))
    assert [hit.rule for hit in strict.verdict.hits] == ["price.raised_before"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reference_fen": 0}, "reference"),
        ({"reference_fen": -1}, "reference"),
        ({"reference_fen": 10**16}, "reference"),
        ({"price_fen": 0}, "price"),
        ({"suggested_fen": 0}, "suggested_retail"),
        ({"discount": read_discount("8")}, "discount"),
        ({"discount": read_discount("8"), "price_fen": 1}, "discount"),
    ],
)
def test_amounts_that_are_none(said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        ask(**said)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-11", "2026-11-11T00:00:00+08:00"),
        ("2026-11-11T20:00:00+08:00", "2026-11-11T20:00:00+08:00"),
        ("2026-11-11T00:00:00Z", "2026-11-11T08:00:00+08:00"),
    ],
)
def test_moments(text: str, at: str) -> None:
    assert format_iso(read_moment(text, "on")) == at


@pytest.mark.parametrize(
    "text", ["", "11.11.2026", "2026-13-01", "2026-11-11T20:00:00", "明天!!!!!!!!"]
)
def test_moments_that_are_none(text: str) -> None:
    with pytest.raises(BadInput, match="on: write a day as 2026-11-11"):
        read_moment(text, "on")
