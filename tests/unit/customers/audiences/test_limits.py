"""Definitions at their limits, texts of explanations, tiers to the microsecond, and look-alikes on
a crowd in which the likeness was planted."""

from typing import Any

import numpy as np
import pytest

from quanyu.clock import DAY_US, HOUR_US, format_iso, parse_iso
from quanyu.customers.audiences.decode import DEPTH_MAX, NODES_MAX, decode
from quanyu.customers.audiences.evaluate import evaluate
from quanyu.customers.audiences.explain import Finding, explain
from quanyu.customers.audiences.history import PersonView
from quanyu.customers.audiences.lookalike import expand
from quanyu.customers.audiences.ports import Features, Purchases
from quanyu.customers.audiences.tiers import lifecycle, rfm, rfm_rules
from quanyu.customers.audiences.tree import leaves
from quanyu.customers.audiences.vocabulary import Vocabulary
from quanyu.errors import BadInput
from quanyu.events.event import Event

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
WORDS = Vocabulary({"city": "text", "orders_30d": "number", "interests": "texts"})
VIEW = {"event": "view"}
PAID = "payment_completed"


def refusal(form: Any) -> tuple[str, str]:
    with pytest.raises(BadInput) as refused:
        decode(form, WORDS)
    return refused.value.field, refused.value.mend


class TestLimits:
    @pytest.mark.parametrize("wrap", ["all", "any"])
    def test_lists_nest_as_deep_as_negations(self, wrap: str) -> None:
        form: Any = VIEW
        for _ in range(DEPTH_MAX - 1):
            form = {wrap: [form]}
        assert len(list(leaves(decode(form, WORDS)))) == 1
        path = ".".join([f"{wrap}[0]"] * DEPTH_MAX)
        assert refusal({wrap: [form]}) == (path, f"nested deeper than {DEPTH_MAX}")

    def test_depth_is_counted_along_one_branch(self) -> None:
        deep: Any = VIEW
        for _ in range(DEPTH_MAX - 2):
            deep = {"not": deep}
        assert len(list(leaves(decode({"all": [deep, deep, deep]}, WORDS)))) == 3

    @pytest.mark.parametrize(
        ("steps", "singles", "fits"),
        [(8, NODES_MAX - 10, True), (8, NODES_MAX - 9, False), (2, NODES_MAX - 4, True)],
    )
    def test_steps_of_sequences_are_nodes_too(self, steps: int, singles: int, fits: bool) -> None:
        """The list, the sequence and its steps, and so many single conditions."""
        row = {"sequence": [VIEW] * steps, "within": "1d"}
        form = {"all": [row, *[VIEW] * singles]}
        if fits:
            decode(form, WORDS)
        else:
            assert refusal(form) == (f"all[{singles}]", f"more than {NODES_MAX} nodes")

    @pytest.mark.parametrize(
        ("form", "field", "hint"),
        [
            ({"event": "veiw"}, "event", "view"),
            ({"event": "refund"}, "event", "refund_completed"),
            ({"not": {"event": "coupon_used"}}, "not.event", "coupon_"),
            ({"tag": "order_30d"}, "tag", "orders_30d"),
            ({"any": [{"tag": "interest"}]}, "any[0].tag", "interests"),
            ({"event": "view", "mesure": "sum"}, "mesure", "measure"),
            ({"event": "view", "were": {}}, "were", "where"),
            ({"tag": "city", "val": "上海"}, "val", "value"),
            ({"event": "view", "within": {"frm": "7d"}}, "within.frm", "from"),
        ],
    )
    def test_a_slip_is_answered_with_the_word_that_was_meant(
        self, form: Any, field: str, hint: str
    ) -> None:
        place, mend = refusal(form)
        assert place == field
        assert f"did you mean {hint}" in mend


def did(kind: str, ago_us: int, **fields: Any) -> Event:
    return Event("e", kind, 1, NOW_US - ago_us, NOW_US, "app", (), **fields)


def finding(form: Any, *events: Event, **tags: Any) -> Finding:
    (only,) = explain(decode(form, WORDS), PersonView(tags, events), as_of_us=NOW_US)
    return only


class TestExplanations:
    @pytest.mark.parametrize(
        ("form", "times", "says"),
        [
            ({"value": 3}, 1, "现有 1，不满足，差 2 次"),
            ({"value": 3, "op": "gt"}, 3, "现有 3，不满足，差 1 次"),
            ({"value": 3, "op": "eq"}, 4, "现有 4，不满足"),
            ({"value": 2, "op": "lt"}, 2, "现有 2，不满足"),
            ({"value": [5, 6], "op": "in"}, 2, "现有 2，不满足"),
            ({"value": 2, "measure": "days"}, 2, "现有 1，不满足，差 1 天"),
            ({"value": 250, "measure": "sum", "field": "amount"}, 2, "不满足，差 ¥0.50"),
            ({"value": 9, "measure": "sum", "field": "quantity"}, 2, "现有 4，不满足，差 5"),
            ({"value": 2}, 2, "现有 2，满足"),
        ],
    )
    def test_what_is_missing_is_said(self, form: Any, times: int, says: str) -> None:
        paid = did(PAID, HOUR_US, amount_fen=100, props={"quantity": 2})
        assert finding({"event": PAID} | form, *[paid] * times).text.endswith(says)

    @pytest.mark.parametrize(
        ("form", "tags", "says", "met"),
        [
            ({"tag": "city", "op": "eq", "value": "上海"}, {}, "等于 上海：现有 无，不满足", False),
            ({"tag": "city", "op": "ne", "value": "上海"}, {}, "不等于 上海：现有 无，满足", True),
            (
                {"tag": "interests", "op": "contains", "value": "美妆"},
                {"interests": ("美妆", "食品")},
                "包含 美妆：现有 美妆、食品，满足",
                True,
            ),
            (
                {"tag": "city", "op": "exists", "value": False},
                {"city": "北京"},
                "无值：现有 北京，不满足",
                False,
            ),
        ],
    )
    def test_tags(self, form: Any, tags: dict[str, Any], says: str, met: bool) -> None:
        found = finding(form, **tags)
        assert (found.text.endswith(says), found.met) == (True, met), found.text

    @pytest.mark.parametrize(
        ("within", "ago_us", "met", "until_us"),
        [
            ("7d", DAY_US, True, 6 * DAY_US),
            ("7d", 8 * DAY_US, False, None),
            ({"from": "30d", "to": "7d"}, DAY_US, False, 6 * DAY_US),
            ({"from": "30d", "to": "7d"}, 10 * DAY_US, True, 20 * DAY_US),
            ("7d", -HOUR_US, False, HOUR_US),
        ],
    )
    def test_the_moment_at_which_time_alone_turns_it(
        self, within: Any, ago_us: int, met: bool, until_us: int | None
    ) -> None:
        found = finding(VIEW | {"within": within}, did("view", ago_us))
        until = None if until_us is None else format_iso(NOW_US + until_us)
        assert (found.met, found.until) == (met, until)

    def test_a_double_negation_is_wanted_again(self) -> None:
        found = finding({"not": {"any": [{"not": VIEW}]}})
        assert (found.path, found.wanted) == ("not.any[0].not", True)


@pytest.mark.parametrize(
    ("days", "earlier", "before", "at", "after"),
    [
        (30, (), "new", "dormant", "dormant"),
        (30, (300,), "active", "dormant", "dormant"),
        (90, (), "dormant", "lost", "lost"),
        (0, (), "lead", "new", "new"),
    ],
)
def test_tiers_turn_at_the_microsecond(
    days: int, earlier: tuple[int, ...], before: str, at: str, after: str
) -> None:
    """A payment leaves a window exactly its length later, and counts from its own instant on."""
    payments = [did(PAID, 0), *(did(PAID, ago * DAY_US) for ago in earlier)]
    view = PersonView({}, payments)
    for shift_us, name in ((-1, before), (0, at), (1, after)):
        as_of_us = NOW_US + days * DAY_US + shift_us
        held = [t.name for t in lifecycle() if evaluate(t.tree, view, as_of_us=as_of_us)]
        assert held == [name]


def bought(recency: list[int], frequency: list[int], monetary: list[int]) -> Purchases:
    columns = (np.asarray(one, np.int64) for one in (recency, frequency, monetary))
    return Purchases(np.arange(len(recency)), *columns)


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "segments"),
    [
        ([1], [1], [1], {"重要价值客户"}),
        ([5, 5], [3, 3], [9, 9], {"重要价值客户"}),
        ([], [], [], set()),
        ([1, 2], [1, 2], [1, 2], {"一般发展客户", "重要保持客户"}),
    ],
)
def test_few_buyers_and_equal_buyers(
    recency: list[int], frequency: list[int], monetary: list[int], segments: set[str]
) -> None:
    assert set(rfm(bought(recency, frequency, monetary), rfm_rules()).segment) == segments


class TestLikeness:
    """600 of 4,000 people are keen; the seed is a third of them. Only column 0 tells."""

    chance = np.random.default_rng(8)
    keen = np.arange(4_000) < 600
    telling = np.where(keen, chance.poisson(6, 4_000), chance.poisson(1, 4_000))
    matrix = np.column_stack([telling, chance.poisson(4, (4_000, 3))]).astype(np.float64)
    features = Features(np.arange(4_000) * 3, ("telling", "a", "b", "c"), matrix)
    seed = np.arange(200) * 3

    def test_the_model_beats_chance_and_says_why(self) -> None:
        found = expand(self.features, self.seed, size=200)
        assert found.auc > 0.8
        assert (found.persons // 3 < 600).mean() > 0.9
        first, *others = found.weights
        assert first[0] == "telling"
        assert first[1] > 4 * max(abs(weight) for _, weight in others)

    def test_more_is_the_same_and_then_some(self) -> None:
        few, many = (expand(self.features, self.seed, size=size) for size in (50, 300))
        assert many.persons[:50].tolist() == few.persons.tolist()
        assert (many.auc, many.weights) == (few.auc, few.weights)

    def test_seed_members_without_events_do_not_count(self) -> None:
        strangers = np.arange(1, 1_000, 3)
        found = expand(self.features, np.concatenate([self.seed, strangers]), size=10)
        assert found.seed_people == 200

    def test_people_with_equal_scores_stand_by_number(self) -> None:
        found = expand(self.features, self.seed, size=4_000)
        ranked = list(zip((-found.scores).tolist(), found.persons.tolist(), strict=True))
        assert ranked == sorted(ranked)
