"""Who is looking: what may be read of whom, for a whole group at once."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.campaigns_ground import MALL, Board, form, stock
from tests.engine_ground import SHOES, TEA, paid, rows, said, settled, tell
from tests.loyalty_ground import TERMS
from tests.viewers_ground import ad, keep, nodes, record, token, trace_of, viewer, viewers

from quanyu.clock import DAY_US, HOUR_US, SECOND_US
from quanyu.decisions.guards.viewer import STRANGER, Plain, Viewer
from quanyu.decisions.taste import KEPT, Deed
from quanyu.events.requests import Request
from quanyu.storage.postgres.decisions.inside import CampaignAudiences, Inside
from quanyu.storage.postgres.decisions.people import PostgresPeople
from quanyu.wiring import Engine

_numbers = count(1)
CHILD, ADULT = 2015, 1990
VIEWED: dict[str, Any] = {"event": "view", "op": "ge", "value": 1}


def somebody(engine: Engine, *, born: int = ADULT, deeds: Sequence[str] = ("view",)) -> str:
    """Has told the year of birth and done some things, a minute apart, up to now."""
    who, now_us = f"p{next(_numbers)}", engine.clock.now_us()
    ids = {"taobao_id": who}
    joined = said(f"{who}-j", ids, at_us=now_us - DAY_US, kind="member_joined")
    told = [
        did(f"{who}-{n}", ids, kind, at_us=now_us - (len(deeds) - n) * 60_000_000, item=f"i{n}")
        for n, kind in enumerate(deeds)
    ]
    tell(engine, TEA, joined | {"props": {"birth_year": born}}, *told)
    settled(engine)
    return who


def did(
    event_id: str, ids: dict[str, str], kind: str, *, at_us: int, **fields: Any
) -> dict[str, Any]:
    make = paid if kind == "payment_completed" else said
    extra = {} if kind == "payment_completed" else {"kind": kind}
    return make(event_id, ids, at_us=at_us, **extra, **fields)


def remembered(engine: Engine, who: str) -> None:
    """An ad was shown and an answer given."""
    held, now_us = nodes(engine, who), engine.clock.now_us()
    trace = trace_of(1_000_000 + next(_numbers))
    keep(engine, record(trace, now_us, nodes=held), contacts=[(held[0], ad(now_us - HOUR_US))])


def switch(engine: Engine, who: str, *, on: bool) -> None:
    engine.privacy.personalise(TEA, f"taobao_id:{who}", on=on)


class TestWhoIsPlain:
    def test_nobody_known_is_a_stranger(self, engine: Engine) -> None:
        assert viewers(engine, (), ("never-seen",)) == [STRANGER, STRANGER]

    def test_an_empty_group_asks_nothing(self, engine: Engine) -> None:
        assert viewers(engine) == []

    def test_an_adult_who_said_nothing_is_personalised(self, engine: Engine) -> None:
        who = somebody(engine)
        remembered(engine, who)
        found = viewer(engine, who)
        assert found.personalised
        assert found.nodes == nodes(engine, who)
        assert [deed.item for deed in found.taste.deeds] == ["i0"]
        assert [one.campaign for one in found.contacts] == ["spring"]

    def test_a_minor_is_a_minor_and_nothing_else(self, engine: Engine) -> None:
        assert viewer(engine, somebody(engine, born=CHILD)) == Viewer(plain=Plain.MINOR)

    def test_a_minor_who_said_yes_is_a_minor_all_the_same(self, engine: Engine) -> None:
        who = somebody(engine, born=CHILD)
        switch(engine, who, on=True)
        assert viewer(engine, who) == Viewer(plain=Plain.MINOR)

    def test_who_was_here_as_a_minor_is_asked_anew(self, engine: Engine) -> None:
        who = somebody(engine, born=CHILD)
        grown_us = engine.clock.now_us() + 10 * 365 * DAY_US
        (found,) = viewers(engine, (who,), at_us=grown_us)
        assert found == Viewer(plain=Plain.OFF_SWITCH)

    def test_the_off_switch_and_back(self, engine: Engine) -> None:
        who = somebody(engine)
        remembered(engine, who)
        before = viewer(engine, who)
        switch(engine, who, on=False)
        assert viewer(engine, who) == Viewer(plain=Plain.OFF_SWITCH)
        engine.clock.advance(1)  # type: ignore[attr-defined]
        switch(engine, who, on=True)
        assert viewer(engine, who) == replace(before, contacts=())

    def test_a_no_of_a_faster_clock_counts_at_once(self, engine: Engine) -> None:
        who = somebody(engine)
        engine.clock.advance(5)  # type: ignore[attr-defined]
        switch(engine, who, on=False)
        (found,) = viewers(engine, (who,), at_us=engine.clock.now_us() - 5)
        assert found.plain is Plain.OFF_SWITCH

    def test_while_an_erasure_is_under_way(self, engine: Engine) -> None:
        who = somebody(engine)
        held = nodes(engine, who)
        with engine.database.transaction() as tx:
            tx.execute(
                "INSERT INTO erasure (receipt, merchant_no, nodes, tokens, proofs, consents,"
                " requested_us) VALUES ('r', 1, %s, '{}', '{}', '', 0)",
                [list(held)],
            )
        assert viewer(engine, who) == Viewer(plain=Plain.ERASING)
        with engine.database.transaction() as tx:
            tx.execute("DELETE FROM erasure WHERE receipt = 'r'")
        assert viewer(engine, who).personalised

    def test_without_an_assessment_nobody_is_personalised(self, engine: Engine) -> None:
        adult, child = somebody(engine), somebody(engine, born=CHILD)
        engine.assessments.disable("personalisation", actor="ops")
        try:
            found = viewers(engine, (adult,), (child,), ("never-seen",))
        finally:
            engine.clock.advance(1)  # type: ignore[attr-defined]
            engine.assessments.enable("personalisation", assessment="TESTS", actor="ops")
        assert [one.plain for one in found] == [Plain.NOT_ASSESSED, Plain.MINOR, Plain.ANONYMOUS]
        assert all(one == Viewer(plain=one.plain) for one in found)


class TestWhoseItIs:
    def test_a_group_is_answered_in_the_order_asked(self, engine: Engine) -> None:
        one, other = somebody(engine), somebody(engine, deeds=("favourite", "add_to_cart"))
        off = somebody(engine)
        switch(engine, off, on=False)
        found = viewers(engine, (other,), ("never-seen",), (one,), (off,), (one,))
        assert [len(v.taste.deeds) for v in found] == [2, 0, 1, 0, 1]
        assert [v.plain for v in found] == [None, Plain.ANONYMOUS, None, Plain.OFF_SWITCH, None]
        assert found == [viewer(engine, *w) for w in
                         ((other,), ("never-seen",), (one,), (off,), (one,))]  # fmt: skip

    def test_the_first_identifier_that_is_known_says_who_it_is(self, engine: Engine) -> None:
        one, other = somebody(engine), somebody(engine)
        assert viewer(engine, "never-seen", one, other).nodes == nodes(engine, one)
        assert viewer(engine, other, one).nodes == nodes(engine, other)

    def test_all_nodes_of_the_person_count(self, engine: Engine) -> None:
        who, eats = somebody(engine), f"eats-{next(_numbers)}"
        now_us = engine.clock.now_us()
        ids = {"taobao_id": who, "eleme_id": eats}
        tell(
            engine, TEA, said(f"{eats}-1", {"eleme_id": eats}, at_us=now_us - 9, item="noodles"),
            said(f"{eats}-2", ids, at_us=now_us - 8, item="soup"),
        )  # fmt: skip
        settled(engine)
        found = viewer(engine, f"eleme_id:{eats}")
        assert len(found.nodes) == 2
        assert [deed.item for deed in found.taste.deeds] == ["i0", "noodles", "soup"]
        assert found == viewer(engine, who)

    def test_who_is_linked_to_somebody_who_switched_off_is_off(self, engine: Engine) -> None:
        who, off = somebody(engine), somebody(engine)
        remembered(engine, who)
        switch(engine, off, on=False)
        ends = (f"taobao_id:{who}", f"taobao_id:{off}")
        phone = {"phone": f"1380013{8000 + next(_numbers):04d}"}
        now_us = engine.clock.now_us()
        for n, one in enumerate((who, off)):
            event = said(f"{one}-tied", {"taobao_id": one} | phone, at_us=now_us + n)
            tell(engine, TEA, event)
        engine.identity.link(TEA, ends, rule="manual", actor="clerk")
        settled(engine)
        assert viewer(engine, who) == Viewer(plain=Plain.OFF_SWITCH)

    def test_merchants_know_nothing_of_each_other(self, engine: Engine) -> None:
        who = somebody(engine)
        assert viewers(engine, (who,), merchant=SHOES) == [STRANGER]


class TestTaste:
    def test_the_newest_deeds_are_kept_the_newest_last(self, engine: Engine) -> None:
        who = somebody(engine, deeds=["view", "impression", "search"][:1] * (KEPT + 6))
        deeds = viewer(engine, who).taste.deeds
        assert [deed.item for deed in deeds] == [f"i{n}" for n in range(6, KEPT + 6)]

    def test_only_deeds_count_and_they_are_what_they_were(self, engine: Engine) -> None:
        done = ("view", "impression", "favourite", "click", "add_to_cart", "payment_completed")
        who, now_us = somebody(engine, deeds=done), engine.clock.now_us()
        kept = [(n, kind) for n, kind in enumerate(done) if kind not in ("impression", "click")]
        expected = [Deed(f"i{n}", kind, now_us - (6 - n) * 60_000_000) for n, kind in kept]
        assert list(viewer(engine, who).taste.deeds) == expected

    def test_what_names_no_item_is_no_deed(self, engine: Engine) -> None:
        who, now_us = somebody(engine), engine.clock.now_us()
        tell(engine, TEA, said(f"{who}-bare", {"taobao_id": who}, at_us=now_us))
        settled(engine)
        assert [deed.item for deed in viewer(engine, who).taste.deeds] == ["i0"]

    def test_what_comes_later_is_not_known_yet(self, engine: Engine) -> None:
        who = somebody(engine, deeds=("view", "favourite"))
        (found,) = viewers(engine, (who,), at_us=engine.clock.now_us() - 90_000_000)
        assert [deed.kind for deed in found.taste.deeds] == ["view"]

    def test_of_several_nodes_the_newest_over_all(self, engine: Engine) -> None:
        who, now_us = somebody(engine, deeds=["view"] * KEPT), engine.clock.now_us()
        eats = {"eleme_id": f"eats-{who}"}
        alone = [
            said(f"{who}-e{n}", eats, at_us=now_us - n * 60_000_000, item=f"e{n}") for n in range(9)
        ]
        tell(engine, TEA, *alone, said(f"{who}-t", {"taobao_id": who} | eats, at_us=now_us - 1))
        settled(engine)
        deeds = viewer(engine, who).taste.deeds
        assert len(deeds) == KEPT
        assert [deed.at_us for deed in deeds] == sorted(deed.at_us for deed in deeds)
        assert sum(deed.item.startswith("e") for deed in deeds) == 9

    def test_it_comes_back_with_the_switch_and_goes_with_the_past(self, engine: Engine) -> None:
        who = somebody(engine, deeds=("view", "favourite"))
        before = viewer(engine, who)
        switch(engine, who, on=False)
        kept = rows(
            engine.database, "SELECT deeds FROM tag_state WHERE node = %s", nodes(engine, who)[0]
        )
        assert kept == [(b"\x90",)]
        engine.clock.advance(1)  # type: ignore[attr-defined]
        switch(engine, who, on=True)
        assert viewer(engine, who) == before


class TestContacts:
    @pytest.mark.parametrize(("hours", "counts"), [(23, True), (25, False)])
    def test_those_of_the_longest_window(self, engine: Engine, hours: int, counts: bool) -> None:
        assert engine.ecosystem.cap_hours == 24
        who, now_us = somebody(engine), engine.clock.now_us()
        one = ad(now_us - hours * HOUR_US)
        keep(engine, contacts=[(nodes(engine, who)[0], one)])
        assert viewer(engine, who).contacts == ((one,) if counts else ())

    def test_of_each_their_own(self, engine: Engine) -> None:
        one, other, now_us = somebody(engine), somebody(engine), engine.clock.now_us()
        shown = [(nodes(engine, w)[0], ad(now_us - 1, campaign=w)) for w in (one, other, one)]
        keep(engine, contacts=shown)
        found = viewers(engine, (one,), (other,))
        assert [[c.campaign for c in v.contacts] for v in found] == [[one, one], [other]]


class TestAudiences:
    def people(self, engine: Engine, *names: str) -> PostgresPeople:
        return PostgresPeople(Inside(engine.memberships), audiences=lambda tx, merchant: names)

    def test_only_those_asked_for_and_there(self, engine: Engine) -> None:
        who, off = somebody(engine), somebody(engine)
        switch(engine, off, on=False)
        for name in ("看过", "没问"):
            engine.audiences.create(TEA, name, definition=VIEWED)
        asked = [[token(engine, who)], [token(engine, off)]]
        now_us = engine.clock.now_us()
        with engine.database.transaction() as tx:
            found = self.people(engine, "看过", "没有").viewers(tx, TEA, asked=asked, at_us=now_us)
        assert [one.audiences for one in found] == [{"看过"}, set()]

    def test_campaigns_that_have_not_ended_say_which(self, engine: Engine) -> None:
        ask, board = CampaignAudiences(engine.clock), Board(engine)
        stock(engine)
        engine.audiences.create(MALL, "看过", definition=VIEWED)

        def named() -> set[str]:
            with engine.database.transaction() as tx:
                return set(ask(tx, MALL))

        assert named() == set()
        board.run(form(audience="看过"))
        assert named() == set(), "looked at once a second"
        engine.clock.advance(SECOND_US)  # type: ignore[attr-defined]
        assert named() == {"看过"}
        board.move("end")
        engine.clock.advance(SECOND_US)  # type: ignore[attr-defined]
        assert named() == set()


class TestMemberships:
    def test_what_was_paid_for_is_owed_to_everybody_who_paid(self, engine: Engine) -> None:
        off, child, adult, other = (
            somebody(engine), somebody(engine, born=CHILD), somebody(engine), somebody(engine),
        )  # fmt: skip
        member_of_club(engine, (off, 100), (child, 99), (adult, 0))
        switch(engine, off, on=False)
        found = viewers(engine, (off,), (child,), (adult,), (other,))
        assert [v.memberships for v in found] == [
            {"member", "member:gold"}, {"member", "member:silver"}, {"member"}, set(),
        ]  # fmt: skip
        assert replace(found[0], memberships=frozenset()) == Viewer(plain=Plain.OFF_SWITCH)
        assert replace(found[1], memberships=frozenset()) == Viewer(plain=Plain.MINOR)
        for who, one in zip((off, child, adult), found[:3], strict=True):
            assert one.memberships == engine.loyalty.eligibility(TEA, f"taobao_id:{who}")


def member_of_club(engine: Engine, *members: tuple[str, int]) -> None:
    """(Who, tier points)."""
    tiers = [("silver", "银卡", 50), ("gold", "金卡", 100)]
    rungs = [{"name": n, "label": label, "from_points": p} for n, label, p in tiers]
    engine.loyalty.define(TEA, "club", body=json.dumps(TERMS | {"tiers": rungs}).encode())
    for who, points in members:
        request = Request(TEA, "points.join", f"join-{who}", b"")
        engine.loyalty.join(request, "club", identifier=f"taobao_id:{who}")
        kind, value = token(engine, who)
        with engine.database.transaction() as tx:
            changed = tx.execute(
                "UPDATE points_member SET tier_points = %s"
                " WHERE holder_kind = %s AND holder_token = %s",
                [points, kind, value],
            )
            assert changed.rowcount == 1


WORDS = st.lists(st.booleans(), max_size=4)


@settings(max_examples=12)
@given(born=st.sampled_from([CHILD, ADULT, 2007, 2008]), words=WORDS, shown=st.booleans())
def test_whoever_says_no_is_a_stranger_to_the_last_bit(
    engine: Engine, born: int, words: list[bool], shown: bool
) -> None:
    who = somebody(engine, born=born, deeds=("view", "payment_completed"))
    minor = 2026 - born <= 18
    if shown and not minor:
        remembered(engine, who)
    for on in words:
        engine.clock.advance(1)  # type: ignore[attr-defined]
        switch(engine, who, on=on)
    found = viewer(engine, who)
    if minor:
        assert found == Viewer(plain=Plain.MINOR)
    elif words and not words[-1]:
        assert replace(found, plain=Plain.ANONYMOUS) == STRANGER
        assert found.plain is Plain.OFF_SWITCH
    else:
        assert (found.plain, found.nodes) == (None, nodes(engine, who))
        assert len(found.taste.deeds) == 2
        assert bool(found.contacts) == (shown and not (words and False in words))
    if not found.personalised:
        left = rows(
            engine.database, "SELECT 1 FROM ad_contact WHERE node = ANY (%s)",
            list(nodes(engine, who)),
        )  # fmt: skip
        assert left == []
