"""Templates: what is refused, with its path and the mend, and what a piece is worth."""

from typing import Any

import pytest
from tests.money_ground import template

from quanyu.clock import DAY_US, parse_iso
from quanyu.errors import BadInput
from quanyu.promotions.offers.terms import read_template

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no cap in money": ({"money": None}, "template.money"),
    "no cap in pieces": ({"pieces": None}, "template.pieces"),
    "no piece at all": ({"pieces": 0}, "template.pieces"),
    "negative money": ({"money": -1}, "template.money"),
    "fractional money": ({"money": 10.5}, "template.money"),
    "overflowing money": ({"money": 10**16}, "template.money"),
    "money for no single piece": ({"money": 1999}, "template.money"),
    "a word for a number": ({"pieces": "many"}, "template.pieces"),
    "an unknown field": ({"colour": "red"}, "template.colour"),
    "no end": ({"valid_for": None}, "template.expires"),
    "an end without offset": ({"expires": "2026-05-01T00:00:00"}, "template.expires"),
    "an odd length": ({"valid_for": "soon"}, "template.valid_for"),
    "an odd window": ({"undo_within": "0m"}, "template.undo_within"),
    "a percent without cap": (
        {"benefit": {"percent_off": {"percent": 20}}}, "template.terms.benefit",
    ),
    "a repeat without cap": (
        {"benefit": {"amount_off": {"amount": 5, "threshold": 100, "repeat": True}}},
        "template.terms.benefit",
    ),
    "more off than is asked for": (
        {"benefit": {"amount_off": {"amount": 200, "threshold": 100}}}, "template.terms.benefit",
    ),
    "a face that the benefit says": ({"face": 100}, "template.face"),
    "a benefit without face": (
        {"benefit": {"free_shipping": {}}, "terms": {"lane": "shipping"}}, "template.face",
    ),
    "percent over 100": (
        {"benefit": {"percent_off": {"percent": 101, "cap": 5}}}, "template.terms",
    ),
    "no benefit": ({"benefit": {}}, "template.terms.benefit"),
    "an unknown lane": ({"terms": {"lane": "moon"}}, "template.terms.lane"),
    "a promotion": ({"terms": {"kind": "promotion"}}, "template.terms.kind"),
    "an odd id": ({"terms": {"id": "a b"}}, "terms.id"),
    "shares that do not add up": (
        {"terms": {"funders": {"merchant": 40}}}, "template.terms.funders",
    ),
    "nobody may have one": ({"per_person": 0}, "template.per_person"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "field"), FAULTS.values(), ids=FAULTS)
def test_a_template_that_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_template(template(**change))
    assert refused.value.field.startswith(field)
    assert refused.value.mend


@pytest.mark.parametrize("document", [None, [], "x", 7])
def test_what_is_no_template(document: Any) -> None:
    with pytest.raises(BadInput):
        read_template(document)


def test_the_earlier_of_both_ends_counts() -> None:
    now_us = parse_iso("2026-03-10T12:00:00+08:00")
    both = read_template(template(expires="2026-03-12T00:00:00+08:00"))
    assert both.expiry_us(now_us) == parse_iso("2026-03-12T00:00:00+08:00")
    assert both.expiry_us(now_us - 30 * DAY_US) == now_us - 23 * DAY_US
    alone = read_template(template(valid_for=None, expires="2026-03-12T00:00:00+08:00"))
    assert alone.expiry_us(now_us) == alone.last_us


def test_a_tenth_of_the_money_is_expected_in_an_hour_unless_said() -> None:
    assert read_template(template()).hourly_fen == 200_000
    assert read_template(template(forecast_hour=7)).hourly_fen == 7
