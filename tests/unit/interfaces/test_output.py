"""How commands speak."""

import json

import pytest

from quanyu.interfaces.cli.output import bar, print_json, progress, table


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0.0, ""), (1.0, "█" * 10), (0.5, "█" * 5), (0.05, "▌"), (2.0, "█" * 10), (-1.0, "")],
)
def test_a_bar_shows_a_share_in_eighths(share: float, drawn: str) -> None:
    assert bar(share, width=10).rstrip() == drawn


def test_json_is_one_document_on_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_json({"人群": [1, 2], "share": 0.5})
    out, err = capfdbinary.readouterr()
    assert json.loads(out) == {"人群": [1, 2], "share": 0.5}
    assert out.endswith(b"\n")
    assert err == b""


def test_a_table_right_aligns_what_it_is_told_to() -> None:
    made = table("报表", "步骤", "人数", right=(1,))
    assert [column.justify for column in made.columns] == ["left", "right"]


def test_progress_is_silent_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    with progress() as shown:
        shown.advance(shown.add_task("working", total=1))
    assert capfd.readouterr() == ("", "")
