"""Two orders by instalments, from the quote to the last refund: over HTTP with commands beside it,
the settlement to the fen, and the audit in the end."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.instalments_ground import FEES, FREE, cart
from tests.orders_ground import PAYABLE, PROMOTIONS, SHOP, order_form, units
from tests.walks.caller import Caller
from tests.walks.serving import Serving
from tests.walks.shell import Shell

from quanyu.clock import SystemClock, day_number, day_text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

TODAY = day_number(SystemClock().now_us())
SPAN = {"from": day_text(TODAY - 1), "to": day_text(TODAY + 1)}
CASH = {"A": 14_000, "B": 2_600}
"""What each order owes the shops; 5.00 of it comes from the platform."""


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data", {"QUANYU_MERCHANT": SHOP})
    yield made
    made.destroy()


def test_from_the_quote_to_the_last_refund(shell: Shell) -> None:
    with Serving(shell) as server:
        key = shell.json("key", "create", "--scopes", "admin")["key"]
        with server.client(key) as client:
            caller = Caller(client)
            for one in (*PROMOTIONS, *FREE):
                said = {name: value for name, value in one.items() if name != "id"}
                caller.put(f"promotions/{one['id']}", said)
            the_plan_is_what_was_quoted(caller)
            the_shops_bear_twelve_terms(shell, caller)
            the_platform_bears_six(shell, caller)
            terms_are_paid(shell, caller)
            twelve_go_back_in_parts(shell, caller)
            six_are_settled_and_go_back(shell, caller)
        assert server.stop() == 0
        assert "Traceback" not in server.errors.read_text()
    tells_the_reports(shell)
    shell.audited()


def the_plan_is_what_was_quoted(caller: Caller) -> None:
    for terms, bearer in ((12, "merchant"), (6, "platform")):
        quoted = caller.ok("quote", {"cart": cart(terms)})
        (told,) = quoted["instalments"]
        asked = {"amount": quoted["payable"], "terms": terms, "bearer": told["fee_bearer"]}
        shown = caller.ok("instalments/quote", asked)
        assert (quoted["payable"], told["fee_bearer"]) == (PAYABLE, bearer)
        assert [one["due"] for one in shown["schedule"]] == told["schedule"]
        caller.ok("orders", order_form(f"o{terms}", cart=cart(terms)), key=f"place {terms}")
        notice = {"amount": PAYABLE, "method": "huabei"}
        paid = [caller.ok(f"orders/o{terms}/pay", notice, key=f"pay {terms}") for _ in range(2)]
        assert paid[0] == paid[1]
        plan = caller.get(f"orders/o{terms}/instalments")
        assert [one["due"] for one in plan["schedule"]] == told["schedule"]


def settlement(shell: Shell) -> dict[str, dict[str, Any]]:
    """Account → opening, what moved by code, closing; everybody's, as one who operates sees it."""
    said = shell.json("settlement", "--from", SPAN["from"], "--to", SPAN["to"], "--all")
    found = {}
    for account in said["accounts"]:
        moved: dict[str, int] = {}
        for day in account["days"]:
            for entry in day["entries"]:
                moved[entry["code"]] = moved.get(entry["code"], 0) + entry["in"] - entry["out"]
        assert account["opening"] + sum(moved.values()) == account["closing"]
        name = account["account"].removeprefix(f"party/{SHOP}/").removesuffix("/payable")
        found[name.removeprefix("party/")] = {**moved, "closing": account["closing"]}
    return found


def balance(shell: Shell, account: str) -> int:
    (one,) = shell.json("ledger", "balance", account)["balances"]
    return int(one["posted"])


def adds_up(shell: Shell) -> tuple[int, int]:
    """What everybody is owed, with what the financier has earned (the first figure) and what has
    come in (the second)."""
    closing = sum(one["closing"] for one in settlement(shell).values())
    fees, cash = balance(shell, FEES), balance(shell, "clearing/huabei")
    assert closing + fees + cash == 0
    return fees, cash


def the_shops_bear_twelve_terms(shell: Shell, caller: Caller) -> None:
    """10.63 for 161.00 at 6.6 %: 8.95 from A, 1.68 from B."""
    owed = settlement(shell)
    assert (owed["A"]["instalment.fee"], owed["B"]["instalment.fee"]) == (-895, -168)
    assert owed["A"]["closing"] == 2 * CASH["A"] - 895
    assert owed["B"]["closing"] == 2 * CASH["B"] - 168
    mine = {one["account"]: one["closing"] for one in caller.get("settlement", **SPAN)["accounts"]}
    assert mine[f"party/{SHOP}/A/payable"] == owed["A"]["closing"]


def the_platform_bears_six(shell: Shell, caller: Caller) -> None:
    """5.80 for 161.00 at 3.6 %, beside its 5.00 in each of the orders."""
    platform = settlement(shell)["platform"]
    assert (platform["instalment.fee"], platform["closing"]) == (-580, -1_000 - 580)
    assert adds_up(shell) == (1_063 + 580, -2 * PAYABLE)


def terms_are_paid(shell: Shell, caller: Caller) -> None:
    """By either door; one key is one notice through both, and the book does not move."""
    before = caller.get("settlement", **SPAN)
    body = {"term": 1, "amount": 1_341}
    paid = caller.ok("orders/o12/instalments/terms", body, key="notice 1")
    again = ("instalment", "pay", "o12", "--term", "1", "--amount", "1341", "--key", "notice 1")
    assert shell.json(*again) == paid
    assert (paid["terms_paid"], paid["owed"]) == (1, PAYABLE - 1_341)
    shell.says("instalment", "pay", "o6", "--term", "1", "--amount", "2683")
    assert "term_out_of_order" in shell.refuses(
        "instalment", "pay", "o6", "--term", "3", "--amount", "2684"
    )
    twice = caller.post("orders/o6/instalments/terms", {"term": 1, "amount": 2_683})
    assert twice.json()["error"]["code"] == "term_paid_already"
    assert caller.get("settlement", **SPAN) == before
    shown = shell.says("instalment", "show", "o12")
    assert "已还" in shown
    assert "待还" in shown


def twelve_go_back_in_parts(shell: Shell, caller: Caller) -> None:
    """The fee of the term that was used stays with the shops: 0.88."""
    left = PAYABLE
    for unit in ("L1:2", "L2:1", "L1:1", "L1:3"):
        left -= caller.ok("orders/o12/refund", units(unit))["cash_fen"]
        plan = caller.get("orders/o12/instalments")
        assert plan["financed_now"] == left == sum(one["principal"] for one in plan["schedule"])
        assert sum(plan["borne"].values()) == plan["fee_now"]
    assert (plan["state"], plan["fee_now"], left) == ("cancelled", 88, 0)
    owed = settlement(shell)
    kept = owed["A"]["closing"] - CASH["A"] + owed["B"]["closing"] - CASH["B"]
    assert kept == -88
    assert balance(shell, FEES) == 88 + 580


def six_are_settled_and_go_back(shell: Shell, caller: Caller) -> None:
    """Two terms have begun, 1.93; the others' fee goes back to the platform."""
    owed = caller.get("orders/o6/instalments")["settle_now"]
    assert owed == PAYABLE - 2_683
    done = shell.json("instalment", "settle", "o6", "--amount", str(owed))
    assert (done["state"], done["fee_back"]) == ("settled", 580 - 193)
    assert settlement(shell)["platform"]["instalment.fee_back"] == 580 - 193
    back = caller.ok("orders/o6/refund", units("L1:1", "L1:2", "L1:3", "L2:1"))
    assert back["cash_fen"] == PAYABLE
    closing = {name: one["closing"] for name, one in settlement(shell).items()}
    assert closing["A"] + closing["B"] == -88
    assert closing["platform"] == -193
    assert adds_up(shell) == (88 + 193, 0)


def tells_the_reports(shell: Shell) -> None:
    """What is paid to a financier is not bought once more."""
    told = shell.json("report", "overview")
    assert (told["orders"], told["gmv_fen"]) == (2, 2 * PAYABLE)
    assert told["refunded_fen"] == 2 * PAYABLE
    kinds = {one["name"]: one["events"] for one in told["kinds"]}
    assert kinds["instalment_paid"] == 3
