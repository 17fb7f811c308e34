"""How commands speak: one JSON document on standard output, or tables for people."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

console = Console(highlight=False, emoji=False)
notices = Console(stderr=True, highlight=False, emoji=False)


def print_json(document: Any) -> None:
    """One JSON document and nothing else on standard output."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    sys.stdout.buffer.flush()


class PlainTable(Table):
    """Cells are shown as they are: a text from outside may hold what rich takes for markup."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        shown = (Text(cell) if isinstance(cell, str) else cell for cell in cells)
        super().add_row(*shown, **options)


def table(title: str, *columns: str, right: tuple[int, ...] = ()) -> Table:
    """A table whose columns line up with Chinese text; ``right`` lists right-aligned columns."""
    made = PlainTable(title=title, title_justify="left", header_style="bold", expand=False)
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number in right else "left", overflow="fold")
    return made


def bar(share: float, width: int = 20) -> str:
    """A bar of eighth blocks for a share between 0 and 1."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """A progress display on standard error, silent when that is not a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
    )
    disabled = quiet or not notices.is_terminal
    with Progress(*columns, console=notices, transient=True, disable=disabled) as shown:
        yield shown
