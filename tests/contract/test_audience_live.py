"""Audiences on real parts: the log, identity, profiles, the lake, PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.audience_world import BUYERS, QUIET, SHOP, World, opened, pay

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.storage.postgres.consumers import rebuild
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


@pytest.fixture
def world(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[World]:
    with opened(database, clock, data_dir) as made:
        yield made


class TestEvents:
    def test_a_payment_brings_somebody_in_and_says_so(self, world: World) -> None:
        world.record("view", "ann", item="lipstick")
        world.settle()
        assert world.create("buyers", BUYERS) == 0
        event_id = pay(world, "ann")
        world.settle()
        assert world.count("buyers") == 1
        assert world.causes("buyers") == [(True, f"event:{event_id}")]

    def test_creation_finds_those_who_are_already_in(self, world: World) -> None:
        pay(world, "ann")
        pay(world, "ben")
        world.record("view", "eve")
        world.settle()
        assert world.create("buyers", BUYERS) == 2
        assert world.create("quiet", QUIET) == 1

    def test_a_newcomer_enters_audiences_that_ask_for_nothing(self, world: World) -> None:
        world.create("quiet", QUIET)
        world.create("everyone", {"all": []})
        world.record("view", "ann")
        world.settle()
        assert world.count("quiet") == 1
        assert world.count("everyone") == 1
        pay(world, "ann")
        world.settle()
        assert world.count("quiet") == 0
        assert world.count("everyone") == 1

    def test_a_late_event_counts_at_its_own_time(self, world: World) -> None:
        world.record("view", "ann")
        world.settle()
        world.create("buyers", BUYERS)
        pay(world, "ann", ago_us=8 * DAY_US)
        world.settle()
        assert world.count("buyers") == 0
        pay(world, "ann", ago_us=6 * DAY_US)
        world.settle()
        assert world.count("buyers") == 1

    def test_an_event_without_bearing_writes_nothing(self, world: World) -> None:
        world.create("buyers", BUYERS)
        world.record("view", "ann")
        world.settle()
        assert world.causes("buyers") == []

    def test_merchants_do_not_see_each_other(self, world: World) -> None:
        world.create("buyers", BUYERS)
        pay(world, "ann")
        world.settle()
        with pytest.raises(NotFound):
            world.audiences.count("other", "buyers")
        assert world.audiences.list("other") == []


class TestTime:
    def test_silence_moves_people_by_timer_at_the_very_microsecond(self, world: World) -> None:
        world.create("buyers", BUYERS)
        world.create("quiet", QUIET)
        pay(world, "ann")
        world.settle()
        world.later(7 * DAY_US - 1)
        assert (world.count("buyers"), world.count("quiet")) == (1, 0)
        world.later(1)
        assert (world.count("buyers"), world.count("quiet")) == (0, 1)
        assert world.causes("quiet")[-1] == (True, "timer")

    def test_a_second_payment_moves_the_timer(self, world: World) -> None:
        world.create("buyers", BUYERS)
        pay(world, "ann")
        world.settle()
        world.later(6 * DAY_US)
        pay(world, "ann")
        world.settle()
        world.later(2 * DAY_US)
        assert world.count("buyers") == 1
        world.later(5 * DAY_US)
        assert world.count("buyers") == 0

    def test_people_filled_in_bulk_have_timers_until_the_next_bulk(self, world: World) -> None:
        pay(world, "ann", ago_us=7 * DAY_US - HOUR_US)
        world.settle()
        assert world.create("buyers", BUYERS) == 1
        world.later(HOUR_US)
        assert world.count("buyers") == 0

    def test_the_bulk_at_midnight_lays_the_timers_of_the_new_day(self, world: World) -> None:
        pay(world, "ann", ago_us=6 * DAY_US)
        world.settle()
        assert world.create("buyers", BUYERS) == 1
        world.clock.advance(13 * HOUR_US)
        assert world.audiences.refresh_due() == 0
        world.later(11 * HOUR_US - 1)
        assert world.count("buyers") == 1
        world.later(1)
        assert world.count("buyers") == 0

    def test_an_event_dated_in_the_future_waits(self, world: World) -> None:
        world.create("buyers", BUYERS)
        pay(world, "ann", ago_us=-MINUTE_US)
        world.settle()
        assert world.count("buyers") == 0
        world.later(MINUTE_US)
        assert world.count("buyers") == 1


class TestPeople:
    def test_a_merge_joins_histories_and_ends_one_person(self, world: World) -> None:
        twice = BUYERS | {"value": 2}
        world.create("twice", twice)
        world.create("everyone", {"all": []})
        pay(world, {"member_id": "ann"})
        pay(world, {"phone": "13700001234"})
        world.settle()
        assert (world.count("twice"), world.count("everyone")) == (0, 2)
        world.record("view", {"member_id": "ann", "phone": "13700001234"})
        world.settle()
        assert (world.count("twice"), world.count("everyone")) == (1, 1)
        assert (True, "merge") in world.causes("twice")


class TestTags:
    def test_a_tag_condition_follows_the_profile(self, world: World) -> None:
        definition = {"tag": "city", "op": "eq", "value": "上海"}
        world.create("shanghai", definition)
        world.record("member_joined", "ann", props={"city": "上海"})
        world.settle()
        assert world.count("shanghai") == 1
        assert world.audiences.estimate(SHOP, definition).people == 1

    def test_tags_are_asked_again_when_profiles_come_later(self, world: World) -> None:
        world.create("shanghai", {"tag": "city", "op": "eq", "value": "上海"})
        world.record("member_joined", "ann", props={"city": "上海"})
        world.follow(world.engine.identity_projection)
        world.follow(world.live)
        world.store.sweep(world.live)
        assert world.count("shanghai") == 0
        world.settle()
        assert world.count("shanghai") == 1


class TestRestart:
    def test_members_survive_a_restart_and_snapshots_fold_the_journal(self, world: World) -> None:
        world.create("buyers", BUYERS)
        for who in ("ann", "ben"):
            pay(world, who)
        world.settle()
        world.restart()
        pay(world, "eve")
        world.settle()
        assert world.count("buyers") == 3
        assert [entered for entered, _ in world.causes("buyers")] == [True] * 3

    def test_a_rebuild_gives_the_same_members(self, world: World) -> None:
        world.create("buyers", BUYERS)
        world.create("quiet", QUIET)
        pay(world, "ann")
        world.record("view", "ben")
        world.settle()
        before = world.count("buyers"), world.count("quiet")
        rebuild(world.source, world.live)
        world.store.sweep(world.live)
        world.audiences.refresh_due()
        assert (world.count("buyers"), world.count("quiet")) == before == (1, 1)

    def test_a_failed_round_leaves_no_trace(self, world: World) -> None:
        world.create("buyers", BUYERS)
        pay(world, "ann")
        world.follow(world.engine.identity_projection)
        world.follow(world.engine.profile_projection)

        class PowerCut(Exception):
            pass

        def cut_off() -> None:
            with world.database.transaction() as conn:
                world.live.apply(conn, world.log.read(0, 10))
                raise PowerCut

        with pytest.raises(PowerCut):
            cut_off()
        assert world.count("buyers") == 0
        world.settle()
        assert world.count("buyers") == 1


class TestService:
    def test_a_changed_definition_is_the_next_version(self, world: World) -> None:
        pay(world, "ann", fen=500)
        world.settle()
        world.create("buyers", BUYERS)
        rich = BUYERS | {"measure": "sum", "field": "amount", "value": 1000}
        changed = world.audiences.create(SHOP, "buyers", definition=rich, version=1)
        assert (changed.version, changed.people) == (2, 0)
        with pytest.raises(BadInput, match="version 2, not 1"):
            world.audiences.create(SHOP, "buyers", definition=rich, version=1)
        pay(world, "ann", fen=500)
        world.settle()
        assert world.count("buyers") == 1

    def test_references_live_and_circles_are_refused(self, world: World) -> None:
        world.create("buyers", BUYERS)
        world.create("others", {"not": {"audience": "buyers"}})
        world.record("view", "ann")
        world.settle()
        assert world.count("others") == 1
        pay(world, "ann")
        world.settle()
        assert world.count("others") == 0
        with pytest.raises(BadInput, match="buyers → others → buyers"):
            world.create("buyers", {"audience": "others"})
        with pytest.raises(BadInput, match="used by others"):
            world.audiences.delete(SHOP, "buyers")

    def test_explain_says_what_is_missing(self, world: World) -> None:
        pay(world, "ann")
        world.settle()
        world.create("twice", {"all": [BUYERS | {"value": 3}, {"event": "view"}]})
        found = world.audiences.explain(SHOP, "twice", identifier="member_id:ann")
        assert not found.member
        assert [(one.path, one.have, one.met) for one in found.conditions] == [
            ("all[0]", 1, False),
            ("all[1]", 0, False),
        ]
        assert found.conditions[0].text == "近 7 天支付次数至少 3：现有 1，不满足，差 2 次"
        with pytest.raises(NotFound):
            world.audiences.explain(SHOP, "twice", identifier="member_id:nobody")

    def test_sets_are_combined_exactly(self, world: World) -> None:
        pay(world, "ann")
        pay(world, "ben")
        world.record("view", "ben")
        world.record("view", "eve")
        world.settle()
        world.create("buyers", BUYERS)
        world.create("viewers", {"event": "view"})
        combine = world.audiences.combine
        names = ["buyers", "viewers"]
        assert combine(SHOP, "union", names=names) == 3
        assert combine(SHOP, "intersect", names=names) == 1
        assert combine(SHOP, "minus", names=names) == 1

    def test_export_gives_public_ids_of_those_who_allow_it(self, world: World) -> None:
        pay(world, "ann")
        world.settle()
        world.create("buyers", BUYERS)
        assert list(world.audiences.members(SHOP, "buyers")) == []
        world.engine.privacy.grant(SHOP, "member_id:ann", purpose="marketing_messages")
        (public,) = world.audiences.members(SHOP, "buyers")
        with pytest.raises(BadInput, match="purpose"):
            list(world.audiences.members(SHOP, "buyers", purpose="gossip"))
        assert public.startswith("p_")
        assert len(public) == 22

    def test_lifecycle_and_rfm_cover_everybody_once(self, world: World) -> None:
        for who, days in (("new", [1]), ("active", [1, 40]), ("dormant", [50]), ("lost", [200])):
            for ago in days:
                pay(world, who, ago_us=ago * DAY_US)
        world.record("view", "lead")
        world.settle()
        tiers = world.audiences.lifecycle(SHOP)
        assert tiers == {"潜客": 1, "新客": 1, "活跃": 1, "沉睡": 1, "流失": 1}
        assert sum(world.audiences.rfm(SHOP).values()) == 4

    def test_erased_people_leave_without_a_trace(self, world: World) -> None:
        pay(world, "ann")
        world.settle()
        world.create("buyers", BUYERS)
        with world.database.transaction() as conn:
            row = conn.execute("SELECT node FROM identifier").fetchone()
            assert row is not None
            world.store.forget(conn, SHOP, persons=[row[0]])
        assert world.count("buyers") == 0
        assert world.causes("buyers") == [(False, "erasure")]

    def test_long_journals_become_snapshots(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from quanyu.storage.postgres import audiences

        monkeypatch.setattr(audiences, "UNSAVED_MAX", 1)
        world.create("buyers", BUYERS)
        for who in ("ann", "ben"):
            pay(world, who)
        world.settle()
        assert world.store.save_snapshots() == 1
        assert world.store.save_snapshots() == 0
        world.restart()
        pay(world, "eve")
        world.settle()
        assert world.count("buyers") == 3

    def test_a_lookalike_of_too_few_says_so(self, world: World) -> None:
        pay(world, "ann")
        world.settle()
        world.create("buyers", BUYERS)
        with pytest.raises(BadInput, match="at least 20 people"):
            world.audiences.lookalike(SHOP, "buyers", size=10)

    def test_a_lookalike_finds_public_ids(self, world: World) -> None:
        for number in range(60):
            world.record("view", f"fan{number}", props={"category": "美妆"})
            world.record("view", f"other{number}", props={"category": "数码"})
        for number in range(30):
            world.record("favourite", f"fan{number}", item="lipstick")
        world.settle()
        world.create("fans", {"event": "favourite"})
        found = world.audiences.lookalike(SHOP, "fans", size=5)
        assert found.seed_people == 30
        assert len(found.people) == 5
        assert all(person.startswith("p_") for person, _ in found.people)
