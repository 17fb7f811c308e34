"""The strictest hit decides, and an exempt one does not count."""

from datetime import date

import pytest

from quanyu.compliance.industries import LABELS, PARENT, concerns, lineage
from quanyu.compliance.showing import Showing, Unlawful, let_through
from quanyu.compliance.verdict import Hit, Severity, Verdict, joined
from quanyu.errors import BadInput

NOON = date(2026, 11, 30)


def hit(severity: Severity, *, exempt: str | None = None) -> Hit:
    return Hit(
        rule="r", article="《广告法》第九条", severity=severity, why="用了绝对化用语",
        suggestion="删去", text="最佳", start=2, end=4, exempt=exempt, field="title",
    )  # fmt: skip


class Says:
    def __init__(self, *hits: Hit) -> None:
        self._verdict = Verdict(hits)

    def check(self, showing: Showing) -> Verdict:
        return self._verdict


def showing() -> Showing:
    return Showing(
        kind="offer", id="o1", merchant="demo", industry="general", on=NOON, texts={"title": "最佳"}
    )


@pytest.mark.parametrize(
    ("severities", "strictest"),
    [
        ([], "pass"),
        (["warn"], "warn"),
        (["warn", "label"], "label"),
        (["need_proof", "label"], "need_proof"),
        (["block", "need_proof", "warn"], "block"),
    ],
)
def test_the_strictest_hit_decides(severities: list[str], strictest: str) -> None:
    verdict = joined(Verdict((hit(Severity(one)),)) for one in severities)
    assert verdict.verdict == strictest
    assert verdict.may_be_shown is (strictest in {"pass", "warn"})


def test_an_exempt_hit_is_told_and_does_not_count() -> None:
    verdict = Verdict((hit(Severity.BLOCK, exempt="《指南》第六条第（一）项"),))
    assert verdict.verdict == Severity.PASS
    assert verdict.gravest is None
    assert verdict.as_json()["hits"][0]["exempt"] == "《指南》第六条第（一）项"


@pytest.mark.parametrize("severity", [Severity.LABEL, Severity.NEED_PROOF, Severity.BLOCK])
def test_the_gate_refuses_with_the_field_the_article_and_the_mend(severity: Severity) -> None:
    with pytest.raises(Unlawful) as caught:
        let_through(Says(hit(severity)), showing(), place="offer")
    assert caught.value.field == "offer.title"
    assert "“最佳”《广告法》第九条：用了绝对化用语。删去" in str(caught.value)


def test_the_gate_lets_through_what_it_only_warns_of() -> None:
    assert let_through(Says(hit(Severity.WARN)), showing(), place="offer").hits


def test_an_industry_stands_under_its_parents() -> None:
    assert lineage("catering") == ("catering", "food", "general")
    assert concerns(("food",), "health_food")
    assert concerns((), "toys")
    assert not concerns(("health_food",), "food")
    assert set(LABELS) == set(PARENT)


def test_an_industry_that_no_rule_knows_is_refused() -> None:
    with pytest.raises(BadInput, match="industry: 'shoes' is not one of general, food"):
        lineage("shoes")
