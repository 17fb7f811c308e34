"""Who the server runs as. PostgreSQL refuses to run as root, so root lends it an account."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFERRED = "postgres"
OURS = "quanyu"
LAST_RESORT = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def credentials(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that start a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_execute(self, path: Path) -> bool:
        """Whether the account may run the file, or pass through the directory, at ``path``."""
        probe = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return subprocess.run(probe, cwd="/", **self.credentials).returncode == 0

    def take(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


def server_account() -> Account | None:
    """The account of the server when we are root; None when we are it ourselves."""
    if os.geteuid() != 0:
        return None
    return known(PREFERRED) or known(OURS) or created(OURS) or known(LAST_RESORT)


def known(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def created(name: str) -> Account | None:
    tool = shutil.which("useradd")
    if tool is None:
        return None
    order = [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    subprocess.run(order, capture_output=True)
    return known(name)


def credentials(account: Account | None) -> dict[str, Any]:
    return {} if account is None else account.credentials
