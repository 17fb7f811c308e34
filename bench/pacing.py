"""Pacing a budget over a day of auctions: ours beside linear bidding, PID and RLB, in one replay.

    quanyu bench pacing [--log FILE] [--train FILE] [--budget-share 1/32]… [--no-rlb] [--seed 1]

A log has the columns click, market price, pctr, in this order or under a header (then ``second``
of the day may stand among them), split by commas, tabs or blanks. Prices are in any unit; the
budget is a share of what all auctions of the log cost together. ``--train`` is an earlier day:
peers take their base bid, price distribution and mean pctr from it, ours begins with its
landscape. Without it the peers are fitted to the log itself, in hindsight, and ours begins with
nothing. Without ``--log`` two days are made up with known truth (pctr calibrated, then
over-confident) and the second one is played. "best constant" is no policy but a bound: the
multiplier that, had the day been known, just spends the budget.
"""

import argparse
from collections.abc import Sequence
from fractions import Fraction

from bench.pacing_log import Log, made_up, read_log
from bench.pacing_policies import Played, Training, best_constant, linear, ours, pid, rlb
from quanyu.errors import BadInput

SHARES = ("1/32", "1/16", "1/8", "1/4", "1/2")
TARGET_US = 5
HEADING = (
    f"{'share':<6} {'policy':<14} {'clicks':>7} {'Σ pctr':>8} {'spend':>14} {'used':>7}"
    f" {'CPC':>10} {'won':>7} {'µs/auction':>11}"
)
PEERS = {"linear": linear, "PID": pid, "RLB": rlb}


def replay(
    title: str, log: Log, before: Log | None, *, shares: Sequence[str], with_rlb: bool
) -> None:
    print(f"\n{title}: {len(log):,} auctions, {int(log.click.sum()):,} clicks", flush=True)
    print(HEADING)
    training = Training(before or log)
    for share in shares:
        budget = float(log.price.sum()) * share_of(share)
        show(share, "ours", ours(log, budget, before), log=log, budget=budget)
        for name, policy in PEERS.items():
            if name != "RLB" or with_rlb:
                show(share, name, policy(log, budget, training), log=log, budget=budget)
        show(share, "best constant", best_constant(log, budget), log=log, budget=budget)


def show(share: str, name: str, played: Played, *, log: Log, budget: float) -> None:
    cost = f"{played.spend / played.clicks:10.1f}" if played.clicks else " " * 10
    each = 1e6 * played.seconds / len(log)
    remark = f"  target ≤ {TARGET_US}" if name == "ours" else ""
    used, won = played.spend / budget, played.wins / len(log)
    print(
        f"{share:<6} {name:<14} {played.clicks:>7,} {played.expected:>8.1f} {played.spend:>14,.0f}"
        f" {used:>7.1%} {cost} {won:>7.1%} {each:>11.2f}{remark}",
        flush=True,
    )


def share_of(text: str) -> float:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise BadInput("--budget-share", f"give a share such as 1/32, not {text[:40]!r}")
    return float(share)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench pacing")
    parser.add_argument("--log")
    parser.add_argument("--train")
    parser.add_argument("--budget-share", action="append")
    parser.add_argument("--no-rlb", action="store_true")
    parser.add_argument("--auctions", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    shares = given.budget_share or SHARES
    for share in shares:
        share_of(share)
    if given.log:
        before = read_log(given.train, option="--train") if given.train else None
        title = given.log + ("" if before else " (peers in hindsight, ours from nothing)")
        log = read_log(given.log)
        replay(title, log, before, shares=shares, with_rlb=not given.no_rlb)
        return 0
    for wrong, title in (
        (False, "made up, pctr calibrated"),
        (True, "made up, pctr over-confident"),
    ):
        days = [
            made_up(seed=given.seed, day=day, auctions=given.auctions, miscalibrated=wrong)
            for day in (1, 2)
        ]
        replay(title, days[1], days[0], shares=shares, with_rlb=not given.no_rlb)
    return 0
