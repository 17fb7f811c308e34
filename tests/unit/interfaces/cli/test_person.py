"""What people read on the terminal."""

import io

import pytest
from rich.console import Console
from tests.profile_town import SHOP, Town

from quanyu.clock import FixedClock
from quanyu.interfaces.cli import consent, output, person
from quanyu.storage.postgres.database import Database

LI = ("taobao_id", "li")


@pytest.fixture
def town(database: Database, clock: FixedClock) -> Town:
    built = Town(database, clock)
    about = {"city": "上海", "gender": "female", "birth_year": 1998}
    built.says(built.event("member_joined", LI, props=about))
    return built


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    text = io.StringIO()
    console = Console(file=text, width=100, highlight=False)
    for module in (person, consent, output):
        monkeypatch.setattr(module, "console", console)
    return text


def test_a_profile_begins_with_the_portrait(town: Town, screen: io.StringIO) -> None:
    person.show_profile(town.profile(LI))
    shown = screen.getvalue()
    assert shown.startswith("28 岁女性、上海")
    assert "taobao_id:…" in shown
    assert "member_joined" in shown
    assert "履行订单与会员服务" in shown


def test_the_table_of_tags_lines_up_with_chinese_text(town: Town, screen: io.StringIO) -> None:
    from rich.cells import cell_len

    person.show_profile(town.profile(LI))
    lines = screen.getvalue().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("┏"))
    end = next(n for n, line in enumerate(lines) if line.startswith("└"))
    assert len({cell_len(line) for line in lines[start : end + 1]}) == 1


@pytest.mark.parametrize(("born", "says"), [(None, "个性化已关闭"), (2015, "未成年人")])
def test_why_there_are_no_tags(
    town: Town, screen: io.StringIO, born: int | None, says: str
) -> None:
    if born is None:
        town.privacy.personalise(SHOP, "taobao_id:li", on=False)
    else:
        town.says(town.event("member_joined", LI, days_ago=-0.001, props={"birth_year": born}))
    person.show_profile(town.profile(LI))
    assert says in screen.getvalue()
    assert "（尚无画像）" in screen.getvalue()


def test_consents_are_a_table_and_the_ledger(town: Town, screen: io.StringIO) -> None:
    subject = town.privacy.grant(SHOP, "taobao_id:li", purpose="marketing_messages")
    consent.answer(subject, town.clock.now_us(), as_json=False)
    shown = screen.getvalue()
    assert "发送营销信息" in shown
    assert "grant  marketing_messages  customer" in shown


def test_a_receipt_says_what_was_removed(town: Town, screen: io.StringIO) -> None:
    receipt = town.privacy.erase(SHOP, "taobao_id:li")
    assert receipt is not None
    person.show_receipt(receipt)
    assert receipt.number in screen.getvalue()
    assert "history" in screen.getvalue()
