"""Which tags a customer's no takes away, on real tables: by purpose, off switch, age, merchant."""

from typing import Any

import pytest
from tests.profile_town import SHOP, Town

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.profile_projection import decode_states

LI = ("taobao_id", "li")
LI_EATS = ("eleme_id", "li-eats")
WANG = ("taobao_id", "wang")

SERVICE = {"member_tier", "member_since", "payment_methods"}
ANALYTICS = {
    "last_seen_day", "active_days_30d", "touchpoints", "coupons_redeemed_90d", "purchases_total",
    "last_purchase_day", "days_since_purchase", "days_since_first_purchase", "purchases_30d",
    "purchases_90d", "purchases_365d", "spent_365d", "average_order", "price_band", "lifecycle",
}  # fmt: skip
PERSONALISATION = {
    "gender", "age", "age_band", "city", "active_hours", "day_types", "favourite_cuisine",
    "weekend_places", "searched_words", "live_watcher", "monthly_category",
    "favourite_categories", "categories_ever",
}  # fmt: skip
EVERYTHING = SERVICE | ANALYTICS | PERSONALISATION
PORTRAIT = "28 岁女性、上海、每月买 2 次美妆、常点日式外卖、周末搜亲子场所"


@pytest.fixture
def town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


def text(who: tuple[str, str]) -> str:
    return ":".join(who)


def full_life(town: Town, who: tuple[str, str] = LI, born: int = 1998) -> list[dict[str, Any]]:
    """Enough of everything that every shipped tag has a value; asked on a Tuesday."""
    about = {"gender": "female", "birth_year": born, "city": "上海", "tier": "gold"}
    bill = {"category": "美妆", "method": "alipay", "cuisine": "日式"}
    at = {"days_ago": 3, "hour": 10}
    return [
        town.event("member_joined", who, days_ago=9, props=about),
        *(town.event("payment_completed", who, **at, order=f"{who[1]}{n}", amount=9_900, props=bill)
          for n in range(5)),
        *(town.event("store_searched", who, **at, props={"place": "亲子场所"}) for _ in range(2)),
        town.event("search", who, **at, query="口红"),
        town.event("watch", who, **at, touchpoint="taobao.live", content="live-1"),
        town.event("coupon_redeemed", who, **at, offer="o-1", store="s-1"),
    ]  # fmt: skip


def sweep(town: Town) -> int:
    with town.database.transaction() as conn:
        return town.projection.sweep(conn)


def kept(town: Town, who: tuple[str, str] = LI) -> set[str]:
    rows = town.rows("SELECT state FROM tag_state WHERE node = %s", town.node(who))
    return set(decode_states(rows[0][0]))


def test_a_full_life_has_every_shipped_tag(town: Town) -> None:
    town.says(*full_life(town))
    assert town.tags(LI).keys() == EVERYTHING == town.catalogue.tags.keys()
    assert town.profile(LI).portrait == PORTRAIT
    assert all(line.events for line in town.profile(LI).tags)
    by_purpose = {line.reading.tag.key: line.reading.tag.purpose for line in town.profile(LI).tags}
    for purpose, keys in (("service", SERVICE), ("analytics", ANALYTICS)):
        assert {key for key, of in by_purpose.items() if of == purpose} == keys


@pytest.mark.parametrize(
    ("no", "left", "portrait"),
    [
        (["analytics"], SERVICE | PERSONALISATION, PORTRAIT),
        (["personalisation"], set(), ""),
        (["analytics", "personalisation"], set(), ""),
        (["service"], EVERYTHING, PORTRAIT),
        (["marketing_messages"], EVERYTHING, PORTRAIT),
        (["partner_sharing", "precise_location", "sensitive_profile"], EVERYTHING, PORTRAIT),
    ],
)
def test_what_a_no_takes_away_and_a_yes_brings_back(
    town: Town, no: list[str], left: set[str], portrait: str
) -> None:
    town.says(*full_life(town), *full_life(town, WANG))
    for purpose in no:
        town.privacy.withdraw(SHOP, text(LI), purpose=purpose)
    assert town.tags(LI).keys() == left
    assert town.profile(LI).portrait == portrait
    export = town.profiles.export(SHOP, text(LI))
    assert export is not None
    assert {tag["key"] for tag in export["tags"]} == left
    assert town.tags(WANG).keys() == EVERYTHING
    town.clock.advance(1)
    for purpose in no:
        if purpose == "partner_sharing":
            town.privacy.share(SHOP, text(LI), recipient="alimama")
        else:
            town.privacy.grant(SHOP, text(LI), purpose=purpose)
    assert town.tags(LI).keys() == EVERYTHING
    assert town.profile(LI).portrait == PORTRAIT


@pytest.mark.parametrize("who", [LI, LI_EATS])
def test_a_no_by_one_identifier_covers_the_person(town: Town, who: tuple[str, str]) -> None:
    town.says(*full_life(town))
    town.node(LI_EATS)
    town.link(LI, LI_EATS)
    town.privacy.withdraw(SHOP, text(who), purpose="analytics")
    assert town.tags(LI).keys() == town.tags(LI_EATS).keys() == SERVICE | PERSONALISATION
    town.unlink(LI, LI_EATS)
    assert (town.tags(LI).keys() == EVERYTHING) is (who == LI_EATS)


class TestOffAndOn:
    def test_off_keeps_the_year_of_birth_and_the_history_alone(self, town: Town) -> None:
        town.says(*full_life(town))
        history = town.rows("SELECT * FROM history ORDER BY at_us")
        town.privacy.personalise(SHOP, text(LI), on=False)
        assert kept(town) == {town.catalogue.birth_year_id}
        assert town.rows("SELECT * FROM history ORDER BY at_us") == history
        assert len(town.profile(LI).timeline) == len(history)

    def test_on_makes_the_tags_of_what_happened_meanwhile_too(self, town: Town) -> None:
        town.says(*full_life(town))
        town.privacy.personalise(SHOP, text(LI), on=False)
        town.clock.advance(DAY_US)
        town.says(town.event("payment_completed", LI, order="new", amount=1))
        assert town.tags(LI) == {}
        town.privacy.personalise(SHOP, text(LI), on=True)
        assert town.tags(LI)["purchases_total"] == 6
        assert town.tags(LI)["days_since_purchase"] == 0

    @pytest.mark.parametrize(("switches", "off"), [("01", False), ("010", True), ("0011", False)])
    def test_the_last_switch_counts(self, town: Town, switches: str, off: bool) -> None:
        town.says(*full_life(town))
        for switch in switches:
            town.clock.advance(1)
            subject = town.privacy.personalise(SHOP, text(LI), on=switch == "1")
        assert town.privacy.is_off(subject) is off
        assert (town.tags(LI) == {}) is off
        assert len(subject.entries) == len(switches)

    def test_a_rebuild_restores_nobody_who_is_off_and_everybody_else(self, town: Town) -> None:
        town.says(*full_life(town), *full_life(town, WANG))
        wang = town.rows("SELECT state FROM tag_state WHERE node = %s", town.node(WANG))
        town.privacy.personalise(SHOP, text(LI), on=False)
        town.rebuild()
        assert kept(town) == {town.catalogue.birth_year_id}
        assert town.rows("SELECT state FROM tag_state WHERE node = %s", town.node(WANG)) == wang
        assert sweep(town) == 0

    def test_the_switch_at_one_merchant_says_nothing_at_another(self, town: Town) -> None:
        for merchant in (SHOP, "rival"):
            town.says(*full_life(town), merchant=merchant)
        town.privacy.personalise(SHOP, text(LI), on=False)
        assert town.tags(LI) == {}
        assert town.tags(LI, "rival").keys() == EVERYTHING
        assert town.privacy.subject("rival", text(LI)).entries == ()  # type: ignore[union-attr]


class TestGrowingUp:
    NEW_YEAR_US = parse_iso("2027-01-01T00:00:00+08:00")

    def test_the_sweep_of_new_year_s_night(self, town: Town) -> None:
        town.says(*full_life(town, born=2008), *full_life(town, WANG, born=2009))
        town.clock.advance(self.NEW_YEAR_US - 1 - town.clock.now_us())
        assert sweep(town) == 0
        assert town.tags(LI) == {}
        town.clock.advance(1)
        assert sweep(town) == 0
        assert town.tags(LI) == {}, "nothing of what a minor did is used without a word"
        town.privacy.personalise(SHOP, text(LI), on=True)
        assert town.tags(LI)["age"] == 19
        assert town.tags(LI)["purchases_total"] == 5
        assert town.tags(WANG) == {}
        assert sweep(town) == 0

    def test_who_switched_off_as_a_child_stays_off(self, town: Town) -> None:
        town.says(*full_life(town, born=2008))
        town.privacy.personalise(SHOP, text(LI), on=False)
        town.clock.advance(self.NEW_YEAR_US - town.clock.now_us())
        assert sweep(town) == 0
        assert town.tags(LI) == {}
        town.privacy.personalise(SHOP, text(LI), on=True)
        assert town.tags(LI)["age"] == 19

    def test_a_child_cannot_switch_on(self, town: Town) -> None:
        town.says(*full_life(town, born=2015))
        subject = town.privacy.personalise(SHOP, text(LI), on=True)
        assert not town.privacy.is_off(subject)
        assert town.tags(LI) == town.values(town.node(LI)) == {}
        shown = town.profile(LI).as_json()
        assert (shown["minor"], shown["off_switch"]) == (True, False)
        assert [one["purpose"] for one in shown["consents"] if one["allowed"]] == ["service"]

    def test_of_two_years_of_birth_the_younger_protects(self, town: Town) -> None:
        town.says(*full_life(town), *full_life(town, LI_EATS, born=2012))
        assert town.tags(LI).keys() == EVERYTHING
        town.link(LI, LI_EATS)
        assert town.tags(LI) == {}
        assert sweep(town) == 1
        assert kept(town) == {town.catalogue.birth_year_id}
        town.unlink(LI, LI_EATS)
        assert sweep(town) == 1
        assert town.tags(LI).keys() == EVERYTHING


def test_audiences_read_the_values_that_the_profile_shows(town: Town) -> None:
    town.says(*full_life(town), *full_life(town, WANG))
    numbers = {who: town.node(who) for who in (LI, WANG)}
    values = town.values(*numbers.values())
    assert {who: values[number] for who, number in numbers.items()} == {
        who: town.tags(who) for who in numbers
    }


@pytest.mark.parametrize("no", ["analytics", "personalisation"])
def test_audiences_do_not_read_what_the_customer_said_no_to(town: Town, no: str) -> None:
    town.says(*full_life(town))
    town.privacy.withdraw(SHOP, text(LI), purpose=no)
    person = town.node(LI)
    assert town.values(person).get(person, {}) == town.tags(LI)


def test_a_no_to_analytics_makes_audiences_look_again(town: Town) -> None:
    """The ledger's line is followed by a note that audiences read at their next sweep."""
    town.says(*full_life(town))
    with town.database.transaction() as conn:
        before = conn.execute("SELECT count(*) FROM person_change").fetchone()
    town.privacy.withdraw(SHOP, text(LI), purpose="analytics")
    with town.database.transaction() as conn:
        after = conn.execute("SELECT count(*) FROM person_change").fetchone()
    assert before is not None
    assert after == (before[0] + 1,)
