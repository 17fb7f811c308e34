"""Does a draft say only what the brief says? Figures and promises are what can be told apart."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

import msgspec

from quanyu.compliance.verdict import Hit, Severity
from quanyu.content.generation.brief import Brief
from quanyu.content.generation.draft import Draft
from quanyu.content.generation.material import yuan
from quanyu.content.generation.numerals import figures_in

FIGURE = re.compile(r"\d+(?:[.,．]\d+)*")
HOUSE_RULE = "写作规则：只说简报里有的事实"


@cache
def promises() -> tuple[str, ...]:
    data = resources.files(__package__).joinpath("promises.toml").read_bytes()
    return tuple(msgspec.toml.decode(data, type=dict[str, list[str]])["words"])


def invented(draft: Draft, brief: Brief) -> tuple[Hit, ...]:
    """Figures and promises of the draft that no text of the brief holds."""
    source = folded("\n".join(sources(brief)))
    known = {*FIGURE.findall(source), *(str(value) for _, value in figures_in(source))}
    fields = draft.fields()
    found = (_in_text(field, text, known=known, source=source) for field, text in fields)
    return tuple(hit for hits in found for hit in hits)


def sources(brief: Brief) -> Iterable[str]:
    """All that may be quoted, amounts as they are said."""
    yield from (text for _, text in brief.texts())
    for one in brief.items:
        amounts = (one.price_fen, one.reference_fen)
        yield from (form for fen in amounts if fen is not None for form in amounts_of(fen))


def amounts_of(fen: int) -> tuple[str, ...]:
    """9990 → 99.9元, 99.90: both ways to write it are the same amount."""
    return yuan(fen), f"{fen // 100}.{fen % 100:02d}"


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _in_text(field: str, text: str, *, known: set[str], source: str) -> Iterator[Hit]:
    for found in FIGURE.finditer(text):
        if folded(found[0]) not in known:
            yield _hit(field, found[0], kind="figure", why="简报里没有这个数字")
    for written, value in figures_in(text):
        if str(value) not in known and written not in source:
            yield _hit(field, written, kind="figure", why="简报里没有这个数字")
    for word in promises():
        if word in text and word not in source:
            yield _hit(field, word, kind="promise", why="简报里没有这项承诺或说法")


def _hit(field: str, text: str, *, kind: str, why: str) -> Hit:
    return Hit(
        rule=f"generation.{kind}", article=HOUSE_RULE, severity=Severity.BLOCK, field=field,
        text=text, why=why, suggestion="删掉，或先写进简报",
    )  # fmt: skip
