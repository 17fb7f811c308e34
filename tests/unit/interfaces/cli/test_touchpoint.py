"""``quanyu touchpoint``: of the configured ecosystem, without a database."""

from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.output import console
from quanyu.touchpoints.ecosystem import Ecosystem, ecosystem


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that cannot be reached: these commands need none."""
    monkeypatch.setenv("QUANYU_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    monkeypatch.delenv("QUANYU_ECOSYSTEM", raising=False)


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["touchpoint", *words], input=stdin)


def answer(*words: str, stdin: str = "") -> Any:
    result = run(*words, "--json", stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def test_list_and_show() -> None:
    told = answer("list")
    assert told["id"] == "alibaba"
    assert msgspec.convert(told, Ecosystem) == ecosystem("alibaba")
    assert answer("show", "youku.pause")["membership"] == "member:youku"
    assert answer("list", "--shipped") == {"shipped": ["alibaba", "linli"]}


def test_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_width", 200)
    said = run("list").stdout
    assert all(word in said for word in ("阿里生态", "taobao.home", "30.0%", "按点击", "每个创意"))
    one = run("show", "dingtalk.work").stdout
    assert all(word in one for word in ("钉钉工作台", "标“广告”", "周一二三四五 8–19 点：办公"))
    assert "member:youku 不看广告" in run("show", "youku.pause").stdout
    assert "保留价" not in run("show", "tmall.member").stdout
    assert "邻里商业" in run("list", "--shipped").stdout


def test_another_ecosystem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_ECOSYSTEM", "linli")
    assert answer("show", "screen.shelf")["ad_label"] == "广告 · 供应商"
    found = run("show", "taobao.home").exception
    assert isinstance(found, BadInput)
    assert "express.home" in found.mend
    monkeypatch.setenv("QUANYU_ECOSYSTEM", "nowhere.toml")
    assert "alibaba, linli" in str(run("list").exception)


def test_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = (resources.files("quanyu.touchpoints") / "ecosystems" / "linli.toml").read_text("utf-8")
    file = tmp_path / "ours.toml"
    file.write_text(raw, "utf-8")
    assert answer("check", str(file)) == {"ok": True, "id": "linli", "apps": 5, "touchpoints": 9}
    assert "9 个触点，可以使用" in run("check", "-", stdin=raw).stdout
    bad = run("check", "-", stdin=raw.replace('place = "paid"', 'place = "paid"\npopup = true'))
    assert isinstance(bad.exception, BadInput)
    assert bad.exception.field == "standard input: touchpoint 'mini.thanks': popup"
    assert isinstance(run("check", str(tmp_path / "none.toml")).exception, BadInput)
    monkeypatch.setenv("QUANYU_POLICY", '{"home_ads_permille_max": 100}')
    assert answer("check", str(file))["ok"], "the file says openly that its feeds have another"
