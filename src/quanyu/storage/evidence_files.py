"""Files that prove claims, under their hash: DATA_DIR/evidence/ab/abcdef…"""

import os
import re
import secrets
from pathlib import Path

from quanyu.errors import NotFound, StorageUnavailable
from quanyu.ids import fingerprint

_HASH = re.compile(r"[0-9a-f]{64}")


class EvidenceDirectory:
    """The port ``EvidenceFiles``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen: dict[str, tuple[tuple[int, int, int], str]] = {}

    def keep(self, body: bytes) -> str:
        """Complete or absent: written beside, flushed, then named."""
        sha256 = fingerprint(body)
        place = self._place(sha256)
        if place.exists() and fingerprint(place.read_bytes()) == sha256:
            return sha256
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_name(f"{sha256}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
        return sha256

    def found(self, sha256: str) -> str | None:
        """What the file hashes to now, or None. Hashed again only when it has been touched."""
        place = self._place(sha256)
        try:
            seen = place.stat()
        except FileNotFoundError:
            return None
        mark = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        known = self._seen.get(sha256)
        if known is None or known[0] != mark:
            known = self._seen[sha256] = (mark, fingerprint(place.read_bytes()))
        return known[1]

    def read(self, sha256: str) -> bytes:
        """Raises NotFound, and StorageUnavailable for bytes that are not those any more."""
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound(f"evidence file {sha256[:16]}…; restore it from a backup")
        body = place.read_bytes()
        if fingerprint(body) != sha256:
            raise StorageUnavailable(f"{place.name[:16]}… was changed; restore it from a backup")
        return body

    def _place(self, sha256: str) -> Path:
        if _HASH.fullmatch(sha256) is None:
            raise NotFound(f"evidence file {sha256[:16]!r}")
        return self._directory / sha256[:2] / sha256
