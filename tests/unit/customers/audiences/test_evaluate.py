"""What a condition means for one person: tables of histories and answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import DAY_US, HOUR_US, format_iso, parse_iso
from quanyu.customers.audiences.decode import decode
from quanyu.customers.audiences.evaluate import evaluate, next_change_us
from quanyu.customers.audiences.explain import explain
from quanyu.customers.audiences.history import PersonView, whole_number
from quanyu.customers.audiences.plan import Plan
from quanyu.customers.audiences.silence import BOTH, at_silence, possible, silence_excludes
from quanyu.customers.audiences.tree import leaves
from quanyu.customers.audiences.vocabulary import Vocabulary
from quanyu.customers.audiences.words import phrase
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.definitions import Measure, Tag
from quanyu.events.event import Event

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
WORDS = Vocabulary({"city": "text", "orders_30d": "number", "interests": "texts"})


def happened(kind: str, ago_us: int = 0, **fields: Any) -> Event:
    return Event("e", kind, 1, NOW_US - ago_us, NOW_US, "app", (), **fields)


def person(*events: Event, **tags: Any) -> PersonView:
    return PersonView(tags, events)


def member(form: dict[str, Any], view: PersonView, as_of_us: int = NOW_US) -> bool:
    return evaluate(decode(form, WORDS), view, as_of_us=as_of_us)


def paid(*ago_us: int, fen: int = 100) -> PersonView:
    return person(*(happened("payment_completed", ago, amount_fen=fen) for ago in ago_us))


def payments(**more: Any) -> dict[str, Any]:
    return {"event": "payment_completed"} | more


WEEK = 7 * DAY_US
WINDOWED = [
    ("at the moment of asking", 0, True),
    ("one microsecond in the future", -1, False),
    ("just inside", WEEK - 1, True),
    ("exactly a window ago", WEEK, False),
]


@pytest.mark.parametrize(("name", "ago_us", "expected"), WINDOWED, ids=[r[0] for r in WINDOWED])
def test_a_window_is_open_at_its_far_end(name: str, ago_us: int, expected: bool) -> None:
    assert member(payments(within="7d"), paid(ago_us)) is expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("eq", 2, True),
        ("ne", 2, False),
        ("gt", 2, False),
        ("ge", 2, True),
        ("lt", 3, True),
        ("le", 1, False),
        ("in", [1, 2], True),
        ("not_in", [1, 2], False),
        ("between", [2, 5], True),
        ("between", [3, 5], False),
    ],
)
def test_a_count_is_compared(op: str, value: Any, expected: bool) -> None:
    assert member(payments(op=op, value=value), paid(HOUR_US, DAY_US)) is expected


def test_nothing_counts_as_zero() -> None:
    nobody = person()
    for measure in ({"measure": "count"}, {"measure": "days"}):
        assert member(payments(op="eq", value=0, **measure), nobody)
    assert member(payments(measure="sum", field="amount", op="eq", value=0), nobody)
    assert not member(payments(), nobody)


def test_days_are_those_of_china() -> None:
    midnight = 12 * HOUR_US
    evening_and_morning = paid(midnight - 1, midnight + 1)
    assert member(payments(measure="days", op="eq", value=2), evening_and_morning)
    assert member(payments(measure="days", op="eq", value=1), paid(1, HOUR_US))


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), ("3", 3), (-7, -7), (2.5, 0), (3.0, 0), ("x", 0), (True, 0), (None, 0), ("٣", 0),
     (10**15 - 1, 10**15 - 1), (10**15, 0)],
)  # fmt: skip
def test_only_whole_numbers_add_up(value: Any, number: int) -> None:
    assert whole_number(value) == number


WHERE = [
    ({"item": "a"}, {"item": "a"}, True),
    ({"item": "a"}, {"item": "A"}, False),
    ({"item": ["a", "b"]}, {"item": "b"}, True),
    ({"item": "a"}, {}, False),
    ({"quantity": 3}, {"props": {"quantity": 3}}, True),
    ({"quantity": 3}, {"props": {"quantity": "3"}}, True),
    ({"quantity": 3}, {"props": {"quantity": 3.0}}, False),
    ({"gift": True}, {"props": {"gift": True}}, True),
    ({"gift": "true"}, {"props": {"gift": True}}, True),
    ({"amount": 100}, {"amount_fen": 100}, True),
    ({"item": "a", "store": "s"}, {"item": "a"}, False),
]


@pytest.mark.parametrize(("where", "fields", "expected"), WHERE)
def test_fields_are_compared_as_text(where: Any, fields: Any, expected: bool) -> None:
    assert member({"event": "view", "where": where}, person(happened("view", **fields))) is expected


TAGS = [
    ("eq", "上海", True, False),
    ("ne", "上海", False, True),
    ("in", ["上海", "北京"], True, False),
    ("not_in", ["上海", "北京"], False, True),
    ("contains", "海", True, False),
    ("exists", True, True, False),
    ("exists", False, False, True),
]


@pytest.mark.parametrize(("op", "value", "there", "missing"), TAGS)
def test_a_missing_tag_answers_no_and_its_opposite_yes(
    op: str, value: Any, there: bool, missing: bool
) -> None:
    form = {"tag": "city", "op": op, "value": value}
    assert member(form, person(city="上海")) is there
    assert member(form, person()) is missing


def test_numbers_and_lists_of_tags() -> None:
    rich = person(orders_30d=3, interests=("美妆", "食品"))
    assert member({"tag": "orders_30d", "op": "between", "value": [3, 4]}, rich)
    assert not member({"tag": "orders_30d", "op": "lt", "value": 3}, rich)
    assert not member({"tag": "orders_30d", "op": "lt", "value": 3}, person())
    assert member({"tag": "interests", "op": "contains", "value": "食品"}, rich)
    assert not member({"tag": "interests", "op": "contains", "value": "食"}, rich)


@pytest.mark.parametrize(("form", "expected"), [({"all": []}, True), ({"any": []}, False)])
def test_all_of_nothing_is_everybody_and_any_of_nothing_nobody(form: Any, expected: bool) -> None:
    assert member(form, person()) is expected


def sequence(*kinds: str, within: str = "1h") -> dict[str, Any]:
    return {"sequence": [{"event": kind} for kind in kinds], "within": within}


MINUTE = HOUR_US // 60
SEQUENCES = [
    ("in order", "view click", [("view", 9), ("click", 1)], True),
    ("in the wrong order", "view click", [("click", 9), ("view", 1)], False),
    ("at the same instant counts in either order", "view click", [("click", 5), ("view", 5)], True),
    ("exactly as long as allowed", "view click", [("view", 60), ("click", 0)], True),
    ("too long", "view click", [("view", 61), ("click", 0)], False),
    ("the latest start counts", "view click", [("view", 99), ("view", 5), ("click", 0)], True),
    ("one event is not two", "view view", [("view", 5)], False),
    ("two at one instant are not one after the other", "view view", [("view", 5)] * 2, False),
    ("twice", "view view", [("view", 5), ("view", 4)], True),
    ("there and back", "view click view", [("view", 5), ("click", 4), ("view", 4)], False),
    ("there and later back", "view click view", [("view", 5), ("click", 4), ("view", 3)], True),
    ("in the future", "view click", [("view", 5), ("click", -1)], False),
    ("longer ago than any window", "view click", [("view", 99_999), ("click", 99_998)], True),
]


@pytest.mark.parametrize(
    ("name", "steps", "seen", "expected"), SEQUENCES, ids=[row[0] for row in SEQUENCES]
)
def test_a_sequence(name: str, steps: str, seen: list[tuple[str, int]], expected: bool) -> None:
    view = person(*(happened(kind, minutes * MINUTE) for kind, minutes in seen))
    assert member(sequence(*steps.split()), view) is expected


TURNS = [
    ("a payment leaves the window", payments(within="7d"), [DAY_US], 6 * DAY_US),
    ("the last of two matters", payments(within="7d"), [DAY_US, 2 * DAY_US], 6 * DAY_US),
    ("the first of two matters", payments(within="7d", value=2), [DAY_US, 2 * DAY_US], 5 * DAY_US),
    ("silence comes true", payments(within="7d", op="eq", value=0), [DAY_US], 6 * DAY_US),
    ("without a window nothing turns", payments(), [DAY_US], None),
    ("too few never turn", payments(within="7d", value=3), [DAY_US], None),
    ("a later window fills", payments(within={"from": "7d", "to": "3d"}), [DAY_US], 2 * DAY_US),
    ("an event of tomorrow arrives", payments(), [-DAY_US], DAY_US),
]


@pytest.mark.parametrize(("name", "form", "ago", "in_us"), TURNS, ids=[row[0] for row in TURNS])
def test_the_next_turn_is_known(name: str, form: Any, ago: list[int], in_us: int | None) -> None:
    tree, view = decode(form, WORDS), paid(*ago)
    turn_us = next_change_us(tree, view, as_of_us=NOW_US)
    assert turn_us == (None if in_us is None else NOW_US + in_us)
    if turn_us is not None:
        now = evaluate(tree, view, as_of_us=NOW_US)
        assert evaluate(tree, view, as_of_us=turn_us - 1) is now
        assert evaluate(tree, view, as_of_us=turn_us) is not now


def test_tags_hold_until_their_day_ends() -> None:
    tree = decode({"tag": "city", "op": "eq", "value": "上海"}, WORDS)
    view = PersonView({"city": "上海"}, (), tags_until_us=NOW_US + HOUR_US)
    assert next_change_us(tree, view, as_of_us=NOW_US) == NOW_US + HOUR_US


def test_a_future_sequence_turns_when_it_completes() -> None:
    view = person(happened("view"), happened("click", -MINUTE))
    tree = decode(sequence("view", "click"), WORDS)
    assert next_change_us(tree, view, as_of_us=NOW_US) == NOW_US + MINUTE
    assert next_change_us(tree, view, as_of_us=NOW_US + MINUTE) is None


BEAUTY = {"tag": "interests", "op": "contains", "value": "美妆"}
RICH = {
    "all": [
        payments(measure="sum", field="amount", op="ge", value=5000, within="30d"),
        {"not": payments(within="7d")},
        {"any": [BEAUTY, sequence("view", "click")]},
    ]
}


class TestExplain:
    def test_each_condition_says_have_need_and_gap(self) -> None:
        paying = happened("payment_completed", DAY_US, amount_fen=3770)
        view = person(paying, interests=("食品",))
        found = explain(decode(RICH, WORDS), view, as_of_us=NOW_US)
        assert [(f.path, f.have, f.met, f.wanted) for f in found] == [
            ("all[0]", 3770, False, True),
            ("all[1].not", 1, True, False),
            ("all[2].any[0]", ("食品",), False, True),
            ("all[2].any[1]", None, False, True),
        ]
        assert found[0].text == "近 30 天支付金额（分）至少 5000：现有 3770，不满足，差 ¥12.30"
        assert found[1].until == format_iso(NOW_US + 6 * DAY_US)

    @pytest.mark.parametrize(
        ("form", "text"),
        [
            ({"event": "view"}, "累计浏览次数至少 1"),
            (payments(measure="days", op="between", value=[2, 3]), "累计支付天数介于 2 和 3 之间"),
            ({"event": "view", "where": {"item": ["a", "b"]}}, "累计浏览（item=a、b）次数至少 1"),
            (payments(within={"to": "30d"}), "从最初到30 天前支付次数至少 1"),
            (payments(measure="sum", field="quantity"), "累计支付的 quantity 合计至少 1"),
            ({"tag": "city", "op": "exists"}, "标签「city」有值"),
            (sequence("view", "click", within="1d"), "1 天内依次 浏览 → 点击"),
            ({"audience": "buyers"}, "属于人群「buyers」"),
        ],
    )
    def test_conditions_read_in_chinese(self, form: Any, text: str) -> None:
        assert phrase(decode(form, WORDS)) == text  # type: ignore[arg-type]


class TestSilence:
    @pytest.mark.parametrize(
        ("form", "excluded"),
        [
            (payments(), True),
            (payments(op="eq", value=0), False),
            ({"not": payments()}, False),
            ({"all": [payments(), {"not": {"event": "view"}}]}, True),
            ({"any": [payments(), {"event": "view"}]}, True),
            ({"any": [payments(), {"tag": "city"}]}, True),
            ({"any": [payments(), {"tag": "city", "op": "ne", "value": "x"}]}, False),
        ],
    )
    def test_people_of_whom_nothing_is_known(self, form: Any, excluded: bool) -> None:
        tree = decode(form, WORDS)
        assert silence_excludes(tree, set(leaves(tree))) is excluded  # type: ignore[arg-type]
        assert evaluate(tree, person(), as_of_us=NOW_US) is not excluded

    def test_conditions_that_are_not_silent_are_free(self) -> None:
        tree = decode({"any": [payments(), {"event": "view"}]}, WORDS)
        first, second = leaves(tree)
        assert possible(tree, {first}) == BOTH  # type: ignore[arg-type]
        assert not at_silence(second)  # type: ignore[arg-type]


CITY = Tag(
    key="city",
    label="城市",
    kind="fact",
    purpose="analytics",
    measure=Measure(events=("member_joined",), aggregate="last", field="city"),
)
CATALOGUE = Catalogue([CITY])
FORMS = {
    1: {"all": []},
    2: payments(within="7d"),
    3: {"event": "view", "where": {"item": "a"}},
    4: {"not": {"event": "view", "where": {"item": "a"}}},
    5: {"tag": "city", "op": "eq", "value": "上海"},
    6: sequence("view", "click"),
}


class TestPlan:
    plan = Plan({no: decode(form, WORDS) for no, form in FORMS.items()}, CATALOGUE)

    @pytest.mark.parametrize(
        ("event", "touched"),
        [
            (happened("payment_completed"), {2}),
            (happened("view", item="a"), {3, 4, 6}),
            (happened("view", item="b"), {6}),
            (happened("click"), {6}),
            (happened("member_joined", props={"city": "上海"}), {5}),
            (happened("member_joined"), set()),
            (happened("follow"), set()),
        ],
    )
    def test_an_event_touches_only_what_it_can_change(self, event: Event, touched: Any) -> None:
        assert self.plan.touched(event) == touched

    def test_newcomers_enter_what_asks_for_nothing(self) -> None:
        assert self.plan.of_newcomers == {1, 4}
        assert self.plan.everyone == 1
        assert self.plan.tagged == {5}

    @given(st.lists(st.sampled_from(["view", "click", "payment_completed"]), max_size=6))
    def test_the_plan_judges_as_the_reference_does(self, kinds: list[str]) -> None:
        view = person(*(happened(kind, n * HOUR_US, item="a") for n, kind in enumerate(kinds)))
        verdicts = self.plan.judge(view, NOW_US, audiences=FORMS)
        expected = {
            no: evaluate(tree, view, as_of_us=NOW_US) for no, tree in self.plan.trees.items()
        }
        assert {v.audience: v.member for v in verdicts} == expected
        for verdict in verdicts:
            tree = self.plan.trees[verdict.audience]
            assert verdict.next_us == next_change_us(tree, view, as_of_us=NOW_US)
