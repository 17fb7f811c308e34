"""The cluster's directory: where it lies, how it is made, how it is set up."""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from quanyu.errors import StorageUnavailable
from quanyu.ids import random_id
from quanyu.storage.postgres.embedded.account import Account, credentials
from quanyu.storage.postgres.embedded.binaries import STATE_DIR, Binaries, make_state_dir

MAJOR = "18"
PORT = 5432
SUPERUSER = "postgres"
SOCKET_PATH_MAX = 107
"""Bytes of a Unix socket's path (sun_path on Linux; macOS takes 103, which the margin covers)."""
MARGIN = 4

CONFIGURATION = """\
# Written by Quanyu at every start. Put your own settings into local.conf beside this file.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 100
password_encryption = 'scram-sha-256'
idle_in_transaction_session_timeout = '10min'

fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_wal_size = '2GB'
checkpoint_timeout = '15min'
random_page_cost = 1.1
max_parallel_workers_per_gather = 1
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = 'warning'
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_line_prefix = '%m [%p] '

include_if_exists = 'local.conf'
"""

ACCESS = "local all all scram-sha-256\n"

INITDB = [
    *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
    *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
]
"""The built-in locale is the same on every machine; one of the system may change its order."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """``path`` is the real directory, whatever links point to it."""

    path: Path
    account: Account | None

    def socket_dir(self) -> Path:
        """The cluster itself, which only the server's account can enter, unless that is too long
        a name for a socket."""
        longest = len(os.fsencode(self.path / f".s.PGSQL.{PORT}.lock"))
        if longest <= SOCKET_PATH_MAX - MARGIN and "'" not in str(self.path):
            return self.path
        name = sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir(), f"quanyu-{os.geteuid()}-{name}")

    def configure(self, durable: bool) -> None:
        socket_dir = self.socket_dir()
        if socket_dir != self.path:
            make_private(socket_dir, self.account)
        text = CONFIGURATION.format(
            port=PORT, socket_dir=socket_dir, durable="on" if durable else "off"
        )
        self.write("postgresql.conf", text)
        self.write("pg_hba.conf", ACCESS)

    def write(self, name: str, text: str) -> None:
        file = self.path / name
        if file.read_text() == text:
            return
        file.write_text(text)
        file.chmod(0o600)
        if self.account is not None:
            self.account.take(file)

    def check_version(self) -> None:
        """Raises StorageUnavailable when another major version made the files."""
        found = (self.path / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise StorageUnavailable(
                f"{self.path} was made by PostgreSQL {found} and this is {MAJOR}: dump it with "
                f"pg_dump of version {found}, move the directory away, start, and restore"
            )


def make_private(directory: Path, account: Account | None) -> None:
    """A directory of mode 700 owned by the server's account; refuses somebody else's."""
    owner = os.geteuid() if account is None else account.uid
    try:
        directory.mkdir(mode=0o700)
        if account is not None:
            account.take(directory)
    except FileExistsError:
        found = directory.lstat()
        if directory.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
            raise StorageUnavailable(f"{directory} is not ours; remove it") from None


def link_of(data_dir: Path) -> Path:
    """The cluster's name inside the data directory: the directory itself or a link to it."""
    return data_dir / "postgres"


def found(data_dir: Path, account: Account | None) -> Cluster | None:
    """The cluster of this data directory, None when there is none yet.

    Raises StorageUnavailable when the link points nowhere: starting afresh would hide a loss.
    """
    link = link_of(data_dir)
    if link.is_symlink() and not link.exists():
        raise StorageUnavailable(
            f"{link} points to {link.readlink()}, which is gone; restore that directory, "
            f"or remove {link} to start with an empty database"
        )
    return Cluster(link.resolve(), account) if link.exists() else None


def made(
    data_dir: Path, account: Account | None, *, programs: Binaries, durable: bool = True
) -> Cluster:
    """Make the cluster under another name and give it its own when it is complete."""
    outside = account is not None and not account.can_execute(data_dir)
    home = make_home(data_dir) if outside else data_dir
    draft = home / "postgres.draft"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    if account is not None:
        account.take(draft)
    order = [] if durable else ["--no-sync"]
    order += ["--pgdata", str(draft), "--username", SUPERUSER]
    initialise(Cluster(draft, account), programs, options=order, password=password_of(data_dir))
    final = home / "postgres"
    draft.rename(final)
    flush(home)
    if outside:
        link_of(data_dir).symlink_to(final)
    return Cluster(final.resolve(), account)


def make_home(data_dir: Path) -> Path:
    """A directory in root's state directory, for a data directory that is closed to the account.

    ``owner`` names that data directory, so that a forgotten one can be told apart.
    """
    home = make_state_dir() / random_id("db", 6)
    home.mkdir(mode=0o711)
    home.chmod(0o711)
    (home / "owner").write_text(f"{data_dir}\n")
    return home


def initialise(draft: Cluster, programs: Binaries, *, options: list[str], password: str) -> None:
    note = draft.path.with_name("postgres.pwfile")
    note.touch(mode=0o600)
    note.write_text(password)
    if draft.account is not None:
        draft.account.take(note)
    order = [programs.path("initdb"), *INITDB, "--pwfile", str(note), *options]
    try:
        done = subprocess.run(
            order,
            cwd="/",
            capture_output=True,
            text=True,
            umask=0o077,
            **credentials(draft.account),
        )
    finally:
        note.unlink()
    if done.returncode != 0:
        shutil.rmtree(draft.path, ignore_errors=True)
        raise StorageUnavailable(f"initdb failed: {done.stderr.strip()[-500:]}")


def password_of(data_dir: Path) -> str:
    """The password of the embedded server, made at first use; mode 600."""
    file = data_dir / "postgres.password"
    if not file.exists():
        draft = data_dir / "postgres.password.draft"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(24))
        draft.rename(file)
    return file.read_text().strip()


def flush(directory: Path) -> None:
    """Make a rename in the directory survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(data_dir: Path) -> None:
    """Delete the cluster of a stopped server, wherever it lies."""
    link = link_of(data_dir)
    if link.is_symlink():
        shutil.rmtree(link.resolve().parent, ignore_errors=True)
        link.unlink()
    else:
        shutil.rmtree(link, ignore_errors=True)


def orphans(state_dir: Path = STATE_DIR) -> list[tuple[Path, str]]:
    """(directory, data directory it was made for) where that one no longer points to it."""
    lost = []
    for note in sorted(state_dir.glob("*/owner")):
        owner = note.read_text().strip()
        if link_of(Path(owner)).resolve() != (note.parent / "postgres").resolve():
            lost.append((note.parent, owner))
    return lost
