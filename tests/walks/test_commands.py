"""A merchant's first day at the terminal: every figure is counted again in plain Python."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tests.walks.shell import DAY_S, Row, Shell, rows, write_rows

from quanyu.clock import format_iso
from quanyu.simulator.market import Market
from quanyu.storage.postgres.embedded import EmbeddedPostgres

ROWS = rows(11)
K = 10
"""People that a day of a trend must rest on."""


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data")
    with EmbeddedPostgres(made.data_dir):
        yield made
    made.destroy()


def by_person() -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in ROWS:
        found[row.user].append(row)
    return {user: sorted(his, key=lambda row: row.at_s) for user, his in found.items()}


def people_with(kind: str, least: int = 1) -> set[str]:
    return {u for u, his in by_person().items() if sum(r.kind == kind for r in his) >= least}


def day_text(day: int) -> str:
    return f"2017-11-{25 + day}"


def test_a_file_becomes_people_audiences_and_reports(shell: Shell, tmp_path: Path) -> None:
    file = str(write_rows(tmp_path / "behaviour.csv.gz", ROWS))
    taken = shell.json("import", "taobao-userbehavior", file, "--merchant", "tea")
    assert taken.pop("seconds") > 0
    assert taken == counts(received=len(ROWS), accepted=len(ROWS))
    again = shell.json("import", "taobao-userbehavior", file, "--merchant", "tea")
    assert again.pop("seconds") > 0
    assert again == counts(received=len(ROWS), duplicate=len(ROWS))

    shell = Shell(shell.data_dir, {"QUANYU_MERCHANT": "tea"})
    overview_is_right(shell)
    funnel_is_right(shell)
    paths_are_right(shell)
    retention_is_right(shell)
    top_items_are_right(shell)
    trends_are_right(shell)
    audiences_are_right(shell, tmp_path)
    before = shell.json("audience", "list")
    for projection in ("identity", "profiles", "audiences", "prices", "ad_billing"):
        made = shell.json("rebuild", projection)
        assert made == {"projection": projection, "events": len(ROWS)}
    shell.audited()
    assert shell.json("audience", "list") == before
    head = shell.json("events", "status")
    assert head["head"] == len(ROWS)
    reached = head["consumers"]
    followers = ("identity", "profiles", "audiences", "prices", "ad_billing")
    assert {reached[name] for name in followers} == {len(ROWS)}


def counts(**given: int) -> dict[str, int]:
    return {"received": 0, "accepted": 0, "duplicate": 0, "rejected": 0, **given}


def overview_is_right(shell: Shell) -> None:
    found = shell.json("report", "overview")
    kinds = Counter(row.kind for row in ROWS)
    buyers = people_with("payment_completed")
    assert found["people"] == len(by_person())
    assert found["events"] == len(ROWS)
    assert found["orders"] == kinds["payment_completed"]
    assert found["buyers"] == len(buyers)
    assert found["gmv_fen"] == 0
    assert found["conversion_rate"] == pytest.approx(len(buyers) / len(by_person()))
    assert found["repurchase_rate"] == pytest.approx(
        len(people_with("payment_completed", 2)) / len(buyers)
    )
    assert {one["name"]: (one["events"], one["people"]) for one in found["kinds"]} == {
        kind: (count, len(people_with(kind))) for kind, count in kinds.items()
    }
    assert {one["day"]: (one["events"], one["people"]) for one in found["days"]} == {
        day_text(day): (len(that), len({row.user for row in that}))
        for day in range(4)
        if (that := [row for row in ROWS if row.day == day])
    }
    one_day = shell.json("report", "overview", "--from", day_text(1), "--to", day_text(1))
    assert one_day["events"] == sum(row.day == 1 for row in ROWS)


STEPS = ("view", "add_to_cart", "payment_completed")


def depth(his: list[Row], window_s: int) -> int:
    """Deepest step of any chain, by trying every start; at one instant steps stand in order."""
    best = 0
    for start in (row.at_s for row in his if row.kind == STEPS[0]):
        at_s, level = start, 1
        for kind in STEPS[1:]:
            later = [r.at_s for r in his if r.kind == kind and at_s <= r.at_s <= start + window_s]
            if not later:
                break
            at_s, level = min(later), level + 1
        best = max(best, level)
    return best


def funnel_is_right(shell: Shell) -> None:
    for window, window_s in (("1h", 3600), ("1d", DAY_S)):
        order = ("report", "funnel", "--steps", ",".join(STEPS), "--window", window)
        depths = [depth(his, window_s) for his in by_person().values()]
        found = shell.json(*order)
        assert found["window_seconds"] == window_s
        assert [step["kind"] for step in found["steps"]] == list(STEPS)
        people = [sum(one > level for one in depths) for level in range(3)]
        assert [step["people"] for step in found["steps"]] == people
        assert people[2] > 0
        assert found["steps"][2]["rate_from_first"] == pytest.approx(people[2] / people[0])
        assert found["steps"][2]["rate_from_previous"] == pytest.approx(people[2] / people[1])


def paths_are_right(shell: Shell) -> None:
    """Paths of one label need no order among events of one second."""
    order = ("report", "paths", "--by", "touchpoint", "--gap", "30m", "--top", "5")
    found = shell.json(*order)
    journeys: list[tuple[str, bool]] = []
    for user, his in by_person().items():
        for before, row in zip([None, *his], his, strict=False):
            if before is None or row.at_s - before.at_s > 1800:
                journeys.append((user, False))
            if row.behaviour == "buy":
                journeys[-1] = (user, True)
    assert found["journeys"] == len(journeys)
    assert found["paths"] == [
        {
            "path": ["taobao.detail"],
            "cut": False,
            "journeys": len(journeys),
            "people": len({user for user, _ in journeys}),
            "conversions": sum(bought for _, bought in journeys),
        }
    ]


def retention_is_right(shell: Shell) -> None:
    found = shell.json("report", "retention", "--days", "2")
    days = {user: {row.day for row in his} for user, his in by_person().items()}
    expected = []
    for first in range(4):
        cohort = [seen for seen in days.values() if min(seen) == first]
        returned = [sum(first + n in seen for seen in cohort) for n in (1, 2)]
        if cohort:
            expected.append({"day": day_text(first), "people": len(cohort), "returned": returned})
    assert found == {"cohorts": expected, "days": 2, "excluded": {"orders": 0, "gmv_fen": 0}}


def top_items_are_right(shell: Shell) -> None:
    found = shell.json("report", "top-items", "--top", "2", "--to", day_text(0))
    looks: dict[int, Counter[str]] = defaultdict(Counter)
    for row in ROWS:
        if row.kind == "view" and row.day == 0:
            looks[row.at_s // 3600][row.item] += 1
    assert {hour["hour"]: [i["item"] for i in hour["items"]] for hour in found["hours"]} == {
        format_iso(hour * 3600 * 1_000_000): [
            item for item, _ in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
        ]
        for hour, counter in looks.items()
    }


def trends_are_right(shell: Shell) -> None:
    """Nothing of fewer than ten people; what is shown is a sum of whole days, each to a ten."""
    found = shell.json("report", "trends", "--days", "2", "--to", day_text(3))
    assert (found["from_day"], found["compared_from"]) == (day_text(2), day_text(0))
    assert found["k"] == K
    assert found["trends"]
    for one in found["trends"]:
        for days, visits in (((2, 3), one["visits"]), ((0, 1), one["visits_before"])):
            by_day = [visitors(one["subject"], day) for day in days]
            shown = [n for n in by_day if n >= K]
            tens = [{n // K * K, -(-n // K) * K, 0} for n in shown]
            assert visits in {sum(some) for some in product(*tens)}
    assert sum(one["visits"] for one in found["trends"]) > 0


def visitors(category: str, day: int) -> int:
    return len({r.user for r in ROWS if (r.category, r.day, r.kind) == (category, day, "view")})


def audiences_are_right(shell: Shell, tmp_path: Path) -> None:
    keen = {"event": "view", "op": "ge", "value": 20}
    buyers = {
        "event": "payment_completed",
        "where": {"category": ["1", "2"]},
        "op": "ge",
        "value": 1,
    }
    hesitant = {"all": [{"event": "add_to_cart"}, {"not": {"event": "payment_completed"}}]}
    trees = {"常客": keen, "买家": buyers, "犹豫": hesitant}
    found = {name: create(shell, tmp_path, name, tree) for name, tree in trees.items()}
    people = {
        "常客": people_with("view", 20),
        "买家": {r.user for r in ROWS if r.behaviour == "buy" and r.category in "12"},
        "犹豫": people_with("add_to_cart") - people_with("payment_completed"),
    }
    assert all(people.values())
    assert found == {name: len(who) for name, who in people.items()}
    assert create(shell, tmp_path, "复杂", {"any": [{"audience": "买家"}, hesitant]}) == len(
        people["买家"] | people["犹豫"]
    )
    assert shell.json("audience", "count", "常客") == {"audience": "常客", "people": found["常客"]}
    assert shell.json("audience", "estimate", "--definition", "-", stdin=json.dumps(buyers))[
        "people"
    ] == len(people["买家"])
    for operation, who in (
        ("intersect", people["常客"] & people["买家"]),
        ("minus", people["常客"] - people["买家"]),
    ):
        made = shell.json("audience", "combine", operation, "常客", "买家")
        assert made == {"operation": operation, "audiences": ["常客", "买家"], "people": len(who)}
    explained_is_right(shell, people["常客"])
    exported_is_right(shell, people["买家"])


def create(shell: Shell, tmp_path: Path, name: str, tree: Any) -> int:
    file = tmp_path / "definition.json"
    file.write_text(json.dumps(tree))
    made = shell.json("audience", "create", name, "--definition", str(file))
    assert (made["audience"], made["version"]) == (name, 1)
    return int(made["people"])


def explained_is_right(shell: Shell, keen: set[str]) -> None:
    looks = {user: sum(r.kind == "view" for r in his) for user, his in by_person().items()}
    inside, outside = min(keen), min(looks.keys() - keen)
    for user, member in ((inside, True), (outside, False)):
        found = shell.json("audience", "explain", "常客", "-i", f"taobao_id:{user}")
        assert found["member"] is member
        assert found["conditions"][0]["have"] == looks[user]
        assert found["conditions"][0]["met"] is member


def exported_is_right(shell: Shell, buyers: set[str]) -> None:
    """Who said yes, and of them those who are in it."""
    assert shell.says("audience", "export", "买家", "--format", "csv") == "person\n"
    willing = sorted(buyers)[:2]
    for user in (*willing, *sorted(by_person().keys() - buyers)[:1]):
        order = ("consent", "grant", "-i", f"taobao_id:{user}", "--purpose", "marketing_messages")
        shell.json(*order)
    people = [shell.json("person", "show", "-i", f"taobao_id:{u}")["person"] for u in willing]
    lines = shell.says("audience", "export", "买家", "--format", "csv").splitlines()
    assert lines[0] == "person"
    assert sorted(lines[1:]) == sorted(people)
    assert sorted(shell.json("audience", "export", "买家")["people"]) == sorted(people)


MARKET = Market(seed=5, people=25, days=12, end_us=1_777_000_000_000_000)


def market_events() -> list[dict[str, Any]]:
    return list(MARKET.events())


def test_one_customer_is_joined_parted_silenced_and_forgotten(shell: Shell, tmp_path: Path) -> None:
    events = market_events()
    file = tmp_path / "market.ndjson.gz"
    with gzip.open(file, "wt") as lines:
        lines.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
        lines.write('{"event_id": "odd", "kind": "levitate"}\n')
    taken = shell.json("import", "events", str(file))
    assert (taken["accepted"], taken["rejected"]) == (len(events), 1)
    one, other = two_strangers(events)

    before = [shell.json("person", "show", "-i", who, "--timeline", "500") for who in (one, other)]
    assert before[0]["person"] != before[1]["person"]
    assert one.partition(":")[2] not in json.dumps(before)
    edge = shell.json("person", "link", one, other, "--rule", "login", "--reason", "same phone")
    assert edge["status"] == "accepted"
    joined = shell.json("person", "show", "-i", one, "--timeline", "500")
    assert joined["person"] == shell.json("person", "show", "-i", other)["person"]
    assert named(joined) == named(before[0]) | named(before[1])
    assert happened(joined) == happened(before[0]) | happened(before[1])
    ours = [e for e in shell.json("person", "edges", "-i", one) if e["edge"] == edge["edge"]]
    assert [line["evidence"] for line in ours[0]["ledger"]] == [{"reason": "same phone"}]
    assert shell.json("person", "unlink", edge["edge"])["status"] == "retracted"
    after = [shell.json("person", "show", "-i", who, "--timeline", "500") for who in (one, other)]
    assert [steady(p) for p in after] == [steady(p) for p in before]

    off = shell.json("person", "personalisation", "off", "-i", one)
    assert off["off_switch"] is True
    silent = shell.json("person", "show", "-i", one)
    assert (silent["tags"], silent["portrait"], silent["off_switch"]) == ([], "", True)
    shell.json("person", "personalisation", "on", "-i", one)
    assert steady(shell.json("person", "show", "-i", one, "--timeline", "500")) == steady(before[0])

    copy = json.loads(shell.says("person", "export", "-i", one))
    assert {event["event_id"] for event in copy["events"]} == happened(before[0])
    receipt = shell.json("person", "erase", "-i", one, "--yes")
    assert receipt["erased"]["history"] == len(copy["events"])
    assert "Not found" in shell.refuses("person", "show", "-i", one)
    assert steady(shell.json("person", "show", "-i", other, "--timeline", "500")) == steady(
        before[1]
    )
    for projection in ("profiles", "identity", "audiences"):
        shell.json("rebuild", projection)
    shell.audited()
    assert shell.json("report", "overview")["events"] == len(events) - len(copy["events"])
    assert "Not found" in shell.refuses("person", "show", "-i", one)


def two_strangers(events: list[dict[str, Any]]) -> tuple[str, str]:
    """Identifiers of two people with behaviour of their own; the market never mixes them up."""
    accounts = sorted(
        {e["identifiers"]["taobao_id"] for e in events if "taobao_id" in e["identifiers"]}
    )
    return f"taobao_id:{accounts[0]}", f"taobao_id:{accounts[1]}"


def named(profile: dict[str, Any]) -> set[str]:
    return {one["identifier"] for one in profile["identifiers"]}


def happened(profile: dict[str, Any]) -> set[str]:
    return {event["event_id"] for event in profile["timeline"]}


def steady(profile: dict[str, Any]) -> dict[str, Any]:
    """A profile without the moment of asking."""
    tags = [{k: v for k, v in tag.items() if k != "as_of"} for tag in profile["tags"]]
    return {**profile, "tags": tags, "consents": None}


def test_the_house_is_looked_after(shell: Shell, tmp_path: Path) -> None:
    assert shell.json("doctor")["ok"] is True
    key = shell.json("key", "create", "--scopes", "reports:read,events:write", "--expires", "7d")
    assert key["key"].startswith(f"qk_{key['prefix']}_")
    listed = shell.says("key", "list", "--json")
    assert key["key"] not in listed
    assert json.loads(listed)["keys"][0]["state"] == "in force"
    assert shell.json("key", "revoke", key["key"]) == {"revoked": key["prefix"]}
    assert shell.json("key", "list")["keys"][0]["state"] == "revoked"
    assert "in force" in shell.refuses("key", "revoke", key["prefix"])
    odd = {"event_id": "x1", "kind": "vew", "at": "2026-05-01T20:15:00+08:00",
           "touchpoint": "taobao.search", "identifiers": {"phone": "13800138000"}}  # fmt: skip
    (tmp_path / "odd.ndjson").write_text(json.dumps(odd))
    taken = shell.run("import", "events", str(tmp_path / "odd.ndjson"))
    assert (taken.code, "unknown_kind" in taken.err) == (0, True)
    kept = shell.json("events", "quarantine")
    assert (kept["counts"], len(kept["entries"])) == ({"unknown_kind": 1}, 1)
    number = str(kept["entries"][0]["id"])
    assert "13800138000" not in shell.json("events", "show", number)["text"]
    (tmp_path / "mended.json").write_text(json.dumps({**odd, "kind": "view"}))
    mended = shell.json("events", "replay", number, "--with", str(tmp_path / "mended.json"))
    assert mended["accepted"] == 1
    assert shell.json("events", "quarantine")["entries"] == []
    assert shell.json("person", "show", "-i", "phone:+86 138-0013-8000")["timeline"]
    checks = {one["name"]: one["status"] for one in shell.json("doctor")["checks"]}
    assert checks["master key and database"] == "ok"
    (shell.data_dir / "master.key").chmod(0o644)
    bad = shell.run("doctor", "--json")
    assert (bad.code, json.loads(bad.out)["ok"]) == (1, False)
