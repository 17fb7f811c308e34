"""What a buyer may claim, and which identifiers say who buys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import BadInput
from quanyu.ids import Tokeniser
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.orders.buyer import Buyer, buyer_of
from quanyu.promotions.orders.eligibility import honest, is_derived, newness

OWN, SHARED = (Tokeniser.of_merchant(bytes(32), name) for name in ("shop", PLATFORM))
NAMES = st.lists(st.sampled_from("ABCD"), min_size=1, unique=True)


@pytest.mark.parametrize(
    ("name", "derived"),
    [
        ("first_order", True),
        ("new_customer", True),
        ("new_customer:A", True),
        ("member", True),
        ("member:gold", True),
        ("88vip", False),
        ("first_order:A", False),
        ("members", False),
        ("payment:alipay", False),
        ("", False),
    ],
)
def test_which_names_are_ours(name: str, derived: bool) -> None:
    assert is_derived(name) is derived


@pytest.mark.parametrize(
    ("shops", "bought_in", "names"),
    [
        ("A", "", {"first_order", "new_customer", "new_customer:A"}),
        ("AB", "", {"first_order", "new_customer", "new_customer:A", "new_customer:B"}),
        ("AB", "A", {"new_customer:B"}),
        ("A", "B", {"new_customer", "new_customer:A"}),
        ("AB", "AB", set()),
    ],
)
def test_new_is_new_in_every_shop_of_the_cart(shops: str, bought_in: str, names: set[str]) -> None:
    assert newness(set(shops), frozenset(bought_in)) == names


@given(NAMES, NAMES)
def test_who_has_bought_is_never_new_there(shops: list[str], bought_in: list[str]) -> None:
    names = newness(shops, bought_in)
    assert "first_order" not in names
    assert not names & {f"new_customer:{shop}" for shop in bought_in}
    assert ("new_customer" in names) == (not set(shops) & set(bought_in))


def test_what_we_know_counts_and_what_we_do_not_know_is_believed() -> None:
    claimed = ["88vip", "member:gold", "new_customer", "first_order"]
    assert honest(claimed, {"member", "member:silver"}) == {"88vip", "member", "member:silver"}
    assert honest([], {"first_order"}) == {"first_order"}


def buyer(is_nobody: set[str] | None = None, **identifiers: str) -> Buyer:
    nobody = {OWN.token("phone", value) for value in is_nobody or ()}

    def blocked(one: Identifier) -> bool:
        return one[1] in nobody

    return buyer_of(identifiers, own=OWN, shared=SHARED, is_nobody=blocked)


def test_the_strongest_comes_first_under_both_kinds_of_tokens() -> None:
    found = buyer(phone="13800138001", taobao_id="ann")
    assert [kind for kind, _ in found.own] == ["taobao_id", "phone"]
    assert [kind for kind, _ in found.shared] == ["taobao_id", "phone"]
    assert not {token for _, token in found.own} & {token for _, token in found.shared}
    assert found.known_to("shop") == found.own
    assert found.known_to(PLATFORM) == found.shared


def test_one_phone_is_one_token_however_it_is_typed() -> None:
    assert buyer(phone="+86 138 0013 8001") == buyer(phone="13800138001")


def test_a_device_that_many_share_says_nothing_beside_an_account() -> None:
    assert buyer(device="tablet", taobao_id="ann") == buyer(taobao_id="ann")
    assert [kind for kind, _ in buyer(device="tablet", cookie="c").own] == ["device"]


def test_a_number_that_everybody_types_is_nobody_s() -> None:
    assert buyer({"13800138000"}, phone="13800138000", openid="o") == buyer(openid="o")
    assert len(buyer({"13800138000"}, phone="13800138000").own) == 1


@pytest.mark.parametrize("identifiers", [{"Phone!": "1"}, {"phone": "\0"}, {"taobao_id": " "}])
def test_an_identifier_that_cannot_be(identifiers: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        buyer(**identifiers)
