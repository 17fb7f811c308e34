"""``quanyu check-copy``: may this text be shown? Reads standard input and opens no database."""

import unicodedata
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.clock import SystemClock, china_day
from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption

if TYPE_CHECKING:
    from quanyu.compliance.copy import OnRecord
    from quanyu.compliance.verdict import Hit, Verdict

app = typer.Typer()
TEXT_BYTES_MAX = 4 << 20
EVIDENCE_BYTES_MAX = 64 << 20
SHOWN_MAX = 50
MARK = "▯"
VERDICTS = {
    "pass": "通过", "warn": "通过，有提醒", "label": "须先加标注", "need_proof": "须先举证",
    "block": "不得展示",
}  # fmt: skip
STYLES = {"warn": "yellow", "label": "magenta", "need_proof": "cyan", "block": "red"}


@app.command("check-copy")
def check_copy(
    industry: Annotated[str, typer.Option("--industry", help="general, food, cosmetics, …")],
    on: Annotated[
        str | None, typer.Option("--on", help="Under the law of that day; default today.")
    ] = None,
    touchpoint: Annotated[
        str | None, typer.Option("--touchpoint", help="Such as taobao.live; none: any, strictly.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option("--evidence", help="JSON, docs/law.md; files lie beside it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Reads a text from standard input and says what the law says of it, where and why."""
    from quanyu.compliance.copy import review

    text = text_in(read_file("-", option="TEXT", bytes_max=TEXT_BYTES_MAX))
    day = china_day(SystemClock().now_us()) if on is None else day_in(on)
    found = review(
        text, industry=industry, on=day, touchpoint=touchpoint, record=record_in(evidence)
    )
    if as_json:
        print_json(found.as_json())
    else:
        show(text, found)


def text_in(raw: bytes) -> str:
    """A byte order mark of the file is no part of the text."""
    try:
        return raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadInput("TEXT", f"send UTF-8: byte {error.start} is not") from None


def day_in(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BadInput("--on", f"{said[:40]!r} is not a day such as 2026-11-22") from None


def record_in(evidence: str | None) -> "OnRecord":
    """Claims of a file, each with the hash that its own file has now."""
    from quanyu.compliance.copy import Claim, OnRecord, with_files
    from quanyu.strict import decoded

    if evidence is None:
        return OnRecord()
    claims = decoded(read_file(evidence, option="--evidence"), list[Claim], name="evidence")
    for place, claim in enumerate(claims):
        if claim.found_sha256 is not None:
            raise BadInput(f"evidence[{place}].found_sha256", "leave it out: it is looked up")
    folder = Path(evidence).resolve().parent
    return OnRecord(claims=with_files(claims, lambda name: content_of(folder, name)))


def content_of(folder: Path, name: str) -> bytes | None:
    """Of a file beside the list, or below; None when there is none."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder):
        raise BadInput("evidence.file", f"{name[:80]!r} does not lie beside the list of evidence")
    if not file.is_file():
        return None
    if file.stat().st_size > EVIDENCE_BYTES_MAX:
        raise BadInput("evidence.file", f"{name[:80]!r}: at most {EVIDENCE_BYTES_MAX >> 20} MiB")
    return file.read_bytes()


def visible(text: str) -> str:
    """Each character that a terminal obeys or hides as one that is seen; places stay."""
    return "".join(
        one if one in "\n\t" or unicodedata.category(one)[0] != "C" else MARK for one in text
    )


def show(text: str, found: "Verdict") -> None:
    """For people: the text with its hits marked, then each with its article and its mend."""
    from rich.text import Text

    shown = Text(visible(text))
    for hit in found.hits:
        style = "green" if hit.exempt is not None else STYLES.get(hit.severity, "")
        shown.stylize(f"{style} underline", hit.start, hit.end)
    console.print(shown)
    console.print(f"结论：{VERDICTS[found.verdict]}", markup=False)
    if found.hits:
        show_hits(found.hits)


def show_hits(hits: "tuple[Hit, ...]") -> None:
    rows = table("命中", "位置", "文字", "结论", "依据", "原因", "怎么改")
    for column in rows.columns[2:]:
        column.overflow = "fold"
    for hit in hits[:SHOWN_MAX]:
        place = f"{hit.start}–{hit.end}" if hit.end else "全文"
        if hit.exempt is not None:
            rows.add_row(place, visible(hit.text), "豁免", hit.exempt, hit.why, "")
            continue
        rows.add_row(
            place, visible(hit.text), VERDICTS[hit.severity], hit.article, hit.why, hit.suggestion
        )
    console.print(rows)
    if len(hits) > SHOWN_MAX:
        console.print(f"另有 {len(hits) - SHOWN_MAX} 处，见 --json", markup=False)
