"""Review of ad copy: how fast, how much of each evasion it sees, and what it takes for wrong.

    quanyu bench copy [--rounds 2000] [--misses]

Speed: an ad of 200 characters without and with hits, and ads of the mixture of the corpora; time on
the processor, because the machine is shared. Recall: sentences that break the law per pack, and
evasions per trick, as written by hand and made by machine out of the blocked sentences. Precision:
ordinary sentences with ordinals and near-misses. ``unseen.tsv`` was written after the packs; the
phrases for free wording were written with it in sight. ``blind_*.tsv`` are by another hand that had
not seen the packs: their first figures stand in docs/law.md, and say what free wording does to any
list of words.
"""

import argparse
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import opencc

from quanyu.compliance.copy import review
from quanyu.compliance.verdict import Hit, Severity

TEXTS = Path(__file__).parent / "copy_texts"
ON = date(2026, 11, 22)
ESCAPED = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\n")
PLAIN = "这款面霜质地轻盈，滋润不油腻，适合秋冬早晚使用，家里人人都喜欢它。" * 6
Row = tuple[str, str, str]


def rows(name: str) -> Iterator[list[str]]:
    for line in (TEXTS / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield ESCAPED.sub(character, line).split("\t")


def character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else "\n"


def counted(text: str, industry: str) -> list[Hit]:
    """Hits that count; what must stand in a whole ad cannot be asked of a sentence."""
    found = review(text, industry=industry, on=ON).hits
    return [hit for hit in found if hit.exempt is None and not hit.rule.startswith("must.")]


def objected(text: str, industry: str) -> bool:
    return any(hit.severity is not Severity.WARN for hit in counted(text, industry))


def blocked_by_term(text: str, industry: str) -> bool:
    """Not only because of characters that nobody sees."""
    hits = counted(text, industry)
    return any(hit.severity is Severity.BLOCK and hit.rule != "hidden.characters" for hit in hits)


def blocked(text: str, industry: str) -> bool:
    return any(hit.severity is Severity.BLOCK for hit in counted(text, industry))


@cache
def traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


TRICKS: dict[str, Callable[[str], str]] = {
    "space between": " ".join,
    "dot between": "·".join,
    "star between": "★".join,
    "U+200B between": "\u200b".join,
    "U+3164 between": "\u3164".join,
    "U+00AD between": "\u00ad".join,
    "strike-through": lambda text: "".join(one + "\u0336" for one in text),
    "traditional": lambda text: traditional().convert(text),
    "full width": lambda text: "".join(
        chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text
    ),
    "capitals": str.upper,
    "vertical": "\n".join,
}
"""Each is done to whole sentences that are blocked as they stand."""


def by_machine() -> dict[str, tuple[int, int]]:
    """Trick → (still blocked for the term, all)."""
    texts = [(text, industry) for _, industry, text in rows("violations.tsv")]
    texts = [one for one in texts if blocked_by_term(*one)]
    return {
        name: (sum(blocked_by_term(trick(text), industry) for text, industry in texts), len(texts))
        for name, trick in TRICKS.items()
    }


def by_hand() -> dict[str, tuple[int, int]]:
    return tally("tricks.tsv", blocked)


def tally(name: str, seen: Callable[[str, str], bool]) -> dict[str, tuple[int, int]]:
    """First column → (seen, all)."""
    told: dict[str, list[bool]] = defaultdict(list)
    for kind, industry, text in rows(name):
        told[kind].append(seen(text, industry))
    return {kind: (sum(found), len(found)) for kind, found in told.items()}


def false_alarms(name: str = "clean.tsv") -> list[tuple[str, str]]:
    return [(industry, text) for industry, text in rows(name) if objected(text, industry)]


def show_false_alarms(name: str) -> None:
    wrong, clean = false_alarms(name), sum(1 for _ in rows(name))
    print(f"false alarms, {name}: {len(wrong)}/{clean} = {100 * len(wrong) / clean:.1f} %   ≤ 1 %")
    for industry, text in wrong:
        print(f"    {industry} {text}")


def missed() -> Iterator[str]:
    for name, seen in (
        ("violations.tsv", objected),
        ("tricks.tsv", blocked),
        ("blind_violations.tsv", objected),
    ):
        for kind, industry, text in rows(name):
            if not seen(text, industry):
                yield f"{name} {kind} {industry} {text!r}"


def took_us(texts: Sequence[tuple[str, str]], rounds: int) -> list[float]:
    took = []
    for number in range(rounds):
        text, industry = texts[number % len(texts)]
        begun = time.process_time_ns()
        review(text, industry=industry, on=ON)
        took.append((time.process_time_ns() - begun) / 1000)
    return took


def speed(name: str, texts: Sequence[tuple[str, str]], rounds: int, target: str) -> None:
    took_us(texts, len(texts))
    took = sorted(took_us(texts, rounds))
    mean = statistics.fmean(took)
    print(
        f"{name:<36} p50 {took[len(took) // 2]:7.0f} µs  p99 {took[len(took) * 99 // 100]:7.0f} µs"
        f"  {1e6 / mean:8,.0f} texts/s/core   {target}",
        flush=True,
    )


def speeds(rounds: int) -> None:
    begun = time.process_time()
    review("最佳", industry="toys", on=ON)
    print(f"first review of an industry: {time.process_time() - begun:.2f} s")
    speed("200 characters, no hit", [(PLAIN, "cosmetics")], rounds, "target p50 ≤ 1,000 µs")
    speed("… with two hits", [(PLAIN + "最佳，国家级", "cosmetics")], rounds, "p50 ≤ 1,000 µs")
    lawful = [(text, industry) for industry, text in rows("clean.tsv")]
    speed("ordinary sentences", lawful, rounds, "target 10,000 texts/s/core")
    unlawful = [(text, industry) for _, industry, text in rows("violations.tsv")]
    speed("sentences that break the law", unlawful, rounds, "target 10,000 texts/s/core")


def show(title: str, found: dict[str, tuple[int, int]], target: str) -> None:
    seen, total = sum(one for one, _ in found.values()), sum(one for _, one in found.values())
    print(f"{title}: {seen}/{total} = {100 * seen / total:.1f} %   {target}")
    for kind, (one, of) in found.items():
        print(f"    {kind:<18} {one:4}/{of:<4} {100 * one / of:6.1f} %")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench copy")
    parser.add_argument("--rounds", type=int, default=2_000)
    parser.add_argument("--misses", action="store_true", help="list what was not seen")
    given = parser.parse_args(arguments)
    show("recall per pack, held out", tally("violations.tsv", objected), "target ≥ 95 %")
    show("evasions by hand", by_hand(), "target ≥ 95 %")
    show("evasions by machine", by_machine(), "target ≥ 95 %")
    show("second sitting", tally("unseen.tsv", objected), "breaks: high; lawful: 0")
    show("blind, by another hand", tally("blind_violations.tsv", objected), "high")
    for name in ("clean.tsv", "near_lawful.tsv", "blind_clean.tsv"):
        show_false_alarms(name)
    if given.misses:
        print(*missed(), sep="\n")
    speeds(given.rounds)
    return 0
