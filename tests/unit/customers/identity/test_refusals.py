"""What the desk cannot keep is refused by name, and nothing of it is left behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import opened, rows

from quanyu.clock import SECOND_US, FixedClock
from quanyu.customers.identity.answers import MENDS, Edge, EdgeId, No, Refused
from quanyu.customers.identity.ledger import Verdict
from quanyu.customers.identity.service import IdentityService
from quanyu.errors import BadInput, NotFound
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

SHOP = "茶馆"
PHONE, CARD, OTHER_CARD = "phone:13823456789", "member_id:1", "member_id:2"


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


def linked(engine: Engine, one: str, other: str, rule: str = "login") -> Edge:
    """A second after whatever was said before."""
    engine.clock.advance(SECOND_US)  # type: ignore[attr-defined]
    return engine.identity.link(SHOP, (one, other), rule=rule, actor="crm")


def waiting(engine: Engine) -> Edge:
    """A second card at one phone."""
    linked(engine, PHONE, CARD)
    edge = linked(engine, PHONE, OTHER_CARD)
    assert edge.verdict is Verdict.CAP
    return edge


def ledger(engine: Engine) -> list[Any]:
    return rows(
        engine.database, "SELECT a, b, rule, retracts, actor FROM edge_entry ORDER BY entry"
    )


NUL, HALF = "a\0b", "a\udcffb"


def test_somebody_must_say_so(engine: Engine) -> None:
    edge, desk = waiting(engine), engine.identity
    before = ledger(engine)
    for actor in ["", " ", "\t\n", NUL, HALF]:
        nobody_says(desk, edge, actor)
    assert ledger(engine) == before


def nobody_says(desk: IdentityService, edge: Edge, actor: str) -> None:
    for refused in (
        lambda: desk.link(SHOP, (PHONE, CARD), rule="login", actor=actor),
        lambda: desk.unlink(SHOP, str(edge.id), actor=actor),
        lambda: desk.accept_review(SHOP, str(edge.id), actor=actor),
        lambda: desk.reject_review(SHOP, str(edge.id), actor=actor),
    ):
        with pytest.raises(BadInput) as caught:
            refused()
        assert (caught.value.field, "who says so" in caught.value.mend) == ("actor", True)


def test_a_reason_that_cannot_be_kept(engine: Engine) -> None:
    edge, desk = waiting(engine), engine.identity
    before = ledger(engine)
    for reason in [NUL, HALF, "\0", "长" * 1366]:
        says_what_cannot_be_kept(desk, edge, reason)
    assert ledger(engine) == before


def says_what_cannot_be_kept(desk: IdentityService, edge: Edge, reason: str) -> None:
    for refused in (
        lambda: desk.link(SHOP, (PHONE, CARD), rule="login", actor="x", evidence={"r": reason}),
        lambda: desk.unlink(SHOP, str(edge.id), actor="x", reason=reason),
        lambda: desk.accept_review(SHOP, str(edge.id), actor="x", reason=reason),
        lambda: desk.reject_review(SHOP, str(edge.id), actor="x", reason=reason),
    ):
        with pytest.raises(BadInput) as caught:
            refused()
        assert caught.value.field == "evidence"


@pytest.mark.parametrize("name", [NUL, HALF])
def test_names_of_evidence_are_text_too(engine: Engine, name: str) -> None:
    with pytest.raises(BadInput, match="evidence"):
        engine.identity.link(SHOP, (PHONE, CARD), rule="login", actor="x", evidence={name: "1"})


@pytest.mark.parametrize(
    "reason",
    ["弟弟的手机", 'said "no"', "back\\slash \\u0000", "two\nlines\ttab", "🍵", "长" * 1300],
)
def test_what_can_be_kept_comes_back_as_it_was_said(engine: Engine, reason: str) -> None:
    edge = linked(engine, PHONE, CARD)
    gone = engine.identity.unlink(SHOP, str(edge.id), actor="小王 🍵", reason=reason)
    assert isinstance(gone, Edge)
    assert gone.ledger[-1].evidence == {"reason": reason}
    assert gone.ledger[-1].actor == "小王 🍵"


@pytest.mark.parametrize("value", [NUL, HALF, "\0", "x" * 257])
def test_values_that_cannot_be_kept_name_the_identifier(engine: Engine, value: str) -> None:
    for refused in (
        lambda: engine.identity.person(SHOP, f"cookie:{value}"),
        lambda: engine.identity.edges(SHOP, f"cookie:{value}"),
        lambda: engine.identity.link(SHOP, (PHONE, f"cookie:{value}"), rule="login", actor="x"),
    ):
        with pytest.raises(BadInput) as caught:
            refused()
        assert caught.value.field == "identifier"
    assert rows(engine.database, "SELECT 1 FROM identifier") == []


@pytest.mark.parametrize("text", ["login", "0-0-login", "5-4-login", "1-2-LOGIN", "1-2",
                                  "-1-2-login", "1--2-login", "1-2-login-", "1.0-2-login",
                                  "٣-٤-login", f"1-{10**18}-login", "1-2-same event"])  # fmt: skip
def test_names_that_no_edge_has(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        EdgeId.parse(text)
    assert caught.value.field == "edge"
    assert "12-57-login" in caught.value.mend


@pytest.mark.parametrize("rule", ["manual", "login", "same_order", "same_event", "import"])
def test_an_edge_is_found_by_the_name_it_prints(rule: str) -> None:
    edge = EdgeId(12, 999_999_999_999_999_999, rule)
    assert EdgeId.parse(f"\t{edge} ") == edge


def test_an_edge_of_the_same_pair_under_another_rule_is_another_edge(engine: Engine) -> None:
    edge = linked(engine, PHONE, CARD)
    with pytest.raises(NotFound, match=f"{edge.id.a}-{edge.id.b}-import"):
        engine.identity.unlink(SHOP, f"{edge.id.a}-{edge.id.b}-import", actor="x")


def test_every_no_has_a_mend_of_its_own() -> None:
    mends = [Refused(no).mend for no in No]
    assert len(set(mends)) == len(No) == len(MENDS)


def test_an_accepted_edge_is_not_up_for_review(engine: Engine) -> None:
    edge, desk = linked(engine, PHONE, CARD), engine.identity
    before = ledger(engine)
    for decide in (desk.accept_review, desk.reject_review):
        assert decide(SHOP, str(edge.id), actor="x") == Refused(No.NOT_IN_REVIEW)
    assert ledger(engine) == before


def test_a_refused_acceptance_leaves_no_line(engine: Engine) -> None:
    linked(engine, PHONE, CARD, "manual")
    edge = linked(engine, PHONE, OTHER_CARD)
    before = ledger(engine)
    refused = engine.identity.accept_review(SHOP, str(edge.id), actor="x")
    assert refused == Refused(No.BREAKS_A_CAP)
    assert ledger(engine) == before
    assert engine.identity.review(SHOP) == [edge]


def test_a_clock_that_went_back_does_not_break_the_desk(engine: Engine, clock: FixedClock) -> None:
    """A decision older than the retraction before it counts for nothing, and says so."""
    edge, desk = waiting(engine), engine.identity
    decided = desk.accept_review(SHOP, str(edge.id), actor="x")
    assert isinstance(decided, Edge)
    desk.unlink(SHOP, str(decided.id), actor="x")
    linked(engine, PHONE, CARD, "manual")
    edge = linked(engine, PHONE, OTHER_CARD)
    assert edge.verdict is Verdict.CAP
    clock.advance(-10 * SECOND_US)
    refused = desk.accept_review(SHOP, str(edge.id), actor="x")
    assert refused == Refused(No.ALREADY_RETRACTED)
    clock.advance(20 * SECOND_US)
    assert desk.accept_review(SHOP, str(edge.id), actor="x") == Refused(No.BREAKS_A_CAP)


def test_a_retraction_is_never_older_than_what_it_retracts(
    engine: Engine, clock: FixedClock
) -> None:
    edge = linked(engine, PHONE, CARD)
    clock.advance(-3600 * SECOND_US)
    gone = engine.identity.unlink(SHOP, str(edge.id), actor="x")
    assert isinstance(gone, Edge)
    assert gone.verdict is Verdict.RETRACTED
    assert gone.ledger[-1].at_us == edge.ledger[0].at_us
    assert gone.ledger[-1].recorded_us == clock.now_us()


@pytest.mark.parametrize("ask", ["person", "edges"])
def test_who_was_never_seen_is_not_found(engine: Engine, ask: str) -> None:
    linked(engine, PHONE, CARD)
    with pytest.raises(NotFound, match="taobao_id") as caught:
        getattr(engine.identity, ask)(SHOP, "taobao_id:543462")
    assert "543462" not in str(caught.value)
