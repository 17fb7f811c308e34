"""Corrections as rules: what can be put right, what cannot and why, and what is kept of it."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
import pytest
from tests.lake_town import event

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.customers.identity.answers import Person
from quanyu.customers.privacy.consent import Subject
from quanyu.customers.profile.correcting import (
    KIND,
    Correcting,
    Correction,
    CorrectionRefusal,
    Words,
    checked,
    corrections,
    decide,
    stated,
)
from quanyu.customers.profile.service import StoredPerson
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.event import Event
from quanyu.events.scrub import PHONE_MASK
from quanyu.events.service import Receipt
from quanyu.ids import Tokeniser

NOW = parse_iso("2026-05-01T09:00:00+08:00")
TAGS = ("city", "gender", "age", "age_band", "monthly_category")
_numbers = count()


def words(field: str = "city", value: str | int = "上海", **told: str) -> Words:
    given = {"actor": "clerk 7", "key": f"k{next(_numbers)}"} | told
    return Words(field=field, value=value, **given)


def said(days_ago: int, **props: Any) -> Event:
    return event(f"e{next(_numbers):04d}", NOW - days_ago * DAY_US, props=props)


def person(*events: Event, born: int | None = None) -> StoredPerson:
    newest = tuple(sorted(events, key=lambda one: -one.at_us))
    return StoredPerson(Person.__new__(Person), (), newest, Subject((), born))


@dataclass
class Shop:
    """A store and an intake in one: what is taken in is there at once."""

    events: list[Event] = field(default_factory=list)
    born: int | None = None
    bodies: list[bytes] = field(default_factory=list)

    def person(self, merchant: str, identifier: Any, *, limit: int) -> StoredPerson | None:
        assert limit == 0, "a correction looks at everything"
        return person(*self.events, born=self.born) if self.events else None

    def record(self, merchant: str, body: bytes) -> Receipt:
        self.bodies.append(body)
        [told] = msgspec.json.decode(body)
        at_us = parse_iso(told["at"])
        made = event(told["event_id"], at_us, kind=told["kind"], props=told["props"])
        self.events.append(made)
        return Receipt(1, 1, 0)


def desk(shop: Shop) -> Correcting:
    tokeniser = Tokeniser(b"key")
    return Correcting(
        shop, shop.record, tags=TAGS, clock=FixedClock(NOW), tokeniser_of=lambda merchant: tokeniser
    )


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("city", "上海", "上海"), ("city", " 上海 ", "上海"), ("city", "Xi'an", "Xi'an"),
        ("gender", "female", "female"), ("gender", "male", "male"),
        ("birth_year", "1990", 1990), ("birth_year", 1990, 1990), ("birth_year", 2026, 2026),
        ("birth_year", 1876, 1876),
    ],
)  # fmt: skip
def test_what_may_be_said(field: str, value: str | int, kept: str | int) -> None:
    told = checked(words(field, value), tags=TAGS, now_us=NOW)
    assert isinstance(told, Words)
    assert (told.value, type(told.value)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("field", "value", "bad"),
    [
        ("birth_year", "90", "value"), ("birth_year", "1875", "value"),
        ("birth_year", 2027, "value"), ("birth_year", "1990年", "value"),
        ("birth_year", "-990", "value"), ("birth_year", "١٩٩٠", "value"),
        ("gender", "女士", "value"), ("gender", "", "value"), ("city", "", "value"),
        ("city", "   ", "value"), ("city", "x" * 65, "value"), ("city", "a\nb", "value"),
        ("city", "13812345678", "value"), ("city", "31.230416, 121.473701", "value"),
        ("name", "林", "field"), ("", "上海", "field"), ("phone", "13812345678", "field"),
    ],
)  # fmt: skip
def test_what_nobody_can_have_meant(field: str, value: str | int, bad: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(words(field, value), tags=TAGS, now_us=NOW)
    assert refused.value.field == bad


@pytest.mark.parametrize(
    ("told", "bad"),
    [
        ({"actor": ""}, "actor"), ({"actor": "13812345678"}, "actor"), ({"key": ""}, "key"),
        ({"key": "x" * 129}, "key"), ({"key": "a\0"}, "key"), ({"reason": "x" * 201}, "reason"),
        ({"reason": "a\0"}, "reason"), ({"proof": "x" * 201}, "proof"),
    ],
)  # fmt: skip
def test_what_goes_with_it(told: dict[str, str], bad: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(words(**told), tags=TAGS, now_us=NOW)
    assert refused.value.field == bad


@pytest.mark.parametrize("field", ["age", "age_band", "monthly_category"])
def test_what_follows_from_events_is_put_right_there(field: str) -> None:
    told = checked(words(field, "25"), tags=TAGS, now_us=NOW)
    assert told == Refused(CorrectionRefusal.FOLLOWS_FROM_EVENTS)


def test_reason_and_proof_are_masked() -> None:
    told = checked(words(reason="来电 13812345678", proof="证 13812345678"), tags=TAGS, now_us=NOW)
    assert isinstance(told, Words)
    assert (told.reason, told.proof) == (f"来电 {PHONE_MASK}", f"证 {PHONE_MASK}")


@pytest.mark.parametrize(
    ("before", "value", "answer"),
    [
        ([], "上海", None),
        ([said(3, city="杭州")], "上海", "杭州"),
        ([said(3, city="上海")], "上海", Refused(CorrectionRefusal.ALREADY_SO)),
        ([said(3, city="上海"), said(2, city="杭州")], "上海", "杭州"),
        (
            [said(2, city="上海"), said(3, city="杭州")],
            "上海",
            Refused(CorrectionRefusal.ALREADY_SO),
        ),
        ([said(3, gender="male")], "上海", None),
    ],
)
def test_the_latest_word_is_what_is_corrected(before: list[Event], value: str, answer: Any) -> None:
    assert decide(person(*before), words("city", value), now_us=NOW) == answer


@pytest.mark.parametrize(
    ("born", "value", "proof", "refused"),
    [
        (2015, 1990, "", True),
        (2015, 1990, "   ", True),
        (2015, 1990, "身份证", False),
        (2015, 2014, "", False),
        (2015, 2008, "", False),
        (2015, 2007, "", True),
        (1990, 2015, "", False),
        (1990, 1991, "", False),
        (None, 1990, "", False),
        (None, 2015, "", False),
    ],
)
def test_nobody_talks_a_child_into_an_adult(
    born: int | None, value: int, proof: str, refused: bool
) -> None:
    """2026 − 2008 = 18: still under age, for only the year is kept."""
    told = words("birth_year", value, proof=proof)
    known = [] if born is None else [said(3, birth_year=born)]
    answer = decide(person(*known, born=born), told, now_us=NOW)
    assert (answer == Refused(CorrectionRefusal.ENDS_PROTECTION)) is refused
    assert refused or answer == born


def test_of_one_instant_the_later_in_the_alphabet() -> None:
    first, second = said(1, city="上海"), said(1, city="杭州")
    assert stated([second, first], "city") == stated([first, second], "city") == second


class TestTheDesk:
    def test_an_event_of_its_own_with_what_was(self) -> None:
        shop = Shop([said(3, city="杭州")])
        made = desk(shop).correct("茶馆", "taobao_id:li", words=words(key="k", reason="搬家"))
        assert isinstance(made, Correction)
        assert made.as_json() == {
            "correction": made.event.event_id, "field": "city", "was": "杭州", "is": "上海",
            "at": "2026-05-01T09:00:00+08:00", "actor": "clerk 7", "reason": "搬家",
        }  # fmt: skip
        [body] = shop.bodies
        [told] = msgspec.json.decode(body)
        assert (told["kind"], told["identifiers"]) == (KIND, {"taobao_id": "li"})
        assert told["props"] == {
            "city": "上海", "corrects": "city", "actor": "clerk 7", "reason": "搬家",
        }  # fmt: skip

    def test_it_comes_after_a_word_from_a_clock_that_is_ahead(self) -> None:
        shop = Shop([said(-1, city="杭州")])
        made = desk(shop).correct("茶馆", "taobao_id:li", words=words())
        assert isinstance(made, Correction)
        assert made.event.at_us == NOW + DAY_US + 1

    def test_a_retry_is_answered_alike_and_writes_nothing(self) -> None:
        shop = Shop([said(3, city="杭州")])
        first, again = (
            desk(shop).correct("茶馆", "taobao_id:li", words=words(key="same")) for _ in range(2)
        )
        assert isinstance(first, Correction)
        assert isinstance(again, Correction)
        assert first.as_json() == again.as_json()
        assert len(shop.bodies) == 1

    def test_keys_of_two_people_do_not_meet(self) -> None:
        """Else the log would take the second for the first again, and drop it."""
        shop = Shop([said(3, city="杭州")])
        made = [
            desk(shop)._event_id(merchant, who, key=key)
            for merchant, who, key in (
                ("茶馆", "taobao_id:li", "k"), ("茶馆", "taobao_id:wu", "k"),
                ("茶馆", "eleme_id:li", "k"), ("茶馆", "taobao_id:li", "k2"),
            )
        ]  # fmt: skip
        assert len(set(made)) == 4
        assert made[0] == desk(shop)._event_id("茶馆", "taobao_id: li ", key="k")

    @pytest.mark.parametrize("other", [("city", "苏州"), ("gender", "male")])
    def test_a_key_stands_for_one_intent(self, other: tuple[str, str]) -> None:
        shop = Shop([said(3, city="杭州")])
        desk(shop).correct("茶馆", "taobao_id:li", words=words(key="same"))
        with pytest.raises(BadInput, match="key"):
            desk(shop).correct("茶馆", "taobao_id:li", words=words(*other, key="same"))

    def test_a_refusal_writes_nothing(self) -> None:
        shop = Shop([said(3, birth_year=2015)], born=2015)
        told = desk(shop).correct("茶馆", "taobao_id:li", words=words("birth_year", 1990))
        assert (told, shop.bodies) == (Refused(CorrectionRefusal.ENDS_PROTECTION), [])

    def test_nobody(self) -> None:
        with pytest.raises(NotFound):
            desk(Shop()).correct("茶馆", "taobao_id:li", words=words())
        with pytest.raises(NotFound):
            desk(Shop()).history("茶馆", "taobao_id:li")

    def test_the_history_is_newest_first_with_what_each_was(self) -> None:
        shop = Shop([said(3, city="杭州", gender="male")])
        clock = FixedClock(NOW)
        tokeniser = Tokeniser(b"key")
        at_work = Correcting(
            shop, shop.record, tags=TAGS, clock=clock, tokeniser_of=lambda merchant: tokeniser
        )
        for about, value in (("city", "上海"), ("gender", "female"), ("city", "苏州")):
            clock.advance(DAY_US)
            assert isinstance(
                at_work.correct("茶馆", "taobao_id:li", words=words(about, value)), Correction
            )
        told = [one.as_json() for one in at_work.history("茶馆", "taobao_id:li")]
        assert [(one["field"], one["was"], one["is"]) for one in told] == [
            ("city", "上海", "苏州"), ("gender", "male", "female"), ("city", "杭州", "上海"),
        ]  # fmt: skip

    def test_other_events_are_no_corrections(self) -> None:
        forged = event("x", NOW, kind=KIND, props={"corrects": "city"})
        assert list(corrections([said(1, city="上海"), forged])) == []
