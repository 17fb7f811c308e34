"""Prices of a cart of 20 lines, over 50 and 200 offers, with the trace of every offer.

    quanyu bench pricing [--rounds 300] [--no-peers]

Ours chooses the cheapest lawful combination of all lanes, shares every discount out and says why
each offer applies or not. The peers, through node, get the same carts and of the offers those that
they have a form for (items and shops, 60 %), and apply them in the order given, without choice,
funders or reasons: Medusa's promotion module, and Vendure's OrderCalculator with its real entities
and strategies but without its database (a tax zone of 0 %, no shipping; its amounts off go over the
whole order, as it has no shops). They are installed with npm below the cache folder of the user,
and left out with a line where there is no npm. Time on the processor is printed beside the time on
the clock, and ours ÷ peer is of that: a busy machine moves it less.
"""

import argparse
import gc
import json
import os
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quanyu.promotions.pricing import Offer, OfferIndex, decode_cart, decode_offers, evaluate

CARTS = 10
LINES = 20
SHOPS = ("S0", "S1", "S2", "S3")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "quanyu" / "bench"
PEERS = {
    "medusa": ("@medusajs/promotion", "@medusajs/framework"),
    "vendure": ("@vendure/core",),
}
SCRIPTS = Path(__file__).parent / "peers"


def cart_of(chance: random.Random) -> dict[str, Any]:
    lines = [
        {
            "line": f"L{n:02}",
            "shop": chance.choice(SHOPS),
            "item": f"i{n}",
            "category": f"c{n % 5}",
            "quantity": chance.randint(1, 3),
            "list_price": chance.randint(1000, 30000),
            "flags": ["cross_shop"] if n % 2 else [],
        }
        for n in range(LINES)
    ]
    return {
        "now": "2026-11-11T20:00:00+08:00",
        "lines": lines,
        "shipping": [{"shop": shop, "amount": 600} for shop in SHOPS],
        "eligibility": ["88vip"],
        "points_to_spend": 500,
        "payment": {"method": "alipay"},
    }


def offer_of(chance: random.Random, number: int) -> dict[str, Any]:
    """Of ten: three on items, one of members, three of shops, one across shops, shipping, order."""
    kind, shop = number % 10, chance.choice(SHOPS)
    small = {
        "amount": chance.choice([1000, 2000, 3000]),
        "threshold": chance.choice([10000, 30000]),
    }
    forms: list[dict[str, Any]] = [
        *[{"lane": "item", "scope": {"items": [f"i{chance.randrange(LINES)}"]},
           "benefit": {"percent_off": {"percent": chance.choice([10, 20, 30])}}}] * 3,
        {"lane": "member", "scope": {"categories": [f"c{chance.randrange(5)}"]},
         "benefit": {"percent_off": {"percent": 5}}, "requires": ["88vip"]},
        *[{"lane": "shop", "shop": shop, "benefit": {"amount_off": small}}] * 2,
        {"lane": "shop", "kind": "coupon", "shop": shop, "benefit": {"amount_off": small}},
        {"lane": "cross_shop", "funders": {"platform": 40, "merchant": 60},
         "benefit": {"amount_off": {"amount": 5000, "threshold": 30000, "repeat": True}}},
        {"lane": "shipping", "shop": shop, "benefit": {"free_shipping": {"threshold": 9900}}},
        {"lane": "red_packet", "funders": {"platform": 100},
         "benefit": {"amount_off": {"amount": 500, "threshold": 5000}}},
    ]  # fmt: skip
    return {"id": f"o{number:06}", **forms[kind]}


def ours(offers: int, *, rounds: int, others: int = 0) -> dict[str, float]:
    """``others``: offers of the catalogue that no line of the cart finds."""
    took, used, optimal = [], [], 0
    for seed in range(CARTS):
        chance = random.Random(seed)
        cart = decode_cart(json.dumps(cart_of(chance)))
        said = [offer_of(chance, n) for n in range(offers)]
        said += [
            {"id": f"z{n:06}", "lane": "item", "scope": {"items": [f"other{n}"]},
             "benefit": {"percent_off": {"percent": 10}}}
            for n in range(others)
        ]  # fmt: skip
        index = OfferIndex(decoded(said))
        gc.collect()
        for _ in range(rounds // CARTS):
            begun, before = time.perf_counter(), time.process_time()
            quote = evaluate(cart, index)
            used.append(1000 * (time.process_time() - before))
            took.append(1000 * (time.perf_counter() - begun))
        optimal += quote.optimal
    return {**figures(took, used), "optimal": 100 * optimal / CARTS}


def decoded(said: Sequence[dict[str, Any]]) -> list[Offer]:
    """In pieces: a document has a largest size."""
    return [
        offer
        for begin in range(0, len(said), 10_000)
        for offer in decode_offers(json.dumps(said[begin : begin + 10_000]))
    ]


def figures(took: Sequence[float], used: Sequence[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[len(ordered) * 99 // 100],
        "processor": statistics.median(used),
    }


def installed(name: str) -> Path | str:
    """The folder of a peer, or why there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not on PATH"
    folder, packages = CACHE / name, PEERS[name]
    if (folder / "node_modules" / packages[0]).exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
    try:
        done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        return "npm took more than ten minutes"
    return folder if done.returncode == 0 else "npm could not install it"


def version_of(name: str, folder: Path) -> str:
    told = json.loads((folder / "node_modules" / PEERS[name][0] / "package.json").read_text())
    return f"{name.title()} {told['version']}"


def peer(name: str, folder: Path, *, offers: int, rounds: int) -> dict[str, float]:
    """The same carts; of the offers those that the peer has a form for: items and shops."""
    took: list[float] = []
    used: list[float] = []
    for seed in range(CARTS):
        chance = random.Random(seed)
        lines = cart_of(chance)["lines"]
        said = [simple(offer_of(chance, n)) for n in range(offers)]
        asked = {"lines": lines, "rounds": rounds // CARTS, "offers": [one for one in said if one]}
        done = subprocess.run(
            ["node", str(SCRIPTS / f"{name}.js"), str(folder)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            check=True,
        )
        answer = json.loads(done.stdout)
        assert answer["actions"] > 0, "the peer applied nothing"
        took += answer["ms"]
        used += answer["processor_ms"]
    return figures(took, used)


def simple(said: dict[str, Any]) -> dict[str, Any] | None:
    benefit = said["benefit"]
    if said["lane"] == "item":
        item = said["scope"]["items"][0]
        return {"id": said["id"], "item": item, "percent": benefit["percent_off"]["percent"]}
    if said["lane"] == "shop":
        return {"id": said["id"], "shop": said["shop"], **benefit["amount_off"]}
    return None


def show(name: str, found: dict[str, float], remark: str = "") -> None:
    share = f"  optimal {found['optimal']:.0f} %" if "optimal" in found else ""
    print(
        f"{name:<44} p50 {found['p50']:8.3f} ms  p99 {found['p99']:8.3f} ms"
        f"  processor p50 {found['processor']:8.3f} ms{share}  {remark}",
        flush=True,
    )


def show_peer(name: str, mine: dict[int, dict[str, float]], *, rounds: int) -> None:
    folder = installed(name)
    if isinstance(folder, str):
        print(f"{name} left out: {folder}")
        return
    for offers, ours_found in mine.items():
        found = peer(name, folder, offers=offers, rounds=rounds)
        ratio = ours_found["processor"] / found["processor"]
        title = f"{version_of(name, folder)}, 60 % of those {offers} offers"
        show(title, found, f"ours ÷ peer {ratio:.2f}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench pricing")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--no-peers", action="store_true")
    given = parser.parse_args(arguments)
    mine = {}
    for offers, target in ((50, "target p50 ≤ 0.5 ms"), (200, "target p50 ≤ 2.5 ms")):
        mine[offers] = ours(offers, rounds=given.rounds)
        show(f"{LINES} lines × {offers} offers", mine[offers], target)
    for others in (1_000, 10_000, 99_000):
        found = ours(50, rounds=given.rounds // 3, others=others)
        show(f"… 50 of a catalogue of {others + 50:,}", found, "target: as without")
    for name in () if given.no_peers else PEERS:
        show_peer(name, mine, rounds=given.rounds)
    return 0
