"""A definition is read strictly, and a refusal names the place and the mend."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.customers.audiences.decode import (
    BYTES_MAX,
    DEPTH_MAX,
    NODES_MAX,
    check_name,
    decode,
    decode_definition,
)
from quanyu.customers.audiences.resolve import references, resolve
from quanyu.customers.audiences.tree import (
    All,
    EventCondition,
    InAudience,
    Not,
    Step,
    TagCondition,
    Window,
    to_json,
)
from quanyu.customers.audiences.vocabulary import Vocabulary, nearest
from quanyu.errors import BadInput

WORDS = Vocabulary({"city": "text", "orders_30d": "number", "interests": "texts"})
VIEW = {"event": "view", "measure": "count", "op": "ge", "value": 1}


def refusal(form: Any) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        decode(form, WORDS)
    return caught.value.field, caught.value.mend


GOOD: list[dict[str, Any]] = [
    {"all": []},
    {"any": [{"not": VIEW}]},
    {"audience": "buyers"},
    {"tag": "city", "op": "in", "value": ["上海", "北京"]},
    {"tag": "orders_30d", "op": "between", "value": [1, 3]},
    {"tag": "interests", "op": "contains", "value": "美妆"},
    {"tag": "city", "op": "exists", "value": False},
    VIEW | {"within": "7d"},
    VIEW | {"where": {"item": "a", "channel": ["app", 3, True]}},
    VIEW | {"within": {"from": "90d", "to": "30d"}},
    VIEW | {"within": {"from": "2026-01-01T00:00:00+08:00", "to": "2026-02-01T00:00:00+08:00"}},
    {"event": "payment_completed", "measure": "sum", "field": "amount", "op": "gt", "value": 9},
    {"sequence": [{"event": "view", "where": {"item": "a"}}, {"event": "click"}], "within": "1d"},
]


@pytest.mark.parametrize("form", GOOD, ids=lambda form: json.dumps(form, ensure_ascii=False)[:60])
def test_json_goes_round_exactly(form: dict[str, Any]) -> None:
    tree = decode(form, WORDS)
    assert to_json(tree) == form
    assert decode(to_json(tree), WORDS) == tree
    assert hash(tree) == hash(decode(form, WORDS))


def test_defaults_are_written_out() -> None:
    assert to_json(decode({"event": "view"}, WORDS)) == VIEW
    assert to_json(decode({"tag": "city"}, WORDS)) == {"tag": "city", "op": "exists", "value": True}


PAID = {"event": "payed"}
BAD: list[tuple[Any, str, str]] = [
    ({"all": [VIEW, PAID]}, "all[1].event", "did you mean payment_completed"),
    ([], "definition", "must be an object"),
    ({}, "definition", "exactly one of"),
    ({"all": [], "any": []}, "definition", "exactly one of"),
    ({"all": {}}, "all", "must be a list"),
    ({"all": [], "op": "eq"}, "op", "unknown key"),
    ({"not": {"all": [3]}}, "not.all[0]", "must be an object"),
    ({"tag": "citi"}, "tag", "did you mean city"),
    ({"tag": 3}, "tag", "unknown tag 3"),
    ({"tag": "city", "op": "gt", "value": 3}, "op", "not possible on a text tag"),
    ({"tag": "orders_30d", "op": "contains", "value": 3}, "op", "not possible on a number tag"),
    ({"tag": "orders_30d", "op": "eq", "value": "3"}, "value", "whole number"),
    ({"tag": "orders_30d", "op": "eq", "value": 2.5}, "value", "whole number"),
    ({"tag": "orders_30d", "op": "eq", "value": True}, "value", "whole number"),
    ({"tag": "city", "op": "eq"}, "value", "is missing"),
    ({"tag": "city", "op": "in", "value": []}, "value", "list of 1 to"),
    ({"tag": "city", "op": "in", "value": ["a", 3]}, "value[1]", "must be text"),
    ({"tag": "city", "op": "eq", "value": "a\0b"}, "value", "no text can hold"),
    ({"tag": "city", "op": "eq", "value": "\ud800"}, "value", "no text can hold"),
    ({"tag": "city", "op": "eq", "value": "a" * 300}, "value", "at most 256"),
    ({"tag": "city", "op": "exists", "value": "yes"}, "value", "true or false"),
    ({"tag": "orders_30d", "op": "between", "value": [3, 1]}, "value", "the smaller first"),
    (VIEW | {"op": "contains"}, "op", "not possible on an event"),
    (VIEW | {"measure": "avg"}, "measure", "use one of count, days, sum"),
    (VIEW | {"value": 10**16}, "value", "whole number"),
    (VIEW | {"field": "amount"}, "field", "belongs to the measure sum"),
    (VIEW | {"measure": "sum"}, "field", "must be amount or"),
    (VIEW | {"measure": "sum", "field": "item"}, "field", "must be amount or"),
    (VIEW | {"where": []}, "where", "must be an object"),
    (VIEW | {"where": {"kind": "x"}}, "where.kind", "is not a field"),
    (VIEW | {"where": {"hour": "9"}}, "where.hour", "belongs to tags"),
    (VIEW | {"where": {"a b": "x"}}, "where.a b", "is not a field"),
    (VIEW | {"where": {"item); DROP": "x"}}, "where.item); DROP", "is not a field"),
    (VIEW | {"where": {"item": 3}}, "where.item", "must be text"),
    (VIEW | {"where": {"amount": "3"}}, "where.amount", "whole number"),
    (VIEW | {"where": {"channel": 2.5}}, "where.channel", "must be text"),
    (VIEW | {"where": {"channel": ["a", None]}}, "where.channel[1]", "must be text"),
    (VIEW | {"within": "7"}, "within", "not a duration"),
    (VIEW | {"within": "7d", "from": "90d"}, "within", "not both"),
    (VIEW | {"from": "1d", "to": "7d"}, "definition", "from must lie before to"),
    (VIEW | {"within": 7}, "within", "such as 7d"),
    (VIEW | {"within": {}}, "within", "needs from, to or both"),
    (VIEW | {"within": {"from": 3}}, "within.from", "ISO time"),
    (VIEW | {"within": {"from": "2026-01-01T00:00:00"}}, "within.from", "offset"),
    (VIEW | {"within": {"from": "1d", "to": "7d"}}, "within", "from must lie before to"),
    (VIEW | {"within": {"since": "1d"}}, "within.since", "unknown key"),
    ({"sequence": [{"event": "view"}], "within": "1d"}, "sequence", "2 to 8"),
    ({"sequence": [VIEW, VIEW], "within": "1d"}, "sequence[0].measure", "unknown key"),
    ({"sequence": [{"event": "view"}, 3], "within": "1d"}, "sequence[1]", "must be"),
    ({"sequence": [{"event": "view"}, {"event": "click"}]}, "within", "such as 7d"),
    ({"audience": 3}, "audience", "letters, digits"),
    ({"audience": "a'b"}, "audience", "letters, digits"),
]


@pytest.mark.parametrize(("form", "field", "mend"), BAD, ids=lambda part: str(part)[:40])
def test_a_refusal_names_the_place_and_the_mend(form: Any, field: str, mend: str) -> None:
    where, how = refusal(form)
    assert where == field
    assert mend in how


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ('{"all": [], "all": []}', "'all' stands twice"),
        ('{"event": "view", "value": NaN}', "NaN is not a JSON number"),
        ("[" * 100_000, "nested deeper"),
        (" " * (BYTES_MAX + 1), "larger than 256 KiB"),
    ],
    ids=["empty", "not utf-8", "twice", "nan", "deep", "large"],
)
def test_json_that_parsers_wave_through_is_refused(text: str | bytes, mend: str) -> None:
    with pytest.raises(BadInput, match=mend):
        decode_definition(text, WORDS)


def nested(depth: int) -> Any:
    form: Any = VIEW
    for _ in range(depth - 1):
        form = {"not": form}
    return form


def test_depth_and_size_have_limits() -> None:
    decode(nested(DEPTH_MAX), WORDS)
    assert refusal(nested(DEPTH_MAX + 1))[1] == f"nested deeper than {DEPTH_MAX}"
    decode({"all": [VIEW] * (NODES_MAX - 1)}, WORDS)
    assert f"more than {NODES_MAX}" in refusal({"all": [VIEW] * NODES_MAX})[1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "tag", "event", "op", "value", "where", "within"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_decoded_or_refused_and_nothing_else(form: Any) -> None:
    try:
        tree = decode(form, WORDS)
    except BadInput:
        return
    assert decode(to_json(tree), WORDS) == tree


@pytest.mark.parametrize("name", ["buyers", "高价值 客户", "a.b:c-d_e", "x" * 64])
def test_names_may_be_of_any_script(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", " a", "a ", "a;b", "'", "x" * 65, "a\n", "-a"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        check_name(name)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("payed", "; did you mean payment_completed"),
        ("cart", "; did you mean add_to_cart"),
        ("favorite", "; did you mean favourite"),
        ("zzzz", ""),
        (None, ""),
    ],
)
def test_hints_prefer_a_shared_beginning(word: Any, hint: str) -> None:
    assert nearest(word, WORDS.kinds) == hint


class TestReferences:
    buyers = EventCondition(Step("payment_completed"))

    def test_they_are_replaced_by_what_they_mean(self) -> None:
        trees = {"buyers": self.buyers, "others": Not(InAudience("buyers"))}
        assert resolve(trees["others"], trees) == Not(self.buyers)
        assert references(trees["others"]) == {"buyers"}

    @pytest.mark.parametrize(
        ("trees", "circle"),
        [
            ({"a": InAudience("a")}, "a → a"),
            ({"a": InAudience("b"), "b": Not(InAudience("a"))}, "a → b → a"),
            (
                {"a": All((InAudience("b"),)), "b": InAudience("c"), "c": InAudience("b")},
                "b → c → b",
            ),
        ],
    )
    def test_a_circle_is_spelled_out(self, trees: dict[str, Any], circle: str) -> None:
        with pytest.raises(BadInput, match=circle):
            resolve(trees["a"], trees, name="a")

    def test_an_unknown_name_gets_a_hint(self) -> None:
        with pytest.raises(BadInput, match="did you mean buyers"):
            resolve(InAudience("buyer"), {"buyers": self.buyers})

    def test_growth_by_doubling_is_stopped(self) -> None:
        trees: dict[str, Any] = {"a0": self.buyers}
        for n in range(1, 13):
            trees[f"a{n}"] = All((InAudience(f"a{n - 1}"), InAudience(f"a{n - 1}")))
        with pytest.raises(BadInput, match="more than 2000"):
            resolve(trees["a12"], trees)


def test_windows_know_their_bounds() -> None:
    assert Window("1h").bounds(10**10) == (10**10 - 3_600_000_000, 10**10)
    fixed = Window(start="1970-01-01T00:00:01+00:00", end="1970-01-01T00:00:02+00:00")
    assert fixed.bounds(10**7) == (999_999, 1_999_999)
    assert fixed.bounds(1_500_000) == (999_999, 1_500_000)
    assert TagCondition("city", "exists").value is True


@pytest.mark.parametrize(
    "ends",
    [
        {"from": "90d", "to": "30d"},
        {"from": "2026-01-01T00:00:00+08:00"},
        {"to": "2026-02-01T00:00:00+08:00"},
    ],
)
def test_from_and_to_may_stand_beside_the_other_keys(ends: dict[str, str]) -> None:
    """The public contract writes a window as within, or as from and to."""
    beside = decode_definition(json.dumps(VIEW | ends), WORDS)
    assert beside == decode_definition(json.dumps(VIEW | {"within": ends}), WORDS)
