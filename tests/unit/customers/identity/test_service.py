"""The identity desk: what it takes, what it refuses and with which mend."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from quanyu.clock import FixedClock, format_iso
from quanyu.customers.identity.anchors import BlockedTokens
from quanyu.customers.identity.answers import Edge, EdgeId, No, Refused, masked, public_id
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.customers.identity.ledger import Verdict
from quanyu.customers.identity.service import IdentityService, LikelyPair, Matched
from quanyu.errors import BadInput, NotFound
from quanyu.ids import Token, Tokeniser
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.people import People
from quanyu.storage.postgres.identity.registry import Registry
from quanyu.storage.postgres.identity.store import PostgresIdentity

SHOP = "花西子"
KEY = bytes(range(32))
PHONE, OTHER_PHONE = "phone:13823456789", "phone:13923456780"
ANN = "alipay_id:ann"


def tokeniser_of(merchant: str) -> Tokeniser:
    return Tokeniser.of_merchant(KEY, merchant)


class FoundByHand:
    """A matcher whose pairs the test wrote down."""

    def __init__(self, *weights: float) -> None:
        self.weights = weights

    def match(self, table: Path) -> Matched:
        rows = [("member_id", "a"), ("member_id", "b"), ("customer_id", "c"), ("customer_id", "d")]
        ends = [(0, 2), (1, 3), (2, 3)]
        pairs = [
            LikelyPair(left, right, weight, {"surname": 2, "birth_date": 1})
            for (left, right), weight in zip(ends, self.weights, strict=False)
        ]
        return Matched(rows, pairs, "by-hand")


class Ticking(FixedClock):
    """Every look at the clock is a microsecond after the one before."""

    def now_us(self) -> int:
        self.advance(1)
        return super().now_us()


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> IdentityService:
    return desk_over(database, Ticking(clock.now_us()))


def desk_over(database: Database, clock: FixedClock, *weights: float) -> IdentityService:
    people = People(BlockedTokens(tokeniser_of))
    store = PostgresIdentity(database, people, registry=Registry(), clock=clock)
    matcher = FoundByHand(*weights)
    return IdentityService(store, tokeniser_of=tokeniser_of, clock=clock, matcher=matcher)


def linked(desk: IdentityService, one: str, other: str, rule: str = "login") -> Edge:
    return desk.link(SHOP, (one, other), rule=rule, actor="crm")


def kinds_of(desk: IdentityService, identifier: str) -> list[str]:
    return sorted(node.kind for node in desk.person(SHOP, identifier).nodes)


def made(outcome: Edge | Refused) -> Edge:
    assert isinstance(outcome, Edge)
    return outcome


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("taobao_id:543462", ("taobao_id", "543462")),
        ("phone:+86 138 2345 6789", ("phone", "13823456789")),
        ("cookie:a:b:c", ("cookie", "a:b:c")),
        (" email:Ann@Example.COM ", ("email", "ann@example.com")),
    ],
)
def test_identifiers_as_people_type_them(text: str, identifier: tuple[str, str]) -> None:
    assert read_identifier(text) == identifier


@pytest.mark.parametrize("text", ["", "543462", "Taobao:1", ":1", "phone:", "phone: ", "a b:1",
                                  "ｐhone:1", "phone:" + "1" * 300])  # fmt: skip
def test_malformed_identifiers_are_refused_with_a_mend(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_identifier(text)
    assert caught.value.field == "identifier"
    assert caught.value.mend


def test_linked_identifiers_are_one_person(desk: IdentityService) -> None:
    edge = linked(desk, "taobao_id:1", PHONE)
    assert edge.verdict is Verdict.ACCEPTED
    person = desk.person(SHOP, PHONE)
    assert person == desk.person(SHOP, "taobao_id:1")
    assert person.public_id == public_id(node.token for node in person.nodes)
    assert person.public_id.startswith("p_")
    assert len(person.public_id) == 22


def test_merchants_do_not_see_each_other(desk: IdentityService) -> None:
    linked(desk, "taobao_id:1", PHONE)
    with pytest.raises(NotFound):
        desk.person("海底捞", PHONE)
    edge = desk.edges(SHOP, PHONE)[0]
    with pytest.raises(NotFound):
        desk.unlink("海底捞", str(edge.id), actor="spy")
    assert desk.review("海底捞") == []


def test_unlinking_takes_the_person_apart_again(desk: IdentityService) -> None:
    linked(desk, "taobao_id:1", PHONE)
    bridge = linked(desk, PHONE, ANN)
    assert kinds_of(desk, ANN) == ["alipay_id", "phone", "taobao_id"]
    gone = made(desk.unlink(SHOP, str(bridge.id), actor="ann", reason="brother's phone"))
    assert gone.verdict is Verdict.RETRACTED
    assert [line.retracts for line in gone.ledger] == [False, True]
    assert gone.ledger[-1].evidence == {"reason": "brother's phone"}
    assert kinds_of(desk, ANN) == ["alipay_id"]
    assert kinds_of(desk, PHONE) == ["phone", "taobao_id"]
    assert desk.unlink(SHOP, str(bridge.id), actor="ann") == Refused(No.ALREADY_RETRACTED)


def test_what_was_unlinked_can_be_linked_again_later(database: Database, clock: FixedClock) -> None:
    desk = desk_over(database, clock)
    edge = linked(desk, "taobao_id:1", PHONE)
    made(desk.unlink(SHOP, str(edge.id), actor="ann"))
    assert linked(desk, "taobao_id:1", PHONE).verdict is Verdict.RETRACTED
    clock.advance(1)
    assert linked(desk, "taobao_id:1", PHONE).verdict is Verdict.ACCEPTED


def test_a_third_alipay_account_waits_for_review(desk: IdentityService) -> None:
    linked(desk, PHONE, "alipay_id:1", "manual")
    linked(desk, PHONE, "alipay_id:2", "manual")
    waiting = linked(desk, PHONE, "alipay_id:3")
    assert (waiting.verdict.status, waiting.verdict.reason) == ("review", "cap")
    assert [edge.id for edge in desk.review(SHOP)] == [waiting.id]
    assert desk.accept_review(SHOP, str(waiting.id), actor="ann") == Refused(No.BREAKS_A_CAP)
    assert kinds_of(desk, PHONE) == ["alipay_id", "alipay_id", "phone"]
    assert len(desk.edges(SHOP, PHONE)) == 3


def test_a_decision_outranks_a_login(desk: IdentityService) -> None:
    linked(desk, PHONE, "member_id:1")
    waiting = linked(desk, PHONE, "member_id:2")
    assert waiting.verdict is Verdict.CAP
    decided = made(desk.accept_review(SHOP, str(waiting.id), actor="ann", reason="saw the card"))
    assert decided.id.rule == "manual"
    assert decided.ledger[0].evidence["review"] == str(waiting.id)
    assert desk.person(SHOP, PHONE) == desk.person(SHOP, "member_id:2")
    (left,) = desk.review(SHOP)
    assert left.verdict is Verdict.CAP
    assert kinds_of(desk, "member_id:1") == ["member_id"]


def test_a_rejected_edge_leaves_the_queue(desk: IdentityService) -> None:
    linked(desk, PHONE, "member_id:1")
    waiting = linked(desk, PHONE, "member_id:2")
    assert (
        made(desk.reject_review(SHOP, str(waiting.id), actor="ann")).verdict.status == "retracted"
    )
    assert desk.review(SHOP) == []
    assert desk.reject_review(SHOP, str(waiting.id), actor="ann") == Refused(No.NOT_IN_REVIEW)
    assert desk.accept_review(SHOP, str(waiting.id), actor="ann") == Refused(No.NOT_IN_REVIEW)


def test_a_shared_tablet_joins_nobody(desk: IdentityService) -> None:
    for number in range(1, 6):
        assert linked(desk, "device:tablet", f"taobao_id:u{number}").verdict is not Verdict.SHARED
    last = linked(desk, "device:tablet", "taobao_id:u6")
    assert last.verdict is Verdict.SHARED
    assert len(desk.review(SHOP)) == 6
    assert all(kinds_of(desk, f"taobao_id:u{n}") == ["taobao_id"] for n in range(1, 7))
    assert desk.accept_review(SHOP, str(last.id), actor="ann") == Refused(No.SHARED_DEVICE)
    assert made(desk.unlink(SHOP, str(last.id), actor="ann")).verdict is Verdict.RETRACTED
    assert [edge.verdict for edge in desk.review(SHOP)] == [Verdict.CAP] * 2


@pytest.mark.parametrize(
    ("one", "other", "rule", "field"),
    [
        ("taobao_id:1", "phone:13800000000", "login", "identifier"),
        ("cookie:null", "taobao_id:1", "login", "identifier"),
        ("taobao_id:1", "taobao_id:1", "login", "identifier"),
        ("phone:+8613823456789", PHONE, "login", "identifier"),
        ("taobao_id", PHONE, "login", "identifier"),
        ("taobao_id:1", PHONE, "hearsay", "rule"),
        ("taobao_id:1", PHONE, "same_event", "rule"),
        ("taobao_id:1", PHONE, "probabilistic", "rule"),
    ],
)
def test_bad_links_name_field_and_mend(
    desk: IdentityService, one: str, other: str, rule: str, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        linked(desk, one, other, rule)
    assert caught.value.field == field
    assert "13800000000" not in str(caught.value)
    with pytest.raises(NotFound):
        desk.person(SHOP, "taobao_id:1")


@pytest.mark.parametrize("text", ["", "12", "2-1-login", "1-1-login", "1-2-hearsay", "1-2-login;",
                                  "9" * 30 + "-1-login", "１-2-login"])  # fmt: skip
def test_malformed_edges_are_refused(desk: IdentityService, text: str) -> None:
    with pytest.raises(BadInput, match="edge"):
        desk.unlink(SHOP, text, actor="ann")


def test_unknown_edges_are_not_found(desk: IdentityService) -> None:
    with pytest.raises(NotFound, match="1-2-login"):
        desk.unlink(SHOP, "1-2-login", actor="ann")
    assert str(EdgeId.parse(" 1-2-login ")) == "1-2-login"


def test_evidence_is_bounded(desk: IdentityService) -> None:
    with pytest.raises(BadInput, match="evidence"):
        desk.link(SHOP, (PHONE, ANN), rule="login", actor="crm", evidence={"x": "y" * 5000})


def test_likely_pairs_become_edges_or_wait(database: Database, clock: FixedClock) -> None:
    desk = desk_over(database, clock, 12.5, 3.0)
    report = desk.match(SHOP, Path("customers.csv"))
    assert report.as_json() == {"rows": 4, "pairs": 2, "accepted": 1, "review": 1, "new": 2}
    assert desk.person(SHOP, "member_id:a") == desk.person(SHOP, "customer_id:c")
    (waiting,) = desk.review(SHOP)
    assert waiting.verdict is Verdict.WEAK
    shown = waiting.as_json()["ledger"][0]
    assert shown["weight"] == 3.0
    assert shown["evidence"] == {"levels": {"birth_date": 1, "surname": 2}, "model": "by-hand"}
    made(desk.accept_review(SHOP, str(waiting.id), actor="ann"))
    assert desk.person(SHOP, "member_id:b") == desk.person(SHOP, "customer_id:d")
    assert desk.review(SHOP) == []


def test_matching_again_changes_nothing(database: Database, clock: FixedClock) -> None:
    desk = desk_over(database, clock, 12.5, 3.0)
    desk.match(SHOP, Path("customers.csv"))
    clock.advance(1)
    assert desk.match(SHOP, Path("customers.csv")).new == 0


def test_what_a_person_separated_matching_does_not_join(
    database: Database, clock: FixedClock
) -> None:
    desk = desk_over(database, clock, 12.5)
    desk.match(SHOP, Path("customers.csv"))
    (edge,) = desk.edges(SHOP, "member_id:a")
    made(desk.unlink(SHOP, str(edge.id), actor="ann"))
    clock.advance(1)
    desk.match(SHOP, Path("customers.csv"))
    (waiting,) = desk.review(SHOP)
    assert waiting.verdict is Verdict.REASSERTED
    assert kinds_of(desk, "member_id:a") == ["member_id"]


def test_a_rebuild_tells_the_totals(desk: IdentityService) -> None:
    linked(desk, "taobao_id:1", PHONE)
    linked(desk, "taobao_id:2", OTHER_PHONE)
    (total,) = desk.rebuild()
    assert total.as_json() == {
        "merchant": SHOP, "identifiers": 4, "people": 2, "edges": 2,
        "accepted": 2, "review": 0, "retracted": 0,
    }  # fmt: skip
    assert desk.rebuild(SHOP) == [total]


def texts(tree: Any) -> list[str]:
    if isinstance(tree, Mapping):
        return [text for value in tree.values() for text in texts(value)]
    if isinstance(tree, list):
        return [text for value in tree for text in texts(value)]
    return [str(tree)]


def test_answers_are_masked(database: Database, clock: FixedClock) -> None:
    desk = desk_over(database, clock)
    edge = linked(desk, "taobao_id:543462", PHONE)
    document = [edge.as_json(), desk.person(SHOP, PHONE).as_json()]
    token = desk.identifier(SHOP, PHONE)[1]
    shown = texts(document)
    assert not any("13823456789" in text or "543462" in text for text in shown)
    assert not any(token.hex() in text for text in shown)
    assert masked(("phone", token)) == f"phone:…{token.hex()[-4:]}"
    assert edge.as_json()["ledger"][0]["at"] == format_iso(clock.now_us())
    assert [one["label"] for one in desk.person(SHOP, PHONE).as_json()["identifiers"]] == [
        "淘宝账号", "手机号",
    ]  # fmt: skip


def test_public_ids_do_not_depend_on_the_order() -> None:
    tokens = [Token(bytes([n] * 16)) for n in (7, 3, 9)]
    assert public_id(tokens) == public_id(reversed(tokens)) == "p_" + "03" * 10
