"""Pop-ups close at once and stay closed; paying is not stood in the way of (RULES B4)."""

from datetime import date

import pytest

from quanyu.compliance.policy import Policy
from quanyu.compliance.popups import PayFlow, Popup, review_again, review_pay_flow, review_popup

ON = date(2026, 11, 11)


@pytest.mark.parametrize(
    ("popup", "field", "article"),
    [
        (Popup(), None, ""),
        (Popup(close_delay_ms=3_000), "close_delay", "《互联网广告管理办法》第十条"),
        (Popup(close_delay_ms=1), "close_delay", "《互联网广告管理办法》第十条"),
        (Popup(countdown=True), "countdown", "《互联网广告管理办法》第十条"),
        (Popup(close_clicks=2), "close_clicks", "《广告法》第四十四条"),
        (Popup(close_clicks=0), "close_clicks", "《广告法》第四十四条"),
        (Popup(close_mark=False), "close_mark", "《广告法》第四十四条"),
    ],
)
def test_popups(popup: Popup, field: str | None, article: str) -> None:
    verdict = review_popup(popup, on=ON)
    assert [(hit.field, hit.article) for hit in verdict.hits] == (
        [] if field is None else [(field, article)]
    )
    assert verdict.may_be_shown is (field is None)


def test_everything_that_is_wrong_is_told() -> None:
    worst = Popup(close_mark=False, close_clicks=3, close_delay_ms=5_000, countdown=True)
    found = {hit.field for hit in review_popup(worst, on=ON).hits}
    assert found == {"close_mark", "close_clicks", "countdown"}


def test_before_2023_a_delay_was_not_named() -> None:
    slow = Popup(close_delay_ms=3_000)
    assert review_popup(slow, on=date(2023, 4, 30)).may_be_shown
    assert not review_popup(slow, on=date(2023, 5, 1)).may_be_shown


@pytest.mark.parametrize(
    ("popup", "page", "shown"),
    [("p1", "home", False), ("p1", "item", True), ("p2", "home", True)],
)
def test_what_was_closed_does_not_come_again_on_the_page(
    popup: str, page: str, shown: bool
) -> None:
    verdict = review_again(popup, page, closed={("p1", "home")}, on=ON)
    assert verdict.may_be_shown is shown


@pytest.mark.parametrize(
    ("flow", "fields"),
    [
        (PayFlow(steps=3, steps_without=3), []),
        (PayFlow(steps=2, steps_without=3), []),
        (PayFlow(steps=4, steps_without=3), ["steps"]),
        (PayFlow(steps=3, steps_without=3, modals_after=1), ["modals_after"]),
        (PayFlow(steps=3, steps_without=3, forced_follow=True), ["forced_follow"]),
        (PayFlow(steps=5, steps_without=3, modals_after=2, forced_follow=True),
         ["steps", "forced_follow", "modals_after"]),
    ],
)  # fmt: skip
def test_paying_has_no_step_more(flow: PayFlow, fields: list[str]) -> None:
    assert [hit.field for hit in review_pay_flow(flow, on=ON).hits] == fields


def test_the_operator_may_allow_a_step() -> None:
    flow = PayFlow(steps=4, steps_without=3, modals_after=1)
    lenient = Policy(pay_steps_added_max=1, modals_after_pay_max=1)
    assert review_pay_flow(flow, on=ON, policy=lenient).may_be_shown
