"""Files that commands read whole."""

import sys
from pathlib import Path

from quanyu.errors import BadInput

BYTES_MAX = 1 << 20


def read_file(name: str, *, option: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises BadInput."""
    try:
        body = sys.stdin.buffer.read(BYTES_MAX + 1) if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(option, f"cannot be read: {error.strerror} {name}") from None
    if len(body) > BYTES_MAX:
        raise BadInput(option, "give a file of at most 1 MiB")
    return body
