"""Scripts per second, through the gate and without near-duplicates, for each kind.

    quanyu bench generation [--count 200]

One process. A script counts when it has passed the review of its day, both AIGC marks are on it and
no other of the run resembles it; what was thrown away is printed beside it, and so is the mean
resemblance of two scripts (shared runs of five characters by all runs of both).
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from quanyu.content.generation.making import Maker, Tally, Wish, gate_of, proofs_of
from quanyu.content.generation.template import TemplateWriter
from quanyu.interfaces.generating import read_brief

BRIEFS = Path(__file__).parents[1] / "examples" / "briefs"
KINDS = ("show-script", "video-script", "creative", "article")


def measured(kind: str, name: str, count: int) -> str:
    brief = read_brief((BRIEFS / f"{name}.json").read_bytes())
    maker = Maker(TemplateWriter(), gate_of(brief, proofs_of(brief)), "bench")
    maker.review("warm")
    tally, characters, begun = Tally(asked=count), 0, time.perf_counter()
    for one in maker.tries(Wish(kind=kind, brief=brief, count=count)):  # type: ignore[arg-type]
        tally.add(one)
        characters += 0 if one.made is None else len(one.made.draft.whole())
    seconds = time.perf_counter() - begun
    removed = tally.duplicates / max(1, tally.drafts)
    return (
        f"{kind:<14}{name:<20}{tally.made:>6}{tally.made / seconds:>9.1f}/s"
        f"{characters // max(1, tally.made):>9}{removed:>10.1%}{tally.given_up:>9}"
        f"{maker.seen.mean_resemblance() or 0:>12.2f}"
    )


def main(argv: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench generation")
    parser.add_argument("--count", type=int, default=200)
    count = parser.parse_args(argv).count
    print(f"{'kind':<14}{'brief':<20}{'made':>6}{'speed':>11}{'length':>9}{'removed':>10}"
          f"{'given up':>9}{'resemblance':>12}")  # fmt: skip
    for kind in KINDS:
        for name in ("serum_and_lipstick", "hotpot_for_four"):
            print(measured(kind, name, count))
    return 0
