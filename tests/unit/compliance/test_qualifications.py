"""Which licence an industry needs, and whether it is there on the day (RULES B2)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gates import showing

from quanyu.compliance.industries import PARENT, UNKNOWN
from quanyu.compliance.licences import Licence, approved_text, licence_kinds
from quanyu.compliance.qualifications import expiring, review_qualifications, rules_for
from quanyu.compliance.rulebook import rulebook
from quanyu.compliance.verdict import Severity
from quanyu.ids import fingerprint

ON = date(2026, 11, 22)
DAY = timedelta(days=1)
JY, YB = "JY13101150000001", "YB13101150000001"


def licence(kind: str = "food_business", number: str = JY, **change: Any) -> Licence:
    usual = {"holder": "茶业公司", "valid_from": date(2022, 1, 1), "valid_to": date(2027, 12, 31)}
    return Licence(kind, number, **{**usual, **change})


def verdict(industry: str, *licences: Licence, **change: Any) -> Severity:
    return review_qualifications(showing(industry=industry, **change), licences).verdict


FOOD = [
    ("no licence at all", [], "block"),
    ("a valid one", [licence()], "pass"),
    ("its last day is today", [licence(valid_to=ON)], "warn"),
    ("it ended yesterday", [licence(valid_to=ON - DAY)], "block"),
    ("it begins tomorrow", [licence(valid_from=ON + DAY)], "block"),
    ("it ends in 30 days", [licence(valid_to=ON + 30 * DAY)], "warn"),
    ("it ends in 31 days", [licence(valid_to=ON + 31 * DAY)], "pass"),
    ("a renewed one beside it", [licence(valid_to=ON), licence(number=JY[:-1] + "2")], "pass"),
    ("another kind of paper", [licence("hygiene", "卫1")], "block"),
    ("of another shop", [licence(shops=("二店",))], "block"),
]


@pytest.mark.parametrize(("what", "licences", "said"), FOOD, ids=[row[0] for row in FOOD])
def test_no_food_without_a_valid_licence(what: str, licences: list[Licence], said: str) -> None:
    assert verdict("catering", *licences, shops=("一店",)) == said


def test_a_refusal_cites_the_article_says_why_and_how_to_mend_it() -> None:
    found = review_qualifications(showing(industry="food"), [licence(valid_to=ON - DAY)])
    hit = found.gravest
    assert hit is not None
    assert hit.article == "《食品安全法》第三十五条、第六十二条"
    assert "已于 2026-11-21 到期" in hit.why
    assert "quanyu licence add" in hit.suggestion


def test_prepackaged_food_needs_a_filing_and_no_licence() -> None:
    filing = licence("prepackaged_filing", YB, valid_to=None)
    assert verdict("prepackaged_food", filing) == "pass"
    assert verdict("catering", filing) == "block", "who cooks needs the licence"
    assert verdict("prepackaged_food") == "block"
    assert verdict("prepackaged_food", licence()) == "pass", "the licence covers it too"


def test_farm_produce_is_only_warned() -> None:
    assert verdict("fresh_food") == "warn"


def test_a_licence_of_some_shops_does_not_cover_all() -> None:
    some = licence(shops=("一店", "二店"))
    assert verdict("food", some, shops=("一店",)) == "pass"
    assert verdict("food", some, shops=("三店",)) == "block"
    assert verdict("food", some) == "block", "what counts everywhere needs it everywhere"


COSMETICS = [
    ("item", (), "block"),
    ("item", ("沪G妆网备字2026000001",), "pass"),
    ("item", ("国妆网备进字（沪）2026000001",), "pass"),
    ("item", ("备案中",), "block"),
    ("offer", (), "pass"),
]


@pytest.mark.parametrize(("kind", "numbers", "said"), COSMETICS)
def test_each_cosmetic_carries_its_number(kind: str, numbers: tuple[str, ...], said: str) -> None:
    assert verdict("cosmetics", kind=kind, numbers=numbers) == said


def test_special_cosmetics_need_a_registration_and_a_filing_does_not_do() -> None:
    assert verdict("special_cosmetics", kind="item", numbers=("沪G妆网备字2026000001",)) == "block"
    assert verdict("special_cosmetics", kind="item", numbers=("国妆特字20260001",)) == "pass"


def test_a_number_whose_paper_is_over_does_not_count() -> None:
    number = "国妆特字20200001"
    over = licence("special_cosmetics_registration", number, valid_to=ON - DAY)
    assert verdict("special_cosmetics", over, kind="item", numbers=(number,)) == "block"


TEXTS = {"title": "口腔种植", "text": "挂号请到三楼"}
AD = "京医广【2026】第01-02-0003号"


def approved(texts: dict[str, str]) -> Licence:
    return licence("medical_ad", AD, creatives=(fingerprint(approved_text(texts).encode()),))


PRACTICE = licence("medical_practice", "PDY1")


def test_a_medical_ad_is_the_approved_one_to_the_letter() -> None:
    assert verdict("medical", PRACTICE, approved(TEXTS), texts=TEXTS) == "pass"
    assert verdict("medical", PRACTICE, texts=TEXTS) == "block", "nothing was approved"
    assert verdict("medical", approved(TEXTS), texts=TEXTS) == "block", "and who may practise?"


@given(st.integers(0, 20), st.sampled_from("好 。最"), st.booleans())
def test_one_character_blocks_it(place: int, other: str, added: bool) -> None:
    text = TEXTS["text"]
    place %= len(text)
    changed = text[:place] + other + text[place + (not added) :]
    said = verdict("medical", PRACTICE, approved(TEXTS), texts={**TEXTS, "text": changed})
    assert (said == "pass") == (changed == text)


def test_pages_of_doctors_are_no_ads_until_they_advertise() -> None:
    page = {"kind": "store", "texts": TEXTS}
    assert verdict("medical", PRACTICE, **page) == "pass"
    assert verdict("medical", PRACTICE, **page, advertises=True) == "block"


def test_tobacco_is_advertised_nowhere() -> None:
    hit = review_qualifications(showing(industry="tobacco"), []).gravest
    assert hit is not None
    assert hit.severity == "block"
    assert "没有可以补办的资质" in hit.why


def test_yesterdays_law() -> None:
    """Until April 2021 prepackaged food needed the licence as all food did."""
    filing = licence("prepackaged_filing", YB, valid_from=date(2021, 5, 1), valid_to=None)
    before = showing(industry="prepackaged_food", on=date(2021, 4, 28))
    assert [rule.id for rule in rules_for(before)] == ["qualification.food"]
    assert review_qualifications(before, [filing]).verdict == "block"


@given(st.dates(date(2022, 1, 1), date(2030, 1, 1)), st.integers(0, 2000), st.integers(0, 2000))
def test_a_later_end_never_makes_it_stricter(on: date, days: int, more: int) -> None:
    order = list(Severity)
    shorter = licence(valid_to=date(2022, 1, 1) + days * DAY)
    longer = licence(valid_to=date(2022, 1, 1) + (days + more) * DAY)
    found = [order.index(verdict("food", one, on=on)) for one in (longer, shorter)]
    assert found == sorted(found)


@pytest.mark.parametrize("industry", sorted(set(PARENT) - {UNKNOWN}))
def test_what_is_asked_for_can_be_had(industry: str) -> None:
    """With one good paper of a kind of each rule there is nothing to say, tobacco aside."""
    for kind in ("offer", "item"):
        thing = showing(industry=industry, kind=kind, numbers=NUMBERS)
        text = fingerprint(approved_text(thing.texts).encode())
        papers = [
            licence(name, f"{name}-1", creatives=(text,))
            for rule in rules_for(thing)
            for name in rule.licences[:1]
        ]
        said = review_qualifications(thing, papers).verdict
        assert said == ("block" if industry == "tobacco" else "pass"), (industry, kind)


NUMBERS = (
    "国食健注G20260001", "食健备G202600000001", "国食注字YP20260001", "沪G妆网备字2026000001",
    "国妆特字20260001",
)  # fmt: skip


def test_rules_ask_for_kinds_that_exist_and_replace_rules_that_do() -> None:
    rules = [rule for rule in rulebook() if rule.check == "qualification"]
    assert {kind for rule in rules for kind in rule.licences} <= set(licence_kinds())
    assert {rule.replaces for rule in rules} - {None} <= {rule.id for rule in rules}
    assert all(rule.evidence for rule in rules if rule.licences)


def test_what_is_due() -> None:
    papers = [licence(), licence(number=JY[:-1] + "2", valid_to=ON), licence(valid_to=ON - DAY)]
    assert sorted(expiring(papers[1:], ON).values()) == ["expired", "expiring"]
    assert expiring(papers[:1], ON) == {}
