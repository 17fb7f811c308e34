"""A till without a network on the command line: a process of its own, with no server to ask."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.till_ground import RISK
from tests.walks.shell import Shell
from tests.walks.test_coupon_commands import publish

from quanyu.storage.postgres.embedded import EmbeddedPostgres

WU = "taobao_id:wu"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("offline")
    folder.chmod(0o711)
    made = Shell(folder / "data", {"QUANYU_MERCHANT": "茶馆"})
    with EmbeddedPostgres(made.data_dir):
        yield made
    made.destroy()


def test_a_shift_without_a_network(shell: Shell, tmp_path: Path) -> None:
    publish(shell, tmp_path, "off", offline=RISK, per_person=9)
    kit, journal = tmp_path / "kit.json", tmp_path / "till.journal"
    added = shell.json("coupon", "device", "add", "s1", "--out", str(kit))
    assert kit.stat().st_mode & 0o077 == 0
    assert json.loads(kit.read_text())["device"] == added["device"]
    coupons, passes = [], []
    for _ in range(3):
        issued = shell.json("coupon", "issue", "--offer", "off", "-i", WU)
        coupons.append(issued["coupon"])
        passes.append(shell.json("coupon", "pass", coupons[-1], "-i", WU)["pass"])

    far = Shell(tmp_path / "nowhere", {})

    def till(text: str, *more: str) -> tuple[str, ...]:
        at = ("--kit", str(kit), "--journal", str(journal), "--pass", text)
        return ("coupon", "offline-accept", *at, *more)

    assert far.json(*till(passes[0], "--amount", "12000"))["discount"] == 2000
    assert "seen_here" in far.refuses(*till(passes[0], "--amount", "12000"))
    assert "below_threshold" in far.refuses(*till(passes[1], "--amount", "5"))
    assert "--amount" in far.refuses(*till(passes[1]))
    lines = tmp_path / "bill.json"
    lines.write_text(json.dumps([{"item": "tea", "quantity": 3, "list_price": 4000}]))
    assert "¥20.00" in far.says(*till(passes[1], "--lines", str(lines)))
    assert "cap_of_device" in far.refuses(*till(passes[2], "--amount", "12000"))
    assert "bad_pass" in far.refuses(*till("QY2.x.y", "--amount", "12000"))
    assert not (tmp_path / "nowhere").exists(), "a till needs no data directory"

    shell.json("coupon", "redeem", coupons[1], "--amount", "12000", "--store", "s2")
    told = shell.json("coupon", "reconcile", str(journal))
    assert told["counts"] == {"redeemed": 1, "conflict": 1}
    assert shell.json("coupon", "reconcile", str(journal)) == told
    seen = shell.says("coupon", "reconcile", str(journal))
    assert "已核销 1" in seen
    assert "already_used" in seen
    assert shell.json("offer", "show", "off")["balances"]["fen/offline_loss"] == 2000
    shell.audited()

    assert "s1" in shell.says("coupon", "device", "list")
    revoked = shell.json("coupon", "device", "revoke", added["device"])
    assert revoked["revoked"]
    assert "device_revoked" in shell.refuses("coupon", "device", "revoke", added["device"])
    listed = shell.json("coupon", "device", "list", "--store", "s1")["devices"]
    assert listed == [revoked]


def test_what_cannot_be(shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    at = ("--kit", str(bad), "--pass", "x", "--amount", "1", "--journal", str(tmp_path / "j"))
    assert "--kit" in shell.refuses("coupon", "offline-accept", *at)
    bad.write_text("nonsense\n")
    assert "line 1" in shell.refuses("coupon", "reconcile", str(bad))
    assert "none" in shell.refuses("coupon", "reconcile", str(tmp_path / "none"))
    assert "c_none" in shell.refuses("coupon", "pass", "c_none", "-i", WU)
    assert "store" in shell.refuses("coupon", "device", "add", "a;b")
