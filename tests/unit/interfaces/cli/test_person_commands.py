"""``quanyu person`` and ``quanyu consent`` through the real entry point, on a real database."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.engine_ground import paid, said, settled, tell

from quanyu.clock import DAY_US, SystemClock
from quanyu.interfaces.cli import main
from quanyu.settings import Settings
from quanyu.wiring import open_engine

LI, WANG, NOBODY = "taobao_id:li", "taobao_id:wang", "taobao_id:nobody"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def shop(fresh_databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two merchants; Li buys at both, Wang at one."""
    url = fresh_databases.take()
    umask = os.umask(0o077)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUANYU_DATABASE_URL", url)
        patch.setenv("QUANYU_DATA_DIR", str(tmp_path_factory.mktemp("cli") / "data"))
        patch.setenv("QUANYU_MERCHANT", "tea")
        yesterday_us = SystemClock().now_us() - DAY_US
        with open_engine(Settings.from_env()) as engine:
            for merchant, people in (("tea", ("li", "wang")), ("shoes", ("li",))):
                for name in people:
                    who = {"taobao_id": name}
                    city = {"city": f"{merchant}-{name}"}
                    joined = said(
                        f"j-{name}", who, at_us=yesterday_us, kind="member_joined", props=city
                    )
                    tell(engine, merchant, joined, paid(f"p-{name}", who, at_us=yesterday_us))
            settled(engine)
        yield
    os.umask(umask)
    fresh_databases.discard(url)


@pytest.fixture
def run(shop: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["quanyu", *words])
        with pytest.raises(SystemExit) as ended:
            main.run()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return command


def document(run: Run, *words: str) -> Any:
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_profile_as_people_and_as_programs_read_it(run: Run) -> None:
    shown = document(run, "person", "show", "-i", LI, "--json")
    assert shown["portrait"] == "tea-li"
    assert {tag["key"]: tag["value"] for tag in shown["tags"]}["spent_365d"] == 12_900
    assert len(shown["timeline"]) == 2
    code, out, _ = run("person", "show", "-i", LI, "--timeline", "1")
    assert code == 0
    assert out.startswith("tea-li")
    assert "¥129.00" in out
    assert "履行订单与会员服务" in out


def test_each_merchant_s_person_is_another(run: Run) -> None:
    tea, shoes = (
        document(run, "person", "show", "-i", LI, "--merchant", shop, "--json")
        for shop in ("tea", "shoes")
    )
    assert (tea["portrait"], shoes["portrait"]) == ("tea-li", "shoes-li")
    assert tea["person"] != shoes["person"]


def test_a_yes_and_a_no_in_the_ledger_of_one_merchant(run: Run) -> None:
    purpose, to = ("--purpose", "partner_sharing"), ("--recipient", "阿里妈妈")
    given = (*purpose, *to)
    yes = document(run, "consent", "grant", "-i", LI, *given, "--actor", "till", "--json")
    assert yes["ledger"][-1]["actor"] == "till"
    old = document(run, "consent", "grant", "-i", LI, *given, "--notice-version", "0", "--json")
    no = document(run, "consent", "withdraw", "-i", LI, *purpose, "--json")
    grounds = [
        next(one["ground"] for one in answer["consents"] if one["purpose"] == "partner_sharing")
        for answer in (yes, old, no)
    ]
    assert grounds == ["consent", "old_notice", "withdrawn"]
    assert document(run, "consent", "show", "-i", LI, "--json") == no
    other = document(run, "consent", "show", "-i", LI, "--merchant", "shoes", "--json")
    assert other["ledger"] == []
    _, table, _ = run("consent", "show", "-i", LI)
    assert "向合作方提供" in table
    assert "withdraw  partner_sharing  customer" in table


def test_off_says_so_and_on_again(run: Run) -> None:
    order = ("person", "personalisation")
    assert run(*order, "off", "-i", WANG)[1] == "personalisation is off\n"
    code, out, _ = run("person", "show", "-i", WANG)
    assert code == 0
    assert "（尚无画像）" in out
    assert "个性化已关闭" in out
    answer = document(run, *order, "on", "-i", WANG, "--json")
    assert answer == {"identifier": WANG, "off_switch": False}
    assert run("person", "show", "-i", WANG)[1].startswith("tea-wang")


def test_a_copy_is_one_document(run: Run) -> None:
    copy = document(run, "person", "export", "-i", WANG)
    assert {event["event_id"] for event in copy["events"]} == {"j-wang", "p-wang"}
    assert {tag["key"] for tag in copy["tags"]} >= {"city", "purchases_total"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("person", "show"), "identifier"),
        (("person", "show", "-i", "li"), "identifier: write kind:value"),
        (("person", "show", "-i", NOBODY), f"nobody with {NOBODY} at tea"),
        (("person", "show", "-i", WANG, "--merchant", "shoes"), f"nobody with {WANG} at shoes"),
        (("person", "show", "-i", LI, "--merchant", "books"), "merchant 'books'"),
        (("person", "show", "-i", LI, "--timeline", "1001"), "--timeline"),
        (("person", "export", "-i", NOBODY), f"nobody with {NOBODY}"),
        (("person", "erase", "-i", NOBODY, "--yes"), f"nobody with {NOBODY}"),
        (("person", "erase", "-i", "li", "--yes"), "identifier: write kind:value"),
        (("person", "personalisation", "maybe", "-i", LI), "maybe"),
        (("person", "personalisation", "off", "-i", LI, "--actor", " "), "actor: name who"),
        (("consent", "show", "-i", NOBODY), f"nobody with {NOBODY}"),
        (("consent", "grant", "-i", LI), "purpose"),
        (("consent", "grant", "-i", LI, "--purpose", "fun"), "purpose: 'fun' is not one of"),
        (("consent", "withdraw", "-i", LI, "--purpose", "fun"), "purpose: 'fun' is not one of"),
        (("consent", "grant", "-i", LI, "--purpose", "analytics", "--notice-version", "7"),
         "notice_version: use a version from 0 to 1"),
        (("consent", "grant", "-i", LI, "--purpose", "analytics", "--notice-version", "-1"),
         "notice_version: use a version from 0 to 1"),
        (("consent", "grant", "-i", "", "--purpose", "analytics"), "identifier"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_2(run: Run, words: tuple[str, ...], says: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_erasing_asks_first_and_ends_with_a_receipt(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, out, err = run("person", "erase", "-i", LI, "--merchant", "shoes")
    assert (code, out.strip()) == (130, "")
    assert err.startswith(f"Erase the person with {LI} for ever?")
    assert document(run, "person", "show", "-i", LI, "--merchant", "shoes", "--json")["tags"]
    receipt = document(run, "person", "erase", "-i", LI, "--merchant", "shoes", "--yes", "--json")
    assert receipt["erased"]["events"] == 2
    assert receipt["erased"]["identifiers"] == 1
    assert run("person", "show", "-i", LI, "--merchant", "shoes")[0] == 2
    assert run("person", "show", "-i", LI)[1].startswith("tea-li")
