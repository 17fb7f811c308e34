"""The off switch, age, the consent ledger and erasure, on real tables."""

from typing import Any

import psycopg
import pytest
from tests.profile_town import SHOP, Town

from quanyu.clock import DAY_US, FixedClock
from quanyu.errors import BadInput
from quanyu.storage.postgres.consumers import catch_up
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.profile_projection import decode_states

LI = ("taobao_id", "li")
LI_EATS = ("eleme_id", "li-eats")
WANG = ("taobao_id", "wang")


@pytest.fixture
def town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


def text(who: tuple[str, str]) -> str:
    return ":".join(who)


def bought(town: Town, who: tuple[str, str], days_ago: float = 1, **props: Any) -> dict[str, Any]:
    return town.event(
        "payment_completed",
        who,
        days_ago=days_ago,
        order=f"o-{who[1]}-{days_ago}",
        amount=5000,
        props={"category": "美妆", **props},
    )


def joined(
    town: Town, who: tuple[str, str], birth_year: int, days_ago: float = 2
) -> dict[str, Any]:
    return town.event("member_joined", who, days_ago=days_ago, props={"birth_year": birth_year})


def kept(town: Town, who: tuple[str, str]) -> set[str]:
    """Measures of which a state is stored for this identifier, the year of birth aside."""
    rows = town.rows("SELECT state FROM tag_state WHERE node = %s", town.node(who))
    held = decode_states(rows[0][0]) if rows else {}
    return set(held) - {town.catalogue.birth_year_id}


class TestTheOffSwitch:
    def test_tags_are_deleted_at_once(self, town: Town) -> None:
        town.says(bought(town, LI))
        town.privacy.personalise(SHOP, text(LI), on=False)
        assert kept(town, LI) == set()
        assert town.tags(LI) == {}
        assert town.profile(LI).portrait == ""
        assert town.profile(LI).as_json()["off_switch"] is True
        assert town.values(town.node(LI)) == {}

    def test_tags_are_not_made_while_it_is_on(self, town: Town) -> None:
        town.says(bought(town, LI))
        town.privacy.personalise(SHOP, text(LI), on=False)
        town.says(bought(town, LI, 0.5))
        assert kept(town, LI) == set()
        town.rebuild()
        assert kept(town, LI) == set()

    def test_it_can_be_thrown_before_the_first_event(self, town: Town) -> None:
        town.privacy.personalise(SHOP, text(LI), on=False)
        town.says(bought(town, LI))
        assert kept(town, LI) == set()

    def test_it_covers_every_identifier_of_the_person(self, town: Town) -> None:
        town.says(bought(town, LI), bought(town, LI_EATS), bought(town, WANG))
        town.link(LI, LI_EATS)
        town.privacy.personalise(SHOP, text(LI_EATS), on=False)
        assert kept(town, LI) == kept(town, LI_EATS) == set()
        assert kept(town, WANG)

    def test_it_covers_an_identifier_that_joins_later(self, town: Town) -> None:
        town.says(bought(town, LI), bought(town, LI_EATS))
        town.privacy.personalise(SHOP, text(LI), on=False)
        person = town.link(LI, LI_EATS)
        assert town.tags(LI_EATS) == {}
        assert town.values(person) == {}
        with town.database.transaction() as conn:
            assert town.projection.sweep(conn) == 1
        assert kept(town, LI_EATS) == set()

    def test_an_identifier_that_leaves_gets_its_tags_back(self, town: Town) -> None:
        town.says(bought(town, LI), bought(town, LI_EATS))
        town.link(LI, LI_EATS)
        town.privacy.personalise(SHOP, text(LI), on=False)
        town.unlink(LI, LI_EATS)
        with town.database.transaction() as conn:
            town.projection.sweep(conn)
        assert kept(town, LI) == set()
        assert town.tags(LI_EATS)["purchases_30d"] == 1

    def test_off_and_on_again_is_as_if_nothing_had_been(self, town: Town) -> None:
        town.says(bought(town, LI))
        before = town.rows("SELECT node, state FROM tag_state")
        town.privacy.personalise(SHOP, text(LI), on=False)
        town.clock.advance(1)
        town.privacy.personalise(SHOP, text(LI), on=True)
        assert town.rows("SELECT node, state FROM tag_state") == before
        assert town.rows("SELECT * FROM tag_withheld") == []


class TestMinors:
    # The clock of these tests stands in 2026.
    @pytest.mark.parametrize(
        ("birth_year", "profiled"), [(2015, False), (2008, False), (2007, True), (1998, True)]
    )
    def test_no_tags_of_people_under_age(self, town: Town, birth_year: int, profiled: bool) -> None:
        town.says(joined(town, LI, birth_year), bought(town, LI))
        assert bool(kept(town, LI)) is profiled
        assert bool(town.tags(LI)) is profiled
        assert town.profile(LI).as_json()["minor"] is not profiled

    def test_all_identifiers_of_a_minor_are_covered(self, town: Town) -> None:
        town.says(bought(town, LI), bought(town, LI_EATS))
        town.link(LI, LI_EATS)
        town.says(joined(town, LI_EATS, 2012))
        assert kept(town, LI) == kept(town, LI_EATS) == set()

    def test_tags_come_when_they_are_of_age_and_say_yes(self, town: Town) -> None:
        town.says(joined(town, LI, 2008), bought(town, LI))
        town.privacy.personalise(SHOP, text(LI), on=True)
        town.clock.advance(300 * DAY_US)
        with town.database.transaction() as conn:
            town.projection.sweep(conn)
        town.says(bought(town, LI))
        assert town.tags(LI) == {}, "the yes of a child does not count"
        town.rebuild()
        assert town.tags(LI) == {}
        town.privacy.personalise(SHOP, text(LI), on=True)
        assert town.tags(LI)["purchases_365d"] == 2
        town.rebuild()
        assert town.tags(LI)["purchases_365d"] == 2

    def test_a_corrected_year_of_birth_counts(self, town: Town) -> None:
        town.says(joined(town, LI, 2012), bought(town, LI))
        town.says(joined(town, LI, 1992, days_ago=0))
        assert town.tags(LI)["age"] == 34
        assert town.tags(LI)["purchases_30d"] == 1
        assert town.rows("SELECT * FROM tag_withheld") == []

    @pytest.mark.parametrize("year", [1, 20_000, -40_000])
    def test_an_absurd_year_of_birth_protects_nobody_and_breaks_nothing(
        self, town: Town, year: int
    ) -> None:
        town.says(joined(town, LI, year), bought(town, LI))
        assert kept(town, LI)


class TestConsent:
    def test_yes_and_no_are_equally_easy(self, town: Town) -> None:
        town.says(bought(town, LI))
        ask = lambda: town.privacy.allowed(SHOP, text(LI), purpose="marketing_messages").ground  # noqa: E731
        assert ask() == "no_consent"
        town.privacy.grant(SHOP, text(LI), purpose="marketing_messages")
        assert ask() == "consent"
        town.clock.advance(1)
        town.privacy.withdraw(SHOP, text(LI), purpose="marketing_messages")
        assert ask() == "withdrawn"

    def test_of_a_yes_and_a_no_at_one_instant_the_no_counts(self, town: Town) -> None:
        town.privacy.withdraw(SHOP, text(LI), purpose="marketing_messages")
        town.privacy.grant(SHOP, text(LI), purpose="marketing_messages")
        answer = town.privacy.allowed(SHOP, text(LI), purpose="marketing_messages")
        assert answer.ground == "withdrawn"

    def test_the_ledger_is_append_only(self, town: Town) -> None:
        town.privacy.grant(SHOP, text(LI), purpose="marketing_messages")
        for statement in ("DELETE FROM consent", "UPDATE consent SET purpose = 'service'"):
            with (
                pytest.raises(psycopg.errors.RaiseException),
                town.database.transaction() as conn,
            ):
                conn.execute(statement)

    @pytest.mark.parametrize(
        ("field", "args"),
        [
            ("purpose", {"purpose": "world_domination"}),
            ("actor", {"purpose": "analytics", "actor": " "}),
            ("actor", {"purpose": "analytics", "actor": "x" * 65}),
            ("notice_version", {"purpose": "analytics", "notice_version": 9}),
        ],
    )
    def test_bad_input_names_the_field(self, town: Town, field: str, args: dict[str, Any]) -> None:
        with pytest.raises(BadInput) as caught:
            town.privacy.grant(SHOP, text(LI), **args)
        assert caught.value.field == field

    def test_a_person_s_consents_follow_all_identifiers(self, town: Town) -> None:
        town.link(LI, LI_EATS)
        town.privacy.grant(SHOP, text(LI), purpose="marketing_messages")
        assert town.privacy.allowed(SHOP, text(LI_EATS), purpose="marketing_messages").allowed
        assert not town.privacy.allowed(SHOP, text(WANG), purpose="marketing_messages").allowed


class TestErasure:
    def test_nothing_of_the_person_is_left_and_others_are_untouched(self, town: Town) -> None:
        town.says(bought(town, LI), bought(town, LI_EATS), bought(town, WANG))
        town.link(LI, LI_EATS)
        town.privacy.grant(SHOP, text(LI), purpose="marketing_messages")
        wang = town.profile(WANG).as_json()
        nodes = [town.node(LI), town.node(LI_EATS)]
        receipt = town.privacy.erase(SHOP, text(LI))
        assert receipt is not None
        assert receipt.erased == {
            "identifiers": 2, "quarantine": 0, "events": 2, "lake_events": 0,
            "history": 2, "tags": 2, "consents": 1, "suppressions": 0, "decisions": 0,
            "identity": 2,
        }  # fmt: skip
        for table in ("history", "tag_state", "tag_withheld", "consent", "identifier"):
            query = f"SELECT count(*) FROM {table} WHERE node = ANY (%s)"
            assert town.rows(query, nodes) == [(0,)]
        assert town.profiles.profile(SHOP, text(LI)) is None
        assert town.profile(WANG).as_json() == wang

    def test_the_past_does_not_come_back(self, town: Town) -> None:
        events = [bought(town, LI), bought(town, WANG)]
        town.says(*events)
        town.privacy.erase(SHOP, text(LI))
        assert town.says(*events) == 0
        town.rebuild()
        assert town.profiles.profile(SHOP, text(LI)) is None
        assert town.tags(WANG)["purchases_30d"] == 1

    def test_who_comes_back_begins_anew(self, town: Town) -> None:
        town.says(bought(town, LI))
        town.privacy.erase(SHOP, text(LI))
        assert town.says(bought(town, LI, 0.25)) == 1
        assert town.tags(LI)["purchases_365d"] == 1

    def test_the_receipt_proves_without_telling(self, town: Town) -> None:
        town.says(bought(town, LI))
        receipt = town.privacy.erase(SHOP, text(LI))
        assert receipt is not None
        assert town.privacy.erased(SHOP, text(LI)) == receipt.number
        assert town.privacy.erased(SHOP, text(WANG)) is None
        ((nodes, tokens),) = town.rows("SELECT nodes, tokens FROM erasure")
        assert nodes == tokens == []

    def test_nobody_is_nobody(self, town: Town) -> None:
        assert town.privacy.erase(SHOP, text(LI)) is None
        assert town.rows("SELECT * FROM erasure") == []

    def test_refused_input_that_mentions_the_person_goes_too(self, town: Town) -> None:
        bad = bought(town, LI) | {"kind": "no_such_kind"}
        town.says(bad, bought(town, WANG) | {"kind": "no_such_kind"})
        assert town.quarantine.counts(SHOP) == {"unknown_kind": 2}
        receipt = town.privacy.erase(SHOP, text(LI))
        assert receipt is not None
        assert receipt.erased["quarantine"] == 1
        assert town.quarantine.counts(SHOP) == {"unknown_kind": 1}

    @pytest.mark.parametrize("stop", ["requested", "events", "lake", "tables"])
    def test_what_a_crash_interrupted_is_resumed(
        self, town: Town, stop: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        town.says(bought(town, LI), bought(town, WANG))

        class Crash(Exception):
            pass

        def killpoint(name: str) -> None:
            if name == f"erasure.{stop}":
                raise Crash

        monkeypatch.setattr("quanyu.storage.postgres.erasure.killpoint", killpoint)
        with pytest.raises(Crash):
            town.privacy.erase(SHOP, text(LI))
        monkeypatch.undo()
        (receipt,) = town.privacy.resume()
        assert receipt.erased["events"] == 1
        assert town.profiles.profile(SHOP, text(LI)) is None
        assert town.privacy.resume() == []

    def test_events_that_are_not_folded_yet_do_not_slip_through(self, town: Town) -> None:
        town.says(bought(town, LI))
        town.says(bought(town, LI, 0.5))
        with town.database.transaction() as conn:
            conn.execute('UPDATE consumer_offset SET "offset" = 0')
        town.privacy.erase(SHOP, text(LI))
        catch_up(town.source, town.projection)
        assert town.profiles.profile(SHOP, text(LI)) is None
