"""Processes that may be made to exit at a named point. One process imports the engine, once, and
forks a child for each run: a death is as sudden as that of a process of its own.

``python -m tests.drills.mortals`` reads one order per line from its input and answers each with a
line: {"exit", "reached", "errors"}.
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
END = "the points end here"
DOORS = ("quanyu.interfaces", "quanyu.measurement", "quanyu.simulator", "quanyu.touchpoints")


class Ended(NamedTuple):
    exit: int
    reached: list[str]
    """Every named point that it passed, once, in order; nothing for one that died."""
    errors: str


class Mortals:
    def __init__(self, life: str = f"{__name__}:obey") -> None:
        """``life``: ``module:function`` that is called in the child with command and place."""
        self._life = life

    def __enter__(self) -> "Mortals":
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, self._life],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def run(self, command: str, *, url: str, data_dir: Path, point: str | None = None) -> Ended:
        """On that database and directory."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"command": command, "url": url, "data_dir": str(data_dir), "point": point}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


class Passed(str):
    """Is no point's name, and keeps those that it is compared with."""

    __slots__ = ("names",)

    def __init__(self) -> None:
        self.names: list[str] = []

    def __eq__(self, name: object) -> bool:
        self.names.append(str(name))
        return False

    __hash__ = str.__hash__


def serve(life: str) -> None:
    import quanyu

    module, _, name = life.partition(":")
    do = getattr(importlib.import_module(module), name)

    for module in pkgutil.walk_packages(quanyu.__path__, "quanyu."):
        if not module.name.startswith(DOORS):
            importlib.import_module(module.name)
    for line in sys.stdin:
        with tempfile.TemporaryFile() as errors:
            child = os.fork()
            if child == 0:
                os.dup2(errors.fileno(), 1)
                os.dup2(errors.fileno(), 2)
                live(do, **json.loads(line))
            _, status = os.waitpid(child, 0)
            errors.seek(0)
            reached, _, said = errors.read().decode().rpartition(END)
            told = Ended(os.waitstatus_to_exitcode(status), reached.split(), said)
        print(json.dumps(told._asdict()), flush=True)


def live(
    do: Callable[[str, str, str], None], *, command: str, url: str, data_dir: str, point: str | None
) -> None:
    """Never returns."""
    from quanyu.storage.postgres import killpoints

    passed = Passed()
    killpoints.NAME = point or passed
    try:
        do(command, url, data_dir)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    print(*dict.fromkeys(passed.names), END, flush=True)
    os._exit(0)


def obey(command: str, url: str, data_dir: str) -> None:
    """One of the commands that a caller repeats."""
    from tests.drills.commands import COMMANDS

    from quanyu.settings import Settings
    from quanyu.wiring import open_engine

    folder, master = Path(data_dir), bytes(range(32))
    settings = Settings(data_dir=folder, database_url=url, master_key_given=master)
    with open_engine(settings) as engine:
        COMMANDS[command](engine)


if __name__ == "__main__":
    serve(*sys.argv[1:])
