"""Names come from outside: whatever they hold is shown as it is, in columns that line up."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from quanyu.interfaces.cli.output import table


@pytest.mark.parametrize(
    "name",
    [
        "[/red]",
        "[new] 口红",
        "[bold]茶[/bold]",
        "[link=http://x]go[/link]",
        "【限时】袜子",
        "a\\[b]",
    ],
)
def test_a_cell_is_no_markup(name: str) -> None:
    rows = table("热榜", "商品", "次数", right=(1,))
    rows.add_row(name, "1,234")
    rows.add_row("口红", "7")
    shown = io.StringIO()
    Console(file=shown, width=80, highlight=False).print(rows)
    lines = [line.rstrip() for line in shown.getvalue().splitlines()[1:]]
    assert len({cell_len(line) for line in lines}) == 1
    assert name in shown.getvalue()
    assert lines[-2].endswith("    7 │"), "figures stay on the right"
