"""``quanyu bench``: the measurements of a source checkout."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from quanyu.errors import BadInput

app = typer.Typer()

FOLDER = Path(__file__).resolve().parents[4] / "bench"


@app.command("bench", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="intake, identity, audience, funnel, …")],
) -> None:
    """Run one bench; further arguments are its own. Figures stand next to their targets."""
    known = names()
    if not known:
        raise BadInput("bench", "benches live in the source checkout; clone it and run there")
    if name not in known:
        raise BadInput("bench", f"{name[:40]} is not one of {', '.join(known)}")
    raise typer.Exit(main_of(name)(context.args) or 0)


def names() -> list[str]:
    return sorted(p.stem for p in FOLDER.glob("[a-z]*.py") if "def main(" in p.read_text())


def main_of(name: str) -> Callable[[list[str]], int | None]:
    sys.path.insert(0, str(FOLDER.parent))
    module = importlib.import_module(f"bench.{name}")
    main: Callable[[list[str]], int | None] = module.main
    return main
