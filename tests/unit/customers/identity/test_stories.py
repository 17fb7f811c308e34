"""Stories of people and what follows them: history, tags, audiences, through merge and unmerge."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import (
    SHOES,
    TEA,
    faults,
    members,
    nothing_waits,
    opened,
    paid,
    people,
    said,
    settled,
    tell,
)

from quanyu.clock import HOUR_US, SECOND_US, FixedClock
from quanyu.customers.identity.answers import Edge, No, Refused
from quanyu.customers.identity.ledger import Verdict
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

PAID, BROWSING = "近七日付款", "看过未付款"
OLD_ACCOUNT, NEW_ACCOUNT = "taobao_id:mei-2019", "taobao_id:mei-2026"
MEIS_PHONE = "phone:13823456789"


class Street:
    """An engine, and what people do in front of it."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock, self.desk = engine, clock, engine.identity
        self._events = 0

    def does(self, *who: str, kind: str = "view", shop: str = TEA, **fields: Any) -> str:
        """One event a second, of everything that is named such as taobao_id:mei."""
        self.clock.advance(SECOND_US)
        self._events += 1
        name, told = f"e{self._events}", dict(one.split(":", 1) for one in who)
        make = paid if kind == "payment_completed" else said
        more = {} if kind == "payment_completed" else {"kind": kind}
        tell(self.engine, shop, make(name, told, at_us=self.clock.now_us(), **more, **fields))
        settled(self.engine)
        return name

    def links(self, one: str, other: str, rule: str = "login", shop: str = TEA) -> Edge:
        self.clock.advance(SECOND_US)
        edge = self.desk.link(shop, (one, other), rule=rule, actor="crm")
        settled(self.engine)
        return edge

    def unlinks(self, edge: Edge, reason: str = "") -> None:
        self.clock.advance(SECOND_US)
        gone = self.desk.unlink(TEA, str(edge.id), actor="小王", reason=reason)
        assert isinstance(gone, Edge)
        settled(self.engine)

    def same(self, one: str, other: str, shop: str = TEA) -> bool:
        return self.desk.person(shop, one) == self.desk.person(shop, other)

    def history(self, who: str, shop: str = TEA) -> list[str]:
        profile = self.engine.profiles.profile(shop, who)
        assert profile is not None
        return sorted(event.event_id for event in profile.timeline)

    def tag(self, who: str, key: str) -> Any:
        profile = self.engine.profiles.profile(TEA, who)
        assert profile is not None
        return {line.reading.tag.key: line.reading.value for line in profile.tags}.get(key)

    def watch(self) -> None:
        for name, rule in {
            "看过": {"event": "view", "op": "ge", "value": 1},
            PAID: {"event": "payment_completed", "op": "ge", "value": 1, "within": "7d"},
            BROWSING: {"all": [{"audience": "看过"}, {"not": {"audience": PAID}}]},
        }.items():
            self.engine.audiences.create(TEA, name, definition=rule)

    def counts(self) -> dict[str, int]:
        return {name: self.engine.audiences.count(TEA, name) for name in (PAID, BROWSING)}

    def holds(self) -> None:
        """Nothing waits, every check of the audit is silent, a rebuild changes nothing."""
        assert nothing_waits(self.engine)
        assert faults(self.engine) == {}
        before = people(self.engine.database)
        self.desk.rebuild()
        assert people(self.engine.database) == before


@pytest.fixture
def street(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with opened(database, clock, data_dir) as engine:
        yield Street(engine, clock)


def test_two_accounts_of_mei_become_one_and_come_apart_again(street: Street) -> None:
    """She looked with the new account and paid with the old one."""
    street.watch()
    bought = street.does(OLD_ACCOUNT, kind="payment_completed")
    joined = street.does(OLD_ACCOUNT, kind="member_joined", props={"city": "上海"})
    looked = street.does(NEW_ACCOUNT)
    assert street.counts() == {PAID: 1, BROWSING: 1}
    apart = street.history(OLD_ACCOUNT), street.history(NEW_ACCOUNT)
    assert apart == ([bought, joined], [looked])

    edge = street.links(OLD_ACCOUNT, NEW_ACCOUNT, "manual")
    assert street.counts() == {PAID: 1, BROWSING: 0}
    assert street.history(NEW_ACCOUNT) == street.history(OLD_ACCOUNT) == sorted([*apart[0], looked])
    assert street.tag(NEW_ACCOUNT, "city") == "上海"

    street.unlinks(edge, "her sister's account")
    assert street.counts() == {PAID: 1, BROWSING: 1}
    assert (street.history(OLD_ACCOUNT), street.history(NEW_ACCOUNT)) == apart
    assert (street.tag(OLD_ACCOUNT, "city"), street.tag(NEW_ACCOUNT, "city")) == ("上海", None)
    street.holds()


def test_what_she_does_while_merged_stays_with_the_account_that_did_it(street: Street) -> None:
    street.does(OLD_ACCOUNT), street.does(NEW_ACCOUNT)
    edge = street.links(OLD_ACCOUNT, NEW_ACCOUNT)
    meanwhile = street.does(NEW_ACCOUNT, kind="payment_completed")
    assert meanwhile in street.history(OLD_ACCOUNT)
    street.unlinks(edge)
    assert meanwhile not in street.history(OLD_ACCOUNT)
    assert meanwhile in street.history(NEW_ACCOUNT)


def test_merging_and_splitting_again_and_again_ends_where_it_began(street: Street) -> None:
    street.watch()
    street.does(OLD_ACCOUNT, kind="payment_completed"), street.does(NEW_ACCOUNT)
    began = people(street.engine.database), members(street.engine), street.counts()
    for rule in ("login", "import", "manual", "login"):
        edge = street.links(OLD_ACCOUNT, NEW_ACCOUNT, rule)
        assert edge.verdict is Verdict.ACCEPTED
        assert street.counts() == {PAID: 1, BROWSING: 0}
        street.unlinks(edge)
        assert (people(street.engine.database), members(street.engine), street.counts()) == began
    street.holds()


def test_one_of_two_reasons_is_enough(street: Street) -> None:
    """Unlinking one edge of a pair leaves the other: they part when the last one goes."""
    first, second = (street.links(OLD_ACCOUNT, NEW_ACCOUNT, rule) for rule in ("login", "import"))
    street.unlinks(first)
    assert street.same(OLD_ACCOUNT, NEW_ACCOUNT)
    street.unlinks(second)
    assert not street.same(OLD_ACCOUNT, NEW_ACCOUNT)


def test_a_bridge_taken_away_leaves_both_banks_whole(street: Street) -> None:
    street.links(OLD_ACCOUNT, "phone:13823456780")
    street.links(NEW_ACCOUNT, "phone:13823456781")
    banks = {who: street.desk.person(TEA, who) for who in (OLD_ACCOUNT, NEW_ACCOUNT)}
    bridge = street.links("phone:13823456780", "phone:13823456781")
    assert len(street.desk.person(TEA, OLD_ACCOUNT).nodes) == 4
    street.unlinks(bridge)
    assert {who: street.desk.person(TEA, who) for who in banks} == banks


def test_the_tablet_of_the_family(street: Street) -> None:
    """Three share it as one person would; when the grandchildren come it is nobody's."""
    tablet = "device:tablet"
    family = [f"taobao_id:{name}" for name in ("爸爸", "妈妈", "奶奶")]
    for one in family:
        street.does(one, tablet)
    assert street.same(family[0], family[2])
    for one in ("小宝", "大宝"):
        street.does(f"taobao_id:{one}", tablet)
    assert [edge.verdict for edge in street.desk.review(TEA)] == [Verdict.CAP] * 2
    street.does("taobao_id:表妹", tablet)
    assert not any(street.same(one, family[0]) for one in (*family[1:], "taobao_id:表妹", tablet))
    assert [edge.verdict for edge in street.desk.review(TEA)] == [Verdict.SHARED] * 6
    alone = street.does(tablet)
    assert street.history(tablet) == [alone]
    street.holds()


def test_the_phone_number_that_was_handed_on(street: Street) -> None:
    """Li gave his number up and Wang has it now; the old link goes, the new one holds."""
    li, wang = "member_id:li", "member_id:wang"
    edge = street.links(li, MEIS_PHONE)
    handed = street.links(wang, MEIS_PHONE)
    assert handed.verdict is Verdict.CAP
    assert street.desk.accept_review(TEA, str(handed.id), actor="小王") != Refused(No.BREAKS_A_CAP)
    assert street.same(wang, MEIS_PHONE)
    assert not street.same(li, MEIS_PHONE)
    street.unlinks(edge, "number given up")
    assert [one.verdict for one in street.desk.edges(TEA, li)] == [Verdict.RETRACTED]
    assert street.desk.review(TEA) == []
    street.holds()


def test_seen_with_the_old_owner_again_the_number_waits(street: Street) -> None:
    """What somebody took apart, an event does not put together, only a caller or a person."""
    li = "member_id:li"
    street.does(li, MEIS_PHONE)
    (edge,) = street.desk.edges(TEA, li)
    street.unlinks(edge)
    street.does(li, MEIS_PHONE)
    (again,) = street.desk.review(TEA)
    assert (again.id, again.verdict) == (edge.id, Verdict.REASSERTED)
    assert [line.retracts for line in again.ledger] == [False, True, False]
    assert street.links(li, MEIS_PHONE).verdict is Verdict.ACCEPTED
    assert street.same(li, MEIS_PHONE)
    assert street.desk.review(TEA) == []


def test_a_late_event_from_before_the_split_does_not_wake_the_edge(street: Street) -> None:
    li = "member_id:li"
    street.does(li, MEIS_PHONE)
    (edge,) = street.desk.edges(TEA, li)
    street.unlinks(edge)
    who = {"member_id": "li", "phone": "13823456789"}
    tell(street.engine, TEA, said("late", who, at_us=street.clock.now_us() - HOUR_US))
    settled(street.engine)
    (still,) = street.desk.edges(TEA, li)
    assert still.verdict is Verdict.RETRACTED
    assert not street.same(li, MEIS_PHONE)


def test_the_agent_who_logs_in_for_everybody(street: Street) -> None:
    """A call centre's account meets a phone per customer; it keeps three and joins no more."""
    agent = "user_id:agent-7"
    phones = [f"phone:1382345{n:04d}" for n in range(12)]
    for phone in phones:
        street.does(phone, kind="payment_completed")
        street.links(agent, phone)
    assert sum(street.same(agent, phone) for phone in phones) == 3
    assert len(street.desk.review(TEA)) == 9
    for edge in street.desk.edges(TEA, agent):
        street.unlinks(edge, "a call centre")
    assert street.desk.review(TEA) == []
    assert len(set(people(street.engine.database).values())) == 13
    street.holds()


def test_a_rejected_guess_waits_again_only_for_new_behaviour(street: Street) -> None:
    """Two cards at one device: the second waits; refused, it is silent until it is seen anew."""
    device, first, second = "device:kiosk", "member_id:1", "member_id:2"
    street.does(first, device), street.does(second, device)
    (waiting,) = street.desk.review(TEA)
    street.clock.advance(SECOND_US)
    street.desk.reject_review(TEA, str(waiting.id), actor="小王", reason="two guests")
    assert street.desk.review(TEA) == []
    street.does(second, device)
    (again,) = street.desk.review(TEA)
    assert (again.id, again.verdict) == (waiting.id, Verdict.REASSERTED)
    accepted = street.desk.accept_review(TEA, str(again.id), actor="小王")
    assert isinstance(accepted, Edge)
    assert street.same(second, device)
    assert not street.same(first, device)


def test_the_number_that_is_nobody_s_joins_nobody(street: Street) -> None:
    """Two guests leave 13800000000 at the till, each with a card."""
    for card in ("member_id:1", "member_id:2"):
        street.does(card, "phone:13800000000")
    assert not street.same("member_id:1", "member_id:2")
    assert [edge.verdict for edge in street.desk.review(TEA)] == [Verdict.BLOCKED] * 2
    blocked = street.desk.review(TEA)[0]
    refused = street.desk.accept_review(TEA, str(blocked.id), actor="小王")
    assert refused == Refused(No.BLOCKED_VALUE)
    street.holds()


def test_two_merchants_have_two_meis(street: Street) -> None:
    """The same account and phone at both; what one learns, the other never hears."""
    for shop in (TEA, SHOES):
        street.does(OLD_ACCOUNT, shop=shop)
        street.does(MEIS_PHONE, shop=shop)
    street.links(OLD_ACCOUNT, MEIS_PHONE)
    assert street.same(OLD_ACCOUNT, MEIS_PHONE)
    assert not street.same(OLD_ACCOUNT, MEIS_PHONE, shop=SHOES)
    here, there = (street.desk.person(shop, OLD_ACCOUNT) for shop in (TEA, SHOES))
    assert {n.token for n in here.nodes}.isdisjoint(n.token for n in there.nodes)
    assert here.public_id != there.public_id
    street.links(OLD_ACCOUNT, MEIS_PHONE, shop=SHOES)
    labels = people(street.engine.database).values()
    assert all(len({one.split()[0] for one in person}) == 1 for person in labels)
    street.holds()
