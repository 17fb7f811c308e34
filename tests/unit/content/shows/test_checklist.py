"""播前审核, point by point: hosts, words, the mark, air time, promises."""

from typing import Any

import pytest
from tests.unit.content.pieces import WordGate
from tests.unit.content.shows.plans import AI, HOST, LIPSTICK, SERUM, show

from quanyu.clock import DAY_US, parse_iso
from quanyu.compliance.policy import Policy
from quanyu.compliance.streams import Deal
from quanyu.compliance.verdict import Severity, Verdict
from quanyu.content.shows.archive import Entry
from quanyu.content.shows.checklist import Checklist, Point, checked, review_approval
from quanyu.content.shows.show import Show

STARTS_US = parse_iso("2026-03-10T18:00:00+08:00")


def points(one: Show, gate: WordGate | None = None, **change: Any) -> dict[str, Point]:
    asked = {"policy": Policy(), "last_calls": ()} | change
    found = checked(one, "茶馆", gate=gate or WordGate(), **asked)
    return {point.label: point for point in found}


def failing(one: Show, **change: Any) -> list[str]:
    return [label for label, point in points(one, **change).items() if not point.holds]


def test_an_orderly_show_passes() -> None:
    assert failing(show()) == []
    assert list(points(show())) == [
        "主播资质", "文案、价格与标识", "广告时长占比", "“最后一次”承诺",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({"age": 15}, Severity.BLOCK),
        ({"age": 16}, Severity.NEED_PROOF),
        ({"age": 17}, Severity.NEED_PROOF),
        ({"age": 16, "guardian_consent": True}, Severity.PASS),
        ({"age": 15, "guardian_consent": True}, Severity.BLOCK),
        ({"age": 18}, Severity.PASS),
        ({"age": None}, Severity.BLOCK),
        ({"permission": " "}, Severity.BLOCK),
    ],
)
def test_hosts(change: dict[str, Any], severity: Severity) -> None:
    verdict = points(show(hosts=[HOST | change]))["主播资质"].verdict
    assert verdict.verdict is severity
    assert all(hit.field == "hosts.lin" and hit.text == "小林" for hit in verdict.hits)
    assert all("第十七条" in hit.article for hit in verdict.hits)


def test_a_machine_has_no_age_and_needs_permission_all_the_same() -> None:
    assert failing(show(hosts=[AI])) == []
    assert failing(show(hosts=[AI | {"permission": ""}])) == ["主播资质"]


def test_every_host_is_looked_at() -> None:
    two = [HOST | {"share_bp": 7_000}, HOST | {"id": "kid", "age": 12, "share_bp": 3_000}]
    verdict = points(show(hosts=two))["主播资质"].verdict
    assert {hit.field for hit in verdict.hits} == {"hosts.kid"}


def test_every_word_and_price_is_shown_to_the_gate() -> None:
    gate = WordGate()
    points(show(hosts=[AI]), gate)
    (shown,) = gate.shown
    assert shown.texts == {
        "title": "春夜护肤", "slots[0].title": "精华液",
        "script[0].text": "先看质地，再看成分表。", "script[1].text": "本场由某某赞助。",
    }  # fmt: skip
    assert (shown.kind, shown.touchpoint, str(shown.on)) == ("show", "taobao.live", "2026-03-10")
    assert shown.advertises
    assert shown.marked_as_ad
    assert shown.generated
    assert shown.marked_as_generated
    serum, lipstick = shown.prices
    assert (serum.price_fen, serum.reference_fen, serum.basis) == (16_000, 20_000, "日常价")
    assert (lipstick.price_fen, lipstick.reference_fen) == (12_000, None)


def test_an_unlawful_word() -> None:
    assert failing(show(title="国家级护肤")) == ["文案、价格与标识"]


def test_the_mark() -> None:
    point = points(show(marked_as_ad=False))["文案、价格与标识"]
    assert point.verdict.verdict is Severity.LABEL
    assert not point.holds


@pytest.mark.parametrize(("seconds", "holds"), [(1_400, True), (1_444, True), (1_445, False)])
def test_a_tenth_of_the_air_time(seconds: int, holds: bool) -> None:
    """1444 of 14444 are 9.997 %, 1445 of 14445 are 10.003 %."""
    script = [
        {"text": "", "purpose": "value", "seconds": 13_000},
        {"text": "赞助", "purpose": "marketing", "seconds": seconds},
    ]
    assert points(show(script=script))["广告时长占比"].holds is holds


def test_the_tenth_is_policy() -> None:
    script = [{"text": "赞助", "purpose": "marketing"}]
    assert failing(show(script=script)) == ["广告时长占比"]
    assert failing(show(script=script), policy=Policy(live_ads_permille_max=1000)) == []


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({}, True),
        ({"price_fen": 16_001}, True),
        ({"price_fen": 15_999}, False),
        ({"shop": "B"}, False),
        ({"item": "cream"}, False),
        ({"at_us": STARTS_US - 31 * DAY_US}, False),
    ],
)
def test_what_was_said_to_be_given_for_the_last_time(change: dict[str, Any], again: bool) -> None:
    said = {"shop": "A", "item": "serum", "price_fen": 16_000, "at_us": STARTS_US - DAY_US}
    calls = [Deal(**said | change)]
    assert (failing(show(), last_calls=calls) == ["“最后一次”承诺"]) is again


class TestApproval:
    FOUND = Checklist("evening", "h1", (Point("主播资质", Verdict()),))

    def entry(self, **said: Any) -> Entry:
        return Entry("evening", 1, STARTS_US - DAY_US, "approved", {"actor": "wang"} | said)

    def test_of_this_very_plan(self) -> None:
        entries = [self.entry(plan="h1")]
        assert review_approval(self.FOUND, entries, at_us=STARTS_US).may_be_shown

    @pytest.mark.parametrize("said", [None, {"plan": "h0"}, {"plan": "h1", "actor": ""}])
    def test_of_another_or_by_nobody(self, said: dict[str, Any] | None) -> None:
        entries = [] if said is None else [self.entry(**said)]
        verdict = review_approval(self.FOUND, entries, at_us=STARTS_US)
        assert verdict.verdict is Severity.BLOCK
        assert "第三十条" in verdict.hits[0].article

    def test_the_last_approval_counts(self) -> None:
        entries = [self.entry(plan="h1"), self.entry(plan="h0")]
        assert not review_approval(self.FOUND, entries, at_us=STARTS_US).may_be_shown


def test_what_is_told() -> None:
    found = Checklist("evening", "h1", tuple(points(show(slots=[LIPSTICK, SERUM])).values()))
    told = found.as_json()
    assert (told["show"], told["hash"], told["may_start"]) == ("evening", "h1", True)
    assert told["points"][0] == {
        "label": "主播资质", "holds": True, "verdict": "pass", "hits": [],
    }  # fmt: skip
