"""Licences that end soon: who is told, when, how often, and what a merchant lacks."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.merchant_desk import TODAY, Desk, licence

from quanyu.clock import DAY_US
from quanyu.compliance.gate import Record
from quanyu.compliance.licences import Licence, LicenceState
from quanyu.merchants.papers.records import PaperKind
from quanyu.merchants.papers.reminding import Due, Reminders, due, standing, step_of

OPEN_ENDED = Licence("practising", "第110105MA01号", "茶业公司", date(2022, 1, 1))


def ending(days: int, **change: Any) -> Licence:
    return licence(valid_to=TODAY + timedelta(days=days), **change)


EDGES = [
    (31, None), (30, "30d"), (8, "30d"), (7, "7d"), (1, "7d"), (0, "7d"), (-1, "over"),
    (-400, "over"),
]  # fmt: skip


@pytest.mark.parametrize(("days", "step"), EDGES)
def test_steps(days: int, step: str | None) -> None:
    found = due([ending(days)], TODAY)
    assert [step_of(one) for one in found] == ([] if step is None else [step])
    assert [one.days_left for one in found] == ([] if step is None else [days])


@pytest.mark.parametrize(("days", "words"), [(0, "将于 2026-03-10"), (-1, "已于 2026-03-09")])
def test_the_last_day_is_still_to_come(days: int, words: str) -> None:
    (found,) = due([ending(days)], TODAY)
    assert words in found.task
    state = LicenceState.EXPIRING if days >= 0 else LicenceState.EXPIRED
    assert found.state is state


def test_the_most_urgent_comes_first_and_equals_by_name() -> None:
    a, b, c = (
        Licence("food_business", f"JY1310115000000{n}", "茶业公司", date(2022, 1, 1),
                TODAY + timedelta(days=days))
        for n, days in ((1, 20), (2, -3), (3, 20))
    )  # fmt: skip
    assert [one.licence for one in due([c, a, b], TODAY)] == [b.id, a.id, c.id]


def test_what_has_no_end_or_not_begun_is_never_due() -> None:
    later = licence(valid_from=TODAY + timedelta(days=1), valid_to=TODAY + timedelta(days=9))
    assert due([OPEN_ENDED, later], TODAY) == []


@given(st.lists(st.integers(-40, 60), max_size=6))
def test_due_is_exactly_what_ends_within_thirty_days(days: list[int]) -> None:
    found = due([ending(one) for one in days], TODAY)
    assert [one.days_left for one in found] == sorted(one for one in days if one <= 30)


def notes(days_each: list[int], desk: Desk) -> list[int]:
    reminders: Reminders[None] = Reminders(desk.papers)
    told = []
    for days in days_each:
        desk.clock.advance(days * DAY_US)
        told.append(reminders.note())
    return told


def test_once_per_step_from_thirty_days_to_the_end() -> None:
    desk = Desk()
    desk.papers.add_licence("tea", ending(31), actor="lin")
    assert notes([0, 1, 1, 21, 1, 6, 1, 1, 100], desk) == [0, 1, 0, 0, 1, 0, 0, 1, 0]
    tasks = desk.papers.listed("tea", PaperKind.TASK)
    assert [one.id.rpartition("/")[2] for one in tasks] == ["30d", "7d", "over"]
    assert {one.actor for one in tasks} == {"quanyu"}


def test_a_renewed_licence_is_told_about_again() -> None:
    desk = Desk()
    desk.papers.add_licence("tea", ending(20), actor="lin")
    assert notes([0], desk) == [1]
    desk.papers.add_licence("tea", ending(25), actor="lin")
    assert notes([0, 0], desk) == [1, 0], "another end is another task"


def test_who_is_late_hears_of_the_last_step_only() -> None:
    desk = Desk()
    desk.papers.add_licence("tea", ending(-5), actor="lin")
    assert notes([0], desk) == [1]
    (task,) = desk.papers.listed("tea", PaperKind.TASK)
    assert task.id.endswith("/over")


def test_every_merchant_hears_of_its_own() -> None:
    desk = Desk()
    for merchant, days in (("tea", 20), ("hotpot", -1), ("books", 300)):
        desk.papers.add_licence(merchant, ending(days), actor="lin")
    assert notes([0], desk) == [2]
    assert [len(desk.papers.listed(one, PaperKind.TASK)) for one in ("tea", "hotpot", "books")] == [
        1, 1, 0,
    ]  # fmt: skip


def test_a_withdrawn_licence_is_nobodys_task() -> None:
    desk = Desk()
    desk.papers.add_licence("tea", ending(5), actor="lin")
    desk.papers.withdraw("tea", PaperKind.LICENCE, id=ending(5).id, actor="lin", reason="注销")
    assert notes([0], desk) == [0]
    assert Reminders(desk.papers).of("tea") == []


STANDINGS = [
    (Record(), {"industry.unknown"}),
    (Record(industry="general"), set()),
    (Record(industry="catering"), {"qualification.food"}),
    (Record(industry="catering", licences=(ending(400),)), set()),
    (Record(industry="catering", licences=(ending(5),)), set()),
    (Record(industry="catering", licences=(ending(-1),)), {"qualification.food"}),
    (Record(industry="catering", licences=(ending(400, shops=("总店",)),)), {"qualification.food"}),
]


@pytest.mark.parametrize(("record", "lacking"), STANDINGS)
def test_what_is_lacking(record: Record, lacking: set[str]) -> None:
    found = standing(record, "tea", on=TODAY)
    assert {hit.rule for hit in found.lacking} == lacking
    assert found.industry == record.industry
    assert found.due == tuple(due(record.licences, TODAY))


def test_due_says_what_it_is() -> None:
    (found,) = due([ending(20)], TODAY)
    assert found == Due(
        "food_business/JY13101150000001", LicenceState.EXPIRING, 20,
        "食品经营许可证 JY13101150000001 将于 2026-03-30 到期，请换证并登记新证",
    )  # fmt: skip
