"""Exit codes: 0 answered, 2 bad input with one line that names the mend, 1 anything else."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from quanyu.errors import BadInput, NotFound, StorageUnavailable
from quanyu.interfaces.cli import main


def quanyu(*words: str) -> subprocess.CompletedProcess[str]:
    program = "from quanyu.interfaces.cli.main import run; run()"
    order = [sys.executable, "-W", "error", "-c", program, *words]
    return subprocess.run(order, capture_output=True, text=True, check=False)


def test_a_version_is_an_answer() -> None:
    answer = quanyu("version")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.strip()


@pytest.mark.parametrize(
    "words", [("nosuch",), ("version", "--foo"), ("serve", "--port", "x"), ("serve", "--port", "0")]
)
def test_a_wrong_word_costs_one_line_and_exit_2(words: tuple[str, ...]) -> None:
    answer = quanyu(*words)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.strip().splitlines()) == 1


def test_help_is_help() -> None:
    answer = quanyu("--help")
    assert answer.returncode == 0
    assert "serve" in answer.stdout


def raiser(error: Exception) -> Callable[[], None]:
    def fails(*_: object, **__: object) -> None:
        raise error

    return fails


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("--window", "write a duration such as 7d"), 2),
        (NotFound("no person has this identifier"), 2),
        (StorageUnavailable("stopped"), 1),
        (ZeroDivisionError("a bug"), 1),
        (BrokenPipeError(), 0),
    ],
)
def test_failures_become_exit_codes(
    error: Exception,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("QUANYU_DEBUG", raising=False)
    monkeypatch.setattr(main.typer.main, "get_command", raiser(error))
    if isinstance(error, BrokenPipeError):
        monkeypatch.setattr(main.sys, "stderr", open("/dev/null", "w"))  # noqa: SIM115
    with pytest.raises(SystemExit) as stopped:
        main.run()
    assert stopped.value.code == code
    assert len(capfd.readouterr().err.strip().splitlines()) <= 1


def test_a_bug_shows_its_trace_to_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DEBUG", "1")
    monkeypatch.setattr(main.typer.main, "get_command", raiser(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        main.run()
