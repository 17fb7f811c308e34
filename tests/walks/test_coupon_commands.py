"""Offers and coupons on the command line, from the template to the audit, by two actors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.money_ground import template
from tests.walks.shell import Shell, rows, write_rows

from quanyu.storage.postgres.embedded import EmbeddedPostgres

WU = "taobao_id:wu"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("coupons")
    folder.chmod(0o711)
    made = Shell(folder / "data", {"QUANYU_MERCHANT": "茶馆"})
    made.json("key", "create", "--scopes", "coupons:write", "--merchant", "茶馆")
    with EmbeddedPostgres(made.data_dir):
        yield made
    made.destroy()


def publish(shell: Shell, folder: Path, id: str, **change: Any) -> dict[str, Any]:
    file = folder / f"{id}.json"
    file.write_text(json.dumps(template(id, **change)))
    made = shell.json("offer", "create", "--template", str(file), "--actor", "lin")
    assert made["state"] == "draft"
    assert shell.json("offer", "submit", id, "--actor", "lin")["state"] == "auditing"
    found: dict[str, Any] = shell.json("offer", "approve", id, "--actor", "wang")
    return found


def test_the_whole_life(shell: Shell, tmp_path: Path) -> None:
    made = publish(shell, tmp_path, "walk", giftable=True)
    assert made["balances"]["pieces/free"] == 1000
    coupon = shell.json("coupon", "claim", "--offer", "walk", "-i", WU)["coupon"]
    given = shell.json("coupon", "gift", coupon, "-i", WU)
    other = "phone:13912345678"
    shell.json("coupon", "accept", coupon, "--gift", given["gift"], "-i", other)
    assert shell.json("coupon", "list", "-i", other)["coupons"][0]["coupon"] == coupon
    till = ("coupon", "redeem", coupon, "--amount", "12000", "--store", "s1", "--key", "till-1")
    used = shell.json(*till)
    assert used["discount"] == 2000
    assert shell.json(*till) == used
    assert shell.json("coupon", "undo", coupon, "--store", "s1")["state"] == "issued"
    assert shell.json("coupon", "void", coupon)["state"] == "void"
    assert "wrong_state" in shell.refuses("coupon", "void", coupon)
    shell.audited()


def test_what_marketers_see(shell: Shell, tmp_path: Path) -> None:
    publish(shell, tmp_path, "seen")
    coupon = shell.json("coupon", "issue", "--offer", "seen", "-i", WU)["coupon"]
    assert "进行中" in shell.says("offer", "list")
    told = shell.says("offer", "show", "seen")
    assert "pieces/out" in told
    assert "wang" in told
    assert "可用" in shell.says("coupon", "list", "-i", WU)
    assert "¥20.00" in shell.says("coupon", "redeem", coupon, "--amount", "12000", "--store", "s")
    assert "已核销" in shell.says("coupon", "show", coupon)
    assert "已熔断" in shell.says("offer", "kill", "seen", "--actor", "lin")
    assert "killed" in shell.refuses("coupon", "claim", "--offer", "seen", "-i", "taobao_id:x")
    assert shell.json("offer", "kill", "seen", "--revive", "--actor", "lin")["revived"] == ["seen"]


def test_codes_and_people_in_a_file(shell: Shell, tmp_path: Path) -> None:
    publish(shell, tmp_path, "many")
    out = tmp_path / "codes.csv"
    batch = ("coupon", "codes", "spring", "--offer", "many", "--pieces", "20", "--out", str(out))
    assert shell.json(*batch)["made"] == 20
    first = out.read_text()
    assert shell.json(*batch)["made"] == 20
    assert out.read_text() == first
    code = first.splitlines()[1].split(",")[1]
    till = shell.json("coupon", "redeem", code, "--amount", "20000", "--store", "s1")
    assert till["discount"] == 2000
    people = tmp_path / "people.txt"
    people.write_text("\n".join(f"taobao_id:{n}" for n in range(30)))
    everybody = ("coupon", "issue", "--offer", "many", "--people", str(people), "--key", "all")
    assert shell.json(*everybody) == {"offer": "many", "counts": {"issued": 30}}
    assert shell.json(*everybody) == {"offer": "many", "counts": {"issued": 30}}
    assert shell.json("offer", "show", "many")["balances"]["pieces/out"] == 49
    shell.audited()


def test_every_way_of_an_offer(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "ways.json"
    file.write_text(json.dumps(template("ways", giftable=True, per_person=9)))
    shell.json("offer", "create", "--template", str(file), "--actor", "lin")
    shell.json("offer", "submit", "ways", "--actor", "lin")
    back = shell.json("offer", "reject", "ways", "--actor", "wang", "--note", "面额太大")
    assert (back["state"], back["history"][-1]["note"]) == ("draft", "面额太大")
    shell.json("offer", "submit", "ways", "--actor", "lin")
    shell.json("offer", "approve", "ways", "--actor", "wang")
    assert shell.json("offer", "pause", "ways", "--actor", "lin")["state"] == "paused"
    assert shell.json("offer", "resume", "ways", "--actor", "lin")["state"] == "active"
    coupon = shell.json("coupon", "issue", "--offer", "ways", "-i", WU)["coupon"]
    on = (coupon, "--order", "o-ways")
    assert shell.json("coupon", "lock", *on, "--ttl", "1h")["order"] == "o-ways"
    assert shell.json("coupon", "unlock", *on)["state"] == "issued"
    shell.json("coupon", "lock", *on)
    assert shell.json("coupon", "use", *on, "--amount", "500")["discount"] == 500
    assert shell.json("coupon", "list", "--order", "o-ways")["coupons"][0]["coupon"] == coupon
    assert shell.json("coupon", "return", *on)["state"] == "issued"
    assert shell.json("coupon", "gift", coupon, "-i", WU)["state"] == "gifting"
    assert shell.json("coupon", "take-back", coupon, "-i", WU)["state"] == "issued"
    qr = shell.json("coupon", "show-code", coupon, "-i", WU)["qr"]
    assert qr.startswith(f"QY1.{coupon}.")
    out = tmp_path / "codes.csv"
    batch = ("codes", "ways", "--offer", "ways", "--pieces", "1", "--out", str(out))
    shell.json("coupon", *batch)
    code = out.read_text().splitlines()[1].split(",")[1]
    assert shell.json("coupon", "bind", code, "-i", WU)["bound"]
    assert shell.json("offer", "end", "ways", "--actor", "lin")["state"] == "ended"
    assert "wrong_state" in shell.refuses("offer", "end", "ways", "--actor", "lin")
    assert "--identifier" in shell.refuses("coupon", "list")
    shell.audited()


def test_a_whole_audience_by_its_name(shell: Shell, tmp_path: Path) -> None:
    publish(shell, tmp_path, "crowd")
    file = write_rows(tmp_path / "rows.csv.gz", rows(3, people=4, days=2))
    shell.json("import", "taobao-userbehavior", str(file), "--merchant", "茶馆")
    definition = tmp_path / "viewers.json"
    definition.write_text(json.dumps({"event": "view"}))
    made = shell.json("audience", "create", "viewers", "--definition", str(definition))
    give = ("offer", "issue", "crowd", "--audience", "viewers", "--key", "all")
    told = shell.json(*give)
    assert told == {"offer": "crowd", "audience": "viewers", "counts": {"issued": made["people"]}}
    assert made["people"] == 4
    assert shell.json(*give) == told
    assert shell.says(*give).strip() == "issued 4"
    assert "none" in shell.refuses("offer", "issue", "crowd", "--audience", "none")
    shell.audited()


def test_a_bill_with_its_lines(shell: Shell, tmp_path: Path) -> None:
    publish(shell, tmp_path, "drinks", terms={"scope": {"items": ["tea"]}})
    coupon = shell.json("coupon", "claim", "--offer", "drinks", "-i", WU)["coupon"]
    bill = tmp_path / "bill.json"
    till = ("coupon", "redeem", coupon, "--store", "s1")
    assert "needs_lines" in shell.refuses(*till, "--amount", "50000")
    assert "amount" in shell.refuses(*till)
    bill.write_text(json.dumps([{"item": "tea", "quantity": 3, "list_price": 5000}]))
    assert shell.json(*till, "--lines", str(bill))["discount"] == 2000


def test_what_is_refused(shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(template("bad", money=None)))
    said = shell.refuses("offer", "create", "--template", str(bad), "--actor", "lin")
    assert "template.money" in said
    bad.write_text("{")
    assert "--template" in shell.refuses("offer", "create", "--template", str(bad), "--actor", "l")
    assert "none" in shell.refuses("offer", "show", "none")
    assert "not_found" in shell.refuses("offer", "submit", "none", "--actor", "lin")
    assert "not_found" in shell.refuses("coupon", "void", "c_none")
    assert "kind:value" in shell.refuses("coupon", "claim", "--offer", "walk", "-i", "wu")
    till = ("coupon", "redeem", "ABC", "--amount", "0", "--store", "s")
    assert "amount" in shell.refuses(*till)
    assert "--people" in shell.refuses("coupon", "issue", "--offer", "walk")
