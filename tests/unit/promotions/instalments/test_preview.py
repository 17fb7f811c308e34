"""What terms would cost: by hand, without an order and without a clock."""

from datetime import date
from typing import Any

import pytest

from quanyu.errors import BadInput, Refused
from quanyu.promotions.instalments.preview import YEAR_MAX, PreviewForm, preview
from quanyu.promotions.pricing.instalments import BEARERS, DEFAULT_RATES, TERMS


def shown(amount: int, terms: int, **more: Any) -> dict[str, Any]:
    found = preview(PreviewForm(amount, terms, **more), DEFAULT_RATES)
    assert isinstance(found, dict)
    return found


def test_the_buyer_bears_the_fee_unless_said() -> None:
    found = shown(100_00, 3)
    assert found.pop("schedule") == [
        {"term": 1, "due_on": None, "principal": 3333, "fee": 60, "due": 3393},
        {"term": 2, "due_on": None, "principal": 3333, "fee": 60, "due": 3393},
        {"term": 3, "due_on": None, "principal": 3334, "fee": 60, "due": 3394},
    ]
    assert found == {
        "financed": 100_00, "bearer": "buyer", "fee": 180, "borne": 0, "due": 101_80,
    }  # fmt: skip


@pytest.mark.parametrize("bearer", ["merchant", "platform"])
def test_free_for_the_buyer(bearer: Any) -> None:
    found = shown(36_890, 12, bearer=bearer)
    assert (found["fee"], found["borne"], found["due"]) == (2_435, 2_435, 36_890)
    assert {one["fee"] for one in found["schedule"]} == {0}


def test_days_end_with_the_month() -> None:
    found = shown(100_00, 3, paid_on=date(2026, 10, 31))
    days = [one["due_on"] for one in found["schedule"]]
    assert days == ["2026-11-30", "2026-12-31", "2027-01-31"]


@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize("bearer", BEARERS)
def test_terms_sum_to_what_is_due(terms: int, bearer: Any) -> None:
    found = shown(99_991, terms, bearer=bearer)
    assert sum(one["due"] for one in found["schedule"]) == found["due"]
    assert found["due"] + found["borne"] == found["financed"] + found["fee"]


def test_what_is_refused() -> None:
    assert preview(PreviewForm(2, 3), DEFAULT_RATES) == Refused("less_than_a_fen_per_term", 2, 3)
    assert preview(PreviewForm(100, 12), {3: 1}) == Refused("terms_not_offered", 12)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (PreviewForm(100, 5), "terms"),
        (PreviewForm(100, 3, paid_on=date(YEAR_MAX + 1, 1, 1)), "paid_on"),
    ],
)
def test_bad_input_names_the_field(form: PreviewForm, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        preview(form, DEFAULT_RATES)
    assert caught.value.field == field
