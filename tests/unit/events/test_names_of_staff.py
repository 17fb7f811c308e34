"""Who acts is a name or a staff number; what else a person could be reached or found by is refused
at every desk that keeps an actor, and masked in the free texts beside it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.content.library.version import By
from quanyu.customers.identity.service import _said
from quanyu.customers.privacy.assessments import Assessment, checked
from quanyu.customers.privacy.sending import actor_of
from quanyu.errors import BadInput
from quanyu.events.scrub import EMAIL_MASK, NO_NAME, PHONE_MASK, PLACE_MASK, is_plain_name
from quanyu.merchants.papers.records import checked_actor
from quanyu.promotions.offers.service import OfferService

NOW = parse_iso("2026-05-01T09:00:00+08:00")
NAMES = ("customer", "clerk 7", "张店长", "ops", "工号 10086", "shop-12", "2026-05-01", "o·n")
REACHABLE = (
    "13812345678", "138 1234 5678", "小王 138-1234-5678", "１３８１２３４５６７８",
    "wang@example.cn",
    "31.230416, 121.473701", "110101199003074514", "幺三八一二三四五六七八", "021-61234567",
)  # fmt: skip
DRAFT = Assessment(
    id="PIA-1", subject="画像", features=("personalisation",), risks="低", measures="加密",
    approver="王", filed_by="ops", valid_until_us=NOW + DAY_US,
)  # fmt: skip


def offers_by(actor: str) -> str:
    service = OfferService.__new__(OfferService)
    service._clock = FixedClock(NOW)  # type: ignore[attr-defined]
    return service.by(actor, "r1").actor


DESKS: dict[str, Callable[[str], str]] = {
    "consent": actor_of,
    "paper": checked_actor,
    "content": lambda actor: By(actor).actor,
    "offer": offers_by,
    "identity": lambda actor: _said("manual", actor, at_us=NOW, evidence={}).actor,
    "approver": lambda actor: _filed(approver=actor).approver,
    "filed by": lambda actor: _filed(filed_by=actor).filed_by,
}


def _filed(**told: Any) -> Assessment:
    return checked(msgspec.structs.replace(DRAFT, **told), now_us=NOW)


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("actor", NAMES)
def test_a_name_stands_as_it_was_given(desk: str, actor: str) -> None:
    assert is_plain_name(actor)
    assert DESKS[desk](actor) == actor


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("actor", REACHABLE)
def test_what_somebody_is_reached_by_is_no_name(desk: str, actor: str) -> None:
    """Refused and not masked: two people behind one mask would be one in the rule of four eyes."""
    assert not is_plain_name(actor)
    with pytest.raises(BadInput) as refused:
        DESKS[desk](actor)
    assert refused.value.mend == NO_NAME
    assert refused.value.field in ("actor", "approver", "filed_by")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("致电 13812345678 核对", f"致电 {PHONE_MASK} 核对"),
        ("写信到 wang@example.cn", f"写信到 {EMAIL_MASK}"),
        ("在 31.230416, 121.473701 附近", f"在 {PLACE_MASK} 附近"),
        ("影响 3,000,000 人，保存 1096 天", "影响 3,000,000 人，保存 1096 天"),
        ("《个人信息保护法》第五十五条", "《个人信息保护法》第五十五条"),
    ],
)
@pytest.mark.parametrize("field", ["subject", "risks", "measures"])
def test_texts_of_an_assessment_are_masked(field: str, written: str, kept: str) -> None:
    assert getattr(_filed(**{field: written}), field) == kept


def test_a_note_and_evidence_are_masked_too() -> None:
    assert By("clerk", "顾客 13812345678 要求").note == f"顾客 {PHONE_MASK} 要求"
    told = {"reason": "回拨 13812345678", "phone": "13812345678", "order": "o-1", "times": 2}
    said = _said("manual", "clerk", at_us=NOW, evidence=told)
    assert said.evidence == {"reason": f"回拨 {PHONE_MASK}", "order": "o-1", "times": 2}
