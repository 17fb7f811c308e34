"""``quanyu person link | unlink | edges`` and ``quanyu identity``, by the words people type."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.engine_ground import SHOES, TEA, opened, rows, said, settled, tell

from quanyu.clock import SECOND_US, FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli import identity, person_links
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

PHONE, CARD, OTHER_CARD = "phone:13823456789", "member_id:1", "member_id:2"
Run = Callable[..., Any]


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        for shop in (TEA, SHOES):
            tell(made, shop, said("e0", {"cookie": "c"}, at_us=clock.now_us()))
        settled(made)
        yield made


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Words → what is printed; with --json the document. A second passes before each."""

    @contextmanager
    def session(**_: Any) -> Iterator[Engine]:
        yield engine

    for module in (identity, person_links):
        monkeypatch.setattr(module, "open_session", session)

    def answer(*words: str, shop: str = TEA) -> Any:
        engine.clock.advance(SECOND_US)  # type: ignore[attr-defined]
        capfd.readouterr()
        group = person_links if words[0] in ("link", "unlink", "edges") else identity
        command = typer.main.get_command(group.app)
        command.main([*words, "--merchant", shop], standalone_mode=False)
        out = capfd.readouterr().out
        return json.loads(out) if "--json" in words else out

    return answer


def linked(run: Run, one: str, other: str, *words: str) -> str:
    return str(run("link", one, other, "--json", *words)["edge"])


def queue(run: Run) -> list[str]:
    return [edge["edge"] for edge in run("review", "--json")]


def test_link_show_and_unlink(run: Run) -> None:
    made = run("link", PHONE, CARD, "--actor", "小王", "--reason", "saw the card", "--json")
    assert (made["rule"], made["status"]) == ("login", "accepted")
    assert made["ledger"][0]["evidence"] == {"reason": "saw the card"}
    (shown,) = run("edges", "-i", CARD, "--json")
    assert shown == made
    gone = run("unlink", made["edge"], "--json")
    assert gone["status"] == "retracted"
    assert [line["actor"] for line in gone["ledger"]] == ["小王", "cli"]


def test_the_table_says_why_an_edge_waits(run: Run) -> None:
    linked(run, PHONE, CARD)
    shown = run("link", PHONE, OTHER_CARD, "--reason", "branch")
    assert "review (cap)" in " ".join(shown.split())
    assert "13823456789" not in shown
    assert "no edges" in run("review", shop=SHOES)


def test_the_queue_from_the_first_word_to_the_last(run: Run) -> None:
    linked(run, PHONE, CARD)
    edge = linked(run, PHONE, OTHER_CARD)
    assert queue(run) == [edge]
    assert run("review", "--accept", edge, "--json")["rule"] == "manual"
    (left,) = queue(run)
    assert run("review", "--reject", left, "--json")["status"] == "retracted"
    assert queue(run) == []


def test_the_queue_is_cut_at_the_limit(run: Run) -> None:
    for number in range(1, 7):
        linked(run, PHONE, f"member_id:{number}")
    assert len(queue(run)) == 5
    assert len(run("review", "--limit", "2", "--json")) == 2


BAD = (
    (("link", PHONE, PHONE), "identifier"),
    (("link", PHONE, "13823456780"), "identifier"),
    (("link", PHONE, "phone:13800138000"), "identifier"),
    (("link", PHONE, "cookie:\udcff"), "identifier"),
    (("link", PHONE, CARD, "--rule", "probabilistic"), "rule"),
    (("link", PHONE, CARD, "--actor", ""), "actor"),
    (("link", PHONE, CARD, "--reason", "\udcff"), "evidence"),
    (("unlink", "7"), "edge"),
    (("edges", "-i", "card"), "identifier"),
    (("review", "--accept", "1-2-login", "--reject", "1-2-login"), "--accept"),
    (("review", "--accept", ""), "edge"),
)


def test_bad_words_name_the_field(run: Run, engine: Engine) -> None:
    for words, field in BAD:
        with pytest.raises(BadInput) as caught:
            run(*words)
        assert caught.value.field == field, words
        assert caught.value.mend
    assert rows(engine.database, "SELECT 1 FROM edge_entry") == []


def test_a_no_is_told_with_its_mend(run: Run) -> None:
    edge = linked(run, PHONE, CARD)
    with pytest.raises(BadInput, match="does not wait for review"):
        run("review", "--accept", edge)
    run("unlink", edge)
    with pytest.raises(BadInput, match="link the two again"):
        run("unlink", edge)


@pytest.mark.parametrize("words", [("review",), ("rebuild",), ("edges", "-i", PHONE)])
def test_a_merchant_nobody_has_used_is_not_found(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(NotFound, match="begins one"):
        run(*words, shop="书店")


def test_a_rebuild_of_one_merchant_tells_its_totals(run: Run) -> None:
    linked(run, PHONE, CARD)
    (total,) = run("rebuild", "--json")
    assert total == {
        "merchant": TEA, "identifiers": 3, "people": 2, "edges": 1,
        "accepted": 1, "review": 0, "retracted": 0,
    }  # fmt: skip
    assert "identifiers 1" in run("rebuild", shop=SHOES)
