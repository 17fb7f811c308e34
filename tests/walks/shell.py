"""The ``quanyu`` command as a user runs it, from its words to what it prints, in this process: to
start Python takes longer than most commands. ``test_as_a_process_it_is_the_same`` starts one."""

import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg
from psycopg import sql

from quanyu.interfaces.cli import main
from quanyu.storage.postgres.embedded import EmbeddedPostgres

PROGRAM = Path(sys.executable).with_name("quanyu")
ENVIRONMENT = {name: value for name, value in os.environ.items() if "QUANYU" not in name}


class Said(NamedTuple):
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shell:
    data_dir: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "QUANYU_DATA_DIR": str(self.data_dir), **self.more}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-W", "error", str(PROGRAM), *words]

    def run(self, *words: str, stdin: str = "") -> Said:
        with standing_in(self.environment, words, stdin=stdin) as (out, err):
            try:
                main.run()
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else 0
        return Said(code, out.getvalue().decode(), err.getvalue().decode())

    def process(self, *words: str) -> Said:
        """The same in a process of its own, with warnings as errors."""
        done = subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def says(self, *words: str, stdin: str = "") -> str:
        """Standard output of a command that succeeds and complains about nothing."""
        said = self.run(*words, stdin=stdin)
        assert said.code == 0, said
        assert said.err == "", said
        return said.out

    def json(self, *words: str, stdin: str = "") -> Any:
        """The one document that it prints."""
        return json.loads(self.says(*words, "--json", stdin=stdin))

    def refuses(self, *words: str, stdin: str = "") -> str:
        """The one line of a command that is refused, with nothing on standard output."""
        said = self.run(*words, stdin=stdin)
        assert said.code == 2, said
        assert said.out == "", said
        assert len(said.err.splitlines()) == 1, said
        return said.err.strip()

    def audited(self) -> None:
        found = self.json("audit")
        assert found["ok"], found
        assert sum(check["looked_at"] for check in found["checks"]) > 0

    def destroy(self) -> None:
        EmbeddedPostgres(self.data_dir).destroy()


@contextmanager
def standing_in(
    environment: Mapping[str, str], words: tuple[str, ...], *, stdin: str
) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """What a process of its own would have: words, environment, and three streams of bytes."""
    out, err = io.BytesIO(), io.BytesIO()
    streams = {
        "stdin": io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"),
        "stdout": io.TextIOWrapper(out, encoding="utf-8", write_through=True),
        "stderr": io.TextIOWrapper(err, encoding="utf-8", write_through=True),
    }
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, environment, clear=True))
        stack.enter_context(patch.object(sys, "argv", ["quanyu", *words]))
        for name, stream in streams.items():
            stack.enter_context(patch.object(sys, name, stream))
        yield out, err
        for stream in streams.values():
            stream.detach()


def fingerprint(url: str) -> dict[str, str]:
    """Every row of every table, as a digest by table."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(tables)]
        digests = {}
        for name in names:
            row = connection.execute(sql.SQL(digest).format(sql.Identifier(name))).fetchone()
            digests[name] = row[0] if row else ""
    return digests


BEHAVIOURS = {"pv": "view", "fav": "favourite", "cart": "add_to_cart", "buy": "payment_completed"}
START_S = 1_511_539_200
"""2017-11-25 00:00 in China."""
DAY_S = 86_400


class Row(NamedTuple):
    user: str
    item: str
    category: str
    behaviour: str
    at_s: int

    @property
    def kind(self) -> str:
        return BEHAVIOURS[self.behaviour]

    @property
    def day(self) -> int:
        """Days since START_S."""
        return (self.at_s - START_S) // DAY_S


def rows(seed: int, *, people: int = 90, days: int = 4) -> list[Row]:
    """Made-up behaviour in the Taobao form. The last row stands in it twice."""
    chance = random.Random(seed)
    made = []
    for person in range(people):
        at_s = START_S + chance.randrange(DAY_S)
        while at_s < START_S + days * DAY_S:
            item = int(chance.triangular(1, 40, 3))
            behaviour = chance.choices(list(BEHAVIOURS), (80, 6, 9, 5))[0]
            made.append(Row(str(9000 + person), str(item), str(item % 4), behaviour, at_s))
            at_s += chance.choice((0, 7, 40, 300, 2400, 9000, 50_000))
    distinct = list(dict.fromkeys(made))
    return [*distinct, distinct[-1]]


def write_rows(path: Path, wanted: list[Row]) -> Path:
    with gzip.open(path, "wt", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(wanted)
    return path
