"""Pieces from a draft to people and back, over HTTP, on a real database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from tests.conftest import FreshDatabases
from tests.engine_ground import KEY, rows
from tests.orders_ground import Door, error_of
from tests.unit.content.pieces import WordGate, marketing, piece, value

from quanyu.clock import MINUTE_US, FixedClock, parse_iso
from quanyu.compliance.policy import Policy
from quanyu.content.library.rules import Rules
from quanyu.content.library.version import By
from quanyu.content.piece import Piece
from quanyu.interfaces.api.application import create_app
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

PLAIN = piece(value("先把面粉过筛" * 5), marketing("锅在这里"))
NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
_numbers = count(1)
SELLS = piece(value("先把面粉过筛" * 5), marketing("锅在这里", items=("pan",)))


@pytest.fixture(scope="module")
def database(fresh_databases: FreshDatabases) -> Iterator[Database]:
    """One for all: each test is a merchant of its own, which sees nothing of the others."""
    url = fresh_databases.take()
    with Database(url) as opened:
        yield opened
    fresh_databases.discard(url)


@pytest.fixture(scope="module")
def running(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), master_key_given=KEY)
    made = Engine(settings, database, clock=FixedClock(NOON_US))
    yield made
    made.close()


@pytest.fixture
def engine(running: Engine, gate: WordGate, clock: FixedClock) -> Engine:
    running.library.rules = Rules(gate, Policy(), clock)
    return running


@pytest.fixture
def gate() -> WordGate:
    return WordGate()


@pytest.fixture(scope="module")
def app(running: Engine) -> FastAPI:
    return create_app(running)


@pytest.fixture
def shop() -> str:
    return f"面馆{next(_numbers)}"


@pytest.fixture
def door(app: FastAPI, engine: Engine, shop: str) -> Door:
    """``engine`` is there for its gate, which is new for each test."""
    return Door(app, shop)


def said(one: Piece) -> Any:
    """As it comes over the wire."""
    return msgspec.json.decode(msgspec.json.encode(one))


def body(one: Piece, **change: Any) -> dict[str, Any]:
    return {"piece": msgspec.to_builtins(one), "actor": "lin"} | change


def put(door: Door, one: Piece = PLAIN, **change: Any) -> dict[str, Any]:
    answer = door.put(f"contents/{one.id}", body(one, **change))
    assert answer.is_success, answer.text
    told: dict[str, Any] = answer.json()
    return told


def move(door: Door, *verbs: str, actor: str = "wang", id: str = PLAIN.id) -> str:
    """The state after the last one."""
    told = {}
    for verb in verbs:
        told = door.ok(f"contents/{id}/moves/{verb}", {"actor": actor})
    return str(told["state"])


def publish(door: Door, one: Piece = PLAIN, **change: Any) -> None:
    put(door, one, **change)
    assert move(door, "submit", "approve", "publish", id=one.id) == "published"


def shown(door: Door, id: str = PLAIN.id) -> Any:
    answer = door.get(f"contents/{id}/shown")
    return answer.json() if answer.is_success else answer.status_code


class TestTheWay:
    def test_from_a_draft_to_people_and_back(self, door: Door) -> None:
        assert put(door)["state"] == "draft"
        assert shown(door) == 404
        assert move(door, "submit") == "in_review"
        assert move(door, "approve") == "approved"
        assert shown(door) == 404, "approved is not shown"
        assert move(door, "publish") == "published"
        assert shown(door) == said(PLAIN)
        assert move(door, "pause") == "paused"
        assert shown(door) == 404
        assert move(door, "resume") == "published"
        assert move(door, "withdraw") == "withdrawn"
        assert shown(door) == 404

    def test_what_the_table_does_not_have(self, door: Door) -> None:
        put(door)
        for verb in ("approve", "publish", "pause", "resume", "reject"):
            refusal = door.error(f"contents/pancakes/moves/{verb}", {"actor": "wang"})
            assert (refusal["status"], refusal["code"]) == (409, "wrong_state"), verb

    def test_the_history_says_who_and_why(self, door: Door, clock: FixedClock) -> None:
        put(door, note="第一稿")
        clock.advance(MINUTE_US)
        door.ok("contents/pancakes/moves/submit", {"actor": "lin", "note": "请看"})
        door.ok("contents/pancakes/moves/reject", {"actor": "wang", "note": "标题太长"})
        found = door.get("contents/pancakes").json()
        assert [(one["verb"], one["actor"], one["note"]) for one in found["history"]] == [
            ("add", "lin", "第一稿"), ("submit", "lin", "请看"), ("reject", "wang", "标题太长"),
        ]  # fmt: skip
        assert found["history"][1]["at"] == "2026-03-10T12:01:00+08:00"
        assert found["state"] == "draft"

    def test_nobody_has_it(self, door: Door) -> None:
        assert door.get("contents/none").status_code == 404
        assert door.error("contents/none/moves/submit", {"actor": "lin"})["code"] == "not_found"

    def test_one_key_is_one_intent(self, door: Door) -> None:
        put(door)
        path = "contents/pancakes/moves/submit"
        first = door.ok(path, {"actor": "lin"}, key="k")
        assert door.ok(path, {"actor": "lin"}, key="k") == first
        assert door.error(path, {"actor": "wang"}, key="k")["status"] == 422
        assert door.error(path, {"actor": "lin", "note": "别的"}, key="k")["status"] == 422


class TestVersions:
    def test_the_same_again_is_the_same_version(self, door: Door) -> None:
        assert put(door)["version"] == put(door)["version"] == 1
        assert put(door, piece(value("别的")))["version"] == 2

    def test_a_draft_is_replaced_by_a_later_one(self, door: Door) -> None:
        put(door)
        put(door, piece(value("第二稿")))
        found = door.get("contents/pancakes").json()
        assert [one["state"] for one in found["versions"]] == ["withdrawn", "draft"]
        old = door.get("contents/pancakes", version="1").json()
        assert (old["version"], old["piece"]) == (1, said(PLAIN))

    def test_what_is_shown_stays_until_the_new_one_is_published(self, door: Door) -> None:
        publish(door)
        new = piece(value("第二版"))
        put(door, new)
        assert shown(door) == said(PLAIN)
        move(door, "submit", "approve")
        assert shown(door) == said(PLAIN)
        move(door, "publish")
        assert shown(door) == said(new)
        states = [one["state"] for one in door.get("contents/pancakes").json()["versions"]]
        assert states == ["withdrawn", "published"]

    def test_a_paused_one_is_replaced_too(self, door: Door) -> None:
        publish(door)
        move(door, "pause")
        publish(door, piece(value("第二版")))
        assert shown(door)["segments"][0]["text"] == "第二版"

    def test_pausing_while_a_new_draft_waits_is_about_what_is_shown(self, door: Door) -> None:
        publish(door)
        put(door, piece(value("第二版")))
        assert move(door, "pause") == "paused"
        assert move(door, "withdraw") == "withdrawn"
        states = [one["state"] for one in door.get("contents/pancakes").json()["versions"]]
        assert states == ["withdrawn", "draft"]

    def test_withdrawn_words_may_come_again_as_a_new_version(self, door: Door) -> None:
        publish(door)
        move(door, "withdraw")
        assert put(door)["version"] == 2

    def test_writers_at_one_moment_get_numbers_of_their_own(
        self, engine: Engine, shop: str
    ) -> None:
        def add(number: int) -> int:
            one = piece(value(f"第{number}稿"))
            return engine.library.add(shop, one, by=By("lin")).number

        with ThreadPoolExecutor(6) as threads:
            assert sorted(threads.map(add, range(6))) == [1, 2, 3, 4, 5, 6]
        states = [one.state for one in engine.library.versions(shop, "pancakes")]
        assert sorted(states) == ["draft", *["withdrawn"] * 5]


class TestTheGate:
    def test_an_unlawful_text_is_not_approved(self, door: Door) -> None:
        put(door, piece(value("国家级品质")))
        move(door, "submit")
        refusal = door.error("contents/pancakes/moves/approve", {"actor": "wang"}, key="k")
        assert (refusal["status"], refusal["code"]) == (422, "unlawful")
        assert refusal["field"] == "content pancakes.segments[0].text"
        assert "《广告法》第九条" in refusal["mend"]
        assert door.get("contents/pancakes").json()["state"] == "in_review"

    def test_what_was_lawful_at_approval_is_looked_at_again(
        self, door: Door, gate: WordGate
    ) -> None:
        put(door)
        move(door, "submit", "approve")
        gate.word = "面粉"
        assert door.error("contents/pancakes/moves/publish", {"actor": "wang"})["status"] == 422

    def test_and_once_more_when_it_is_shown(self, door: Door, gate: WordGate) -> None:
        publish(door)
        move(door, "pause")
        gate.word = "面粉"
        assert door.error("contents/pancakes/moves/resume", {"actor": "wang"})["status"] == 422
        gate.word = "国家级"
        move(door, "resume")
        gate.word = "面粉"
        assert shown(door) == 404

    def test_it_can_be_asked_at_any_time(self, door: Door) -> None:
        put(door, piece(value("国家级品质")))
        assert door.get("contents/pancakes/review").json()["verdict"] == "block"
        assert door.get("contents/pancakes").json()["state"] == "draft"

    def test_the_gate_is_asked_as_of_today(
        self, door: Door, gate: WordGate, clock: FixedClock
    ) -> None:
        put(door)
        move(door, "submit")
        clock.advance(13 * 60 * MINUTE_US)
        move(door, "approve")
        assert str(gate.shown[-1].on) == "2026-03-11"

    def test_too_much_marketing(self, door: Door) -> None:
        put(door, piece(value(seconds=699), marketing(seconds=301)))
        move(door, "submit")
        refusal = door.error("contents/pancakes/moves/approve", {"actor": "wang"})
        assert "30.1%" in refusal["mend"]
        put(door, piece(value(seconds=700), marketing(seconds=300)))
        assert move(door, "submit", "approve") == "approved"


def test_the_law_itself(door: Door, engine: Engine) -> None:
    """As it is wired: every text by the rules of the day."""
    engine.library.rules = engine.content_rules
    put(door, piece(value("我们的煎饼，国家级品质"), industry="general"))
    move(door, "submit")
    refusal = door.error("contents/pancakes/moves/approve", {"actor": "wang"})
    assert (refusal["status"], refusal["field"]) == (422, "content pancakes.segments[0].text")
    assert "《广告法》" in refusal["mend"]
    put(door, piece(value("先把面粉过筛，再分三次加水"), industry="general"))
    assert move(door, "submit", "approve", "publish") == "published"
    assert shown(door)["segments"][0]["text"] == "先把面粉过筛，再分三次加水"


class TestAdLabel:
    def test_what_sells_needs_it(self, door: Door) -> None:
        put(door, SELLS)
        move(door, "submit")
        refusal = door.error("contents/pancakes/moves/approve", {"actor": "wang"})
        assert refusal["field"].endswith("marked_as_ad")
        assert "--mark-ad" in refusal["mend"]

    def test_the_library_marks_it_when_it_is_asked_to(self, door: Door) -> None:
        publish(door, SELLS, mark_ad=True)
        assert shown(door)["marked_as_ad"] is True

    def test_it_does_not_mark_what_sells_nothing(self, door: Door) -> None:
        put(door, mark_ad=True)
        assert "marked_as_ad" not in door.get("contents/pancakes").json()["piece"]

    def test_what_is_told(self, door: Door) -> None:
        put(door, SELLS)
        told = door.get("contents/pancakes/shares").json()
        assert told == {
            "unit": "characters", "value": 30, "marketing": 4, "marketing_share": "11.8%",
            "limit_permille": 300, "within": True, "sells": True, "marked_as_ad": False,
            "needs_ad_mark": True, "items": ["pan"], "stores": [],
        }  # fmt: skip


class TestFourEyes:
    @pytest.fixture
    def strict(self, door: Door, engine: Engine, gate: WordGate, clock: FixedClock) -> Door:
        engine.library.rules = Rules(gate, Policy(), clock, four_eyes=True)
        return door

    def test_neither_author_nor_submitter_approves(self, strict: Door) -> None:
        put(strict)
        move(strict, "submit", actor="zhao")
        for actor in ("lin", "zhao"):
            refusal = strict.error("contents/pancakes/moves/approve", {"actor": actor})
            assert (refusal["status"], refusal["code"]) == (409, "author_approves")
        assert move(strict, "approve", actor="wang") == "approved"

    def test_without_it_one_person_may(self, door: Door) -> None:
        put(door)
        assert move(door, "submit", "approve", actor="lin") == "approved"


class TestLists:
    def test_by_kind_and_state_and_page(self, door: Door) -> None:
        for id, kind in (("a", "video"), ("b", "article"), ("c", "video")):
            put(door, piece(id=id, kind=kind))
        move(door, "submit", id="c")
        ids = lambda **query: [  # noqa: E731
            one["id"] for one in door.get("contents", **query).json()
        ]
        assert ids() == ["a", "b", "c"]
        assert ids(kind="video") == ["a", "c"]
        assert ids(state="in_review") == ["c"]
        assert ids(after="a") == ["b", "c"]
        assert door.get("contents", state="lost").status_code == 422

    def test_each_merchant_has_its_own(self, door: Door, app: FastAPI) -> None:
        publish(door)
        other = Door(app, "另一家")
        assert other.get("contents").json() == []
        assert shown(other) == 404
        assert put(other)["version"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"piece": {}}, "piece.kind"),
        ({"piece": {**msgspec.to_builtins(PLAIN), "mood": 1}}, "piece.mood"),
        ({"piece": {**msgspec.to_builtins(PLAIN), "segments": []}}, "piece.segments"),
        ({"piece": {**msgspec.to_builtins(PLAIN), "industry": "x"}}, "piece.industry"),
        ({"actor": ""}, "actor"),
        ({"actor": "a\n"}, "actor"),
        ({"note": "n" * 501}, "note"),
        ({"extra": 1}, "body.extra"),
    ],
)
def test_bad_bodies(door: Door, change: dict[str, Any], field: str) -> None:
    refusal = error_of(door.put("contents/pancakes", body(PLAIN) | change))
    assert (refusal["status"], refusal["field"]) == (400, field)


@pytest.mark.parametrize("id", ["a b", "x" * 65, "锅", "a%0A"])
def test_ids_that_cannot_be(door: Door, id: str) -> None:
    assert door.put(f"contents/{id}", body(PLAIN)).status_code == 400


def test_scopes(app: FastAPI) -> None:
    reader = Door(app, scope="content:read")
    assert reader.get("contents").status_code == 200
    assert reader.put("contents/pancakes", body(PLAIN)).status_code == 403
    writer = Door(app, scope="content:write")
    assert put(writer)["version"] == 1
    assert writer.get("contents").status_code == 403


def test_the_database_holds_one_version_before_people(door: Door, engine: Engine) -> None:
    """The second lock behind the rules."""
    publish(door)
    put(door, piece(value("第二版")))
    with pytest.raises(Exception, match="content_shown"):
        rows(engine.database, "UPDATE content_version SET state = 'published' RETURNING 1")


def test_what_the_law_allows_is_still_under_the_policy(engine: Engine) -> None:
    verdict = engine.library.rules.review(piece(marketing()), "面馆")
    assert [hit.rule for hit in verdict.hits] == ["policy.marketing_share"]
