"""Kinds of identifier: their data, their blocked values, and which one an event follows."""

import pytest

from quanyu.customers.identity.anchors import BlockedTokens, anchor, star
from quanyu.customers.identity.kinds import expanded, parse, shipped_kinds
from quanyu.customers.identity.rules import rule_code, rule_names, shipped_rules
from quanyu.errors import BadInput
from quanyu.events.event import Event
from quanyu.ids import Token, Tokeniser

KEY = bytes(range(32))
TOKENISER = Tokeniser(KEY)


def event(**values: str) -> Event:
    tokens = tuple(sorted((kind, TOKENISER.token(kind, value)) for kind, value in values.items()))
    return Event("e1", "view", 1, 0, 0, "app", tokens)


def identifier(kind: str, value: str) -> tuple[str, Token]:
    return kind, TOKENISER.token(kind, value)


def test_shipped_kinds_cover_the_ecosystem() -> None:
    kinds = shipped_kinds()
    assert {
        "taobao_id", "alipay_id", "eleme_id", "amap_id", "dingtalk_id", "youku_id", "member_id",
        "union_id", "phone", "email_hash", "openid", "device", "idfa", "oaid", "cookie",
        "household",
    } <= set(kinds.names)  # fmt: skip
    assert all(kinds.of(name).label for name in kinds.names)
    assert kinds.strength("alipay_id") > kinds.strength("phone") > kinds.strength("device")
    assert kinds.of("phone").is_strong
    assert not kinds.of("device").is_strong


def test_an_unknown_kind_is_weak_and_its_own() -> None:
    kind = shipped_kinds().of("fridge_id")
    assert kind.name == "fridge_id"
    assert kind.strength == shipped_kinds().of("other").strength
    assert not kind.is_strong


@pytest.mark.parametrize(
    ("kind", "value", "blocked"),
    [
        ("phone", "13800000000", True),
        ("phone", "15900000000", True),
        ("phone", "13800138000", True),
        ("phone", "13823456789", False),
        ("device", "00000000-0000-0000-0000-000000000000", True),
        ("idfa", "00000000-0000-0000-0000-000000000000", True),
        ("device", "a81bc81b-dead-4e5d-abff-90865d1e13b1", False),
        ("cookie", "00000000", True),
        ("taobao_id", "UNKNOWN", True),
        ("taobao_id", " null ", True),
        ("taobao_id", "0", True),
        ("taobao_id", "543462", False),
        ("fridge_id", "Undefined", True),
        ("email_hash", "d41d8cd98f00b204e9800998ecf8427e", True),
    ],
)
def test_values_that_stand_for_nobody(kind: str, value: str, blocked: bool) -> None:
    assert shipped_kinds().is_blocked(kind, value) is blocked
    tokens = BlockedTokens(lambda merchant: TOKENISER)
    assert tokens.holds("demo", identifier(kind, value.strip())) is blocked


def test_tokens_of_blocked_words_are_found_in_their_usual_spellings() -> None:
    tokens = BlockedTokens(lambda merchant: TOKENISER)
    for word in ("unknown", "UNKNOWN", "Unknown"):
        assert tokens.holds("demo", identifier("cookie", word))


def test_blocked_tokens_are_per_merchant() -> None:
    tokens = BlockedTokens(lambda merchant: Tokeniser(KEY + merchant.encode()))
    ours = Tokeniser(KEY + b"a").token("cookie", "unknown")
    assert tokens.holds("a", ("cookie", ours))
    assert not tokens.holds("b", ("cookie", ours))


def test_templates_expand_to_every_digit() -> None:
    assert list(expanded("plain")) == ["plain"]
    assert list(expanded("1#")) == [f"1{n}" for n in range(10)]
    assert len(set(expanded("##x#"))) == 1000


def test_an_event_follows_its_strongest_identifier() -> None:
    assert anchor(event(cookie="c", phone="13823456789"))[0] == "phone"
    assert anchor(event(cookie="c", phone="13823456789", alipay_id="a"))[0] == "alipay_id"
    assert anchor(event(cookie="c")) == identifier("cookie", "c")


def test_ties_go_to_the_smaller_name() -> None:
    assert anchor(event(zebra="1", ant="1"))[0] == "ant"


def test_an_event_does_not_follow_nobody() -> None:
    tokens = BlockedTokens(lambda merchant: TOKENISER)
    spoilt = event(cookie="c", phone="13800000000")
    assert anchor(spoilt)[0] == "phone"
    assert tokens.anchor("demo", spoilt)[0] == "cookie"
    alone = event(phone="13800000000", member_id="unknown")
    assert tokens.anchor("demo", alone)[0] == "member_id"
    assert tokens.anchor("demo", event(phone="13800000000"))[0] == "phone"


def test_an_event_links_its_anchor_with_each_of_the_others() -> None:
    pairs = list(star(event(cookie="c", phone="13823456789", taobao_id="1", device="d")))
    assert {(one[0], other[0]) for one, other in pairs} == {
        ("taobao_id", "phone"), ("taobao_id", "device"), ("taobao_id", "cookie"),
    }  # fmt: skip
    assert list(star(event(cookie="c"))) == []


def test_rules_are_sorted_and_found_by_code() -> None:
    names = rule_names()
    assert names == sorted(names)
    assert shipped_rules()[rule_code("login")].strength == 90
    assert {"login", "same_event", "same_order", "manual", "import", "probabilistic"} <= set(names)
    assert set(rule_names("engine")) == {"same_event", "probabilistic"}
    with pytest.raises(ValueError, match="hearsay"):
        rule_code("hearsay")


OTHER = '[kind.other]\nlabel = "o"\nstrength = 5\nvalues = "multi"\ncap = 9\n'


@pytest.mark.parametrize(
    ("text", "field", "mend"),
    [
        ("[kind.x", "kinds.toml", "valid TOML"),
        ("[animal.x]\nlegs = 4", "kinds.toml: animal", "write [kind.NAME]"),
        ('[kind.x]\nlabel = "x"', "kinds.toml: kind", "one of them [kind.other]"),
        (OTHER + '[kind.x]\nlabel = "x"\nstrength = 101\nvalues = "multi"\ncap = 2',
         "kinds.toml: kind 'x'", "<= 100"),
        (OTHER + '[kind.x]\nlabel = "x"\nstrength = 1\nvalues = "single"\ncap = 2',
         "kinds.toml: kind 'x': cap", "single means cap 1"),
        (OTHER + '[kind.x]\nlabel = "x"\nstrength = 1\nvalues = "single"\nblocked = ["####"]',
         "kinds.toml: kind 'x': blocked", "at most 3"),
        (OTHER + '[kind.x]\nlabel = "x"\nstrength = 1\nvalues = "single"\ncolour = 1',
         "kinds.toml: kind 'x'", "colour"),
    ],
)  # fmt: skip
def test_bad_kinds_are_refused_with_a_mend(text: str, field: str, mend: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text.encode())
    assert caught.value.field == field
    assert mend in caught.value.mend
