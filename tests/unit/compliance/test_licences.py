"""What a licence must look like, and how it stands on a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.compliance.licences import Licence, LicenceState, licence_kinds, looks_like
from quanyu.errors import BadInput

DAY = timedelta(days=1)
FIRST, LAST = date(2024, 3, 1), date(2026, 2, 28)


def licence(**change: Any) -> Licence:
    usual: dict[str, Any] = {
        "kind": "food_business", "number": "JY13101150000001", "holder": "茶业公司",
        "valid_from": FIRST, "valid_to": LAST,
    }  # fmt: skip
    return Licence(**{**usual, **change})


STATES = [
    (FIRST - DAY, "not_yet"),
    (FIRST, "valid"),
    (LAST - 31 * DAY, "valid"),
    (LAST - 30 * DAY, "expiring"),
    (LAST, "expiring"),
    (LAST + DAY, "expired"),
]


@pytest.mark.parametrize(("on", "state"), STATES)
def test_states_follow_from_the_day(on: date, state: str) -> None:
    assert licence().state(on) == state
    assert licence().in_force(on) == (state in ("valid", "expiring"))


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_it_is_never_valid_again_after_its_end(on: date) -> None:
    if licence().state(on) is LicenceState.EXPIRED:
        assert licence().state(on + DAY) is LicenceState.EXPIRED


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "driving"}, "kind"),
    ({"number": "JY1"}, "number"),
    ({"number": "JY1310115000000１"}, "number"),
    ({"valid_to": None}, "valid_to"),
    ({"valid_to": FIRST - DAY}, "valid_to"),
    ({"valid_from": date(2015, 9, 30)}, "valid_from"),
    ({"creatives": ("0" * 64,)}, "creatives"),
]


@pytest.mark.parametrize(("change", "field"), FAULTS)
def test_faults_name_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        licence(**change).check()
    assert caught.value.field == field


def test_good_ones() -> None:
    licence().check()
    licence(kind="prepackaged_filing", number="YB13101150000001", valid_from=date(2022, 1, 1),
            valid_to=None).check()  # fmt: skip


FORMS = [
    ("medical_ad", "京医广【2026】第01-02-0003号", True),
    ("medical_ad", "医广第3号", False),
    ("drug_ad", "沪药广审(文)第260101-00001号", True),
    ("device_ad", "粤械广审（视）第260101-00001号", True),
    ("health_food_ad", "浙食健广审(文)第260101-00001号", True),
    ("health_food_ad", "浙药广审(文)第260101-00001号", False),
    ("special_cosmetics_registration", "国妆特进字20260001", True),
    ("cosmetics_filing", "沪G妆网备字2026000001", True),
    ("school", "随便", False),
]


@pytest.mark.parametrize(("kind", "number", "right"), FORMS)
def test_forms_of_numbers(kind: str, number: str, right: bool) -> None:
    assert looks_like(kind, number) is right


def test_every_kind_says_where_it_comes_from() -> None:
    kinds = licence_kinds().values()
    assert all(one.label and one.instrument.startswith(("《", "地方")) for one in kinds)
    assert len({one.label for one in kinds}) == len(kinds)
