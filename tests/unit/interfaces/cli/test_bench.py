"""``quanyu bench`` runs the modules that lie beside the source, under their own names."""

import pickle
import sys

import pytest

from quanyu.errors import BadInput
from quanyu.interfaces.cli.bench import main_of, names


def test_the_benches_of_the_issue_are_there() -> None:
    assert {"intake", "identity", "audience", "funnel"} <= set(names())


@pytest.mark.parametrize("name", names())
def test_what_a_bench_defines_can_be_sent_to_another_process(name: str) -> None:
    """Benches start processes of their own; what they run there must be found by its name."""
    main = main_of(name)
    assert pickle.loads(pickle.dumps(main)) is main
    assert sys.modules[f"bench.{name}"].main is main


def test_a_bench_that_is_not_there() -> None:
    from typer.testing import CliRunner

    from quanyu.interfaces.cli.main import app

    answer = CliRunner().invoke(app, ["bench", "nothing"])
    assert isinstance(answer.exception, BadInput)
    assert "audience" in str(answer.exception)
