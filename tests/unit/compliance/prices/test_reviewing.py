"""What may stand beside a price, and which article says so."""

from collections.abc import Sequence
from datetime import date

import msgspec
import pytest
from tests.unit.compliance.prices.history import START_US, history, paid, shown

from quanyu.clock import DAY_US, parse_iso
from quanyu.compliance.policy import DEFAULT, Policy
from quanyu.compliance.prices import History, look_at, review_prices
from quanyu.compliance.prices.reviewing import price_before
from quanyu.compliance.rulebook import in_force
from quanyu.compliance.showing import PriceShown
from quanyu.errors import BadInput

TRADED = history(paid(1, 10_000), paid(2, 9_000), paid(3, 12_000))
STEADY = history(*[paid(day, 10_000) for day in range(1, 40)])
RAISED = history(paid(2, 15_900), *[paid(day, 10_000) for day in range(8, 40)])
MSRP = "厂商建议零售价"
WAS = "10月1日至7日本店成交价"


def rules(one: PriceShown, known: History, policy: Policy = DEFAULT) -> list[str]:
    """The rules that count against it."""
    hits = look_at(one, known, at_us=START_US, policy=policy).hits()
    return [hit.rule for hit in hits if hit.exempt is None]


@pytest.mark.parametrize(
    ("one", "known", "found"),
    [
        (shown(None), History(), []),
        (shown(9_000), TRADED, []),
        (shown(9_001), TRADED, ["price.reference"]),
        (shown(12_000), TRADED, ["price.reference"]),
        (shown(12_000, basis=WAS), TRADED, []),
        (shown(12_100, basis=WAS), TRADED, ["price.basis_stated"]),
        (shown(12_000, basis=" "), TRADED, ["price.reference"]),
        (shown(10_000), STEADY, []),
        (shown(8_000), History(), ["price.reference"]),
        (shown(8_000, basis=MSRP), History(), ["price.suggested_retail_unknown"]),
        (shown(8_000, basis=MSRP), History(suggested_fen=8_000), []),
        (shown(8_000, basis=MSRP), History(suggested_fen=7_500),
         ["price.suggested_retail_current"]),
        (shown(8_000), History(suggested_fen=8_000), ["price.suggested_retail_label"]),
        (shown(8_000), History(suggested_fen=7_500), ["price.reference"]),
        (shown(9_000), msgspec.structs.replace(TRADED, suggested_fen=9_000), []),
        (shown(15_900), RAISED, ["price.raised_before"]),
        (shown(12_000), RAISED, []),
        (shown(9_000, price_fen=9_500), TRADED, ["price.no_reduction"]),
        (shown(9_000, price_fen=9_000), TRADED, ["price.no_reduction"]),
    ],
    ids=[
        "nothing compared", "the lowest of seven days", "a fen above it", "with no note",
        "a basis that was paid", "a basis that nobody paid", "an empty basis", "a steady price",
        "never traded", "labelled as suggested, none on record", "labelled as suggested",
        "suggested, not kept current", "suggested, without its label", "neither of both",
        "low enough by itself", "raised two days before", "raised by just the limit",
        "costs more than what it is compared with", "costs the same",
    ],
)  # fmt: skip
def test_what_stands_beside_a_price(one: PriceShown, known: History, found: list[str]) -> None:
    assert rules(one, known) == found


def test_every_hit_names_its_article_and_says_how_to_mend_it() -> None:
    (hit,) = look_at(shown(12_000), TRADED, at_us=START_US).hits()
    assert hit.article == "《明码标价和禁止价格欺诈规定》第十六条"
    assert hit.why == "被比较价格 ¥120.00 高于前七日内最低成交价 ¥90.00"
    assert "¥90.00" in hit.suggestion
    (older,) = look_at(shown(12_000), history(paid(9, 11_000)), at_us=START_US).hits()
    assert "最后一次成交价 ¥110.00" in older.why
    (never,) = look_at(shown(12_000), History(), at_us=START_US).hits()
    assert "厂商建议零售价" in never.suggestion


def test_a_raise_is_lifted_by_a_reason_that_is_cited() -> None:
    reason = msgspec.structs.replace(RAISED, rise_reason="换代，成本上升")
    (hit,) = look_at(shown(15_900), reason, at_us=START_US).hits()
    assert hit.exempt == "《明码标价和禁止价格欺诈规定》第十七条（合理理由：换代，成本上升）"
    blank = msgspec.structs.replace(RAISED, rise_reason="  ")
    assert rules(shown(15_900), blank) == ["price.raised_before"]


def test_a_reason_does_not_lift_the_seven_days() -> None:
    both = history(paid(3, 10_000), paid(2, 15_900), rise_reason="换代")
    assert rules(shown(15_900), both) == ["price.reference"]


def test_hundred_to_hundred_fifty_nine_two_days_before_half_off() -> None:
    """RULES B5, Art 17."""
    both = history(paid(3, 10_000), paid(2, 15_900))
    assert rules(shown(15_900, 7_950), both) == ["price.reference", "price.raised_before"]


@pytest.mark.parametrize(
    ("percent", "reference_fen", "raised"),
    [(20, 12_000, False), (20, 12_001, True), (0, 10_000, False), (0, 10_001, True),
     (59, 15_900, False), (58, 15_900, True)],
)  # fmt: skip
def test_how_much_is_significant_is_policy(percent: int, reference_fen: int, raised: bool) -> None:
    policy = Policy(rise_percent_max=percent)
    known = history(paid(2, 16_000), paid(20, 10_000))
    found = rules(shown(reference_fen), known, policy)
    assert ("price.raised_before" in found) is raised


def test_how_far_back_before_is_is_policy_too() -> None:
    known = history(paid(2, 16_000), paid(12, 16_000), paid(20, 10_000))
    assert rules(shown(16_000), known, Policy(rise_days=14)) == ["price.raised_before"]
    settled = history(
        paid(2, 16_000), *[paid(day, 16_000) for day in range(8, 20)], paid(50, 10_000)
    )
    assert rules(shown(16_000), settled, Policy(rise_days=14)) == []


@pytest.mark.parametrize(
    ("trades", "before"),
    [
        ([], None),
        ([paid(2, 10_000, doubtful=True)], None),
        ([paid(2, 10_000)], ("2026-11-09", 10_000)),
        ([paid(1.9, 8_000), paid(1.8, 10_000), paid(0.5, 9_000)], ("2026-11-09", 10_000)),
        ([paid(31, 7_000), paid(40, 6_000), paid(2, 10_000)], ("2026-10-11", 7_000)),
    ],
    ids=["none", "only a doubtful one", "one", "coupons lower single trades", "the last before"],
)
def test_what_was_paid_before(trades: Sequence[object], before: tuple[str, int] | None) -> None:
    found = price_before(history(*trades).trades, START_US, days=30)  # type: ignore[arg-type]
    assert found == before


def test_a_showing_names_the_price_that_is_wrong() -> None:
    one, other = shown(9_000), msgspec.structs.replace(shown(12_000), item="tea")
    known = {("A", "cup"): TRADED, ("A", "tea"): TRADED}
    verdict = review_prices([one, other], known, at_us=START_US)
    assert [hit.field for hit in verdict.hits] == ["prices[1].reference"]
    assert verdict.verdict == "block"
    assert review_prices([one], known, at_us=START_US).verdict == "pass"


def test_an_item_of_another_shop_has_its_own_history() -> None:
    elsewhere = review_prices([shown(9_000)], {("B", "cup"): TRADED}, at_us=START_US)
    assert [hit.rule for hit in elsewhere.hits] == ["price.reference"]


@pytest.mark.parametrize(
    ("on", "article"),
    [
        ("2026-11-11", "《明码标价和禁止价格欺诈规定》第十六条"),
        ("2022-07-01", "《明码标价和禁止价格欺诈规定》第十六条"),
        ("2022-06-30", "《规范促销行为暂行规定》第二十一条"),
        ("2020-12-01", "《规范促销行为暂行规定》第二十一条"),
    ],
)
def test_the_law_of_the_day_judges(on: str, article: str) -> None:
    at_us = parse_iso(f"{on}T12:00:00+08:00")
    known = History(trades=[msgspec.structs.replace(paid(1, 9_000), paid_us=at_us - DAY_US)])
    hits = review_prices([shown(12_000)], {("A", "cup"): known}, at_us=at_us).hits
    assert article in [hit.article for hit in hits]


def test_before_every_rule_nothing_can_be_told() -> None:
    with pytest.raises(BadInput, match="on: no rule on price is known for 2020-11-30; use 2020"):
        review_prices([shown(1)], {}, at_us=parse_iso("2020-11-30T12:00:00+08:00"))


def test_every_rule_on_prices_has_words_for_marketers() -> None:
    for rule in in_force(date(2026, 11, 11)).values():
        if rule.check == "price":
            assert rule.why, rule.id
            assert rule.suggestion, rule.id
