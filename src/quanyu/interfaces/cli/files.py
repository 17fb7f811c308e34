"""Files that commands read whole."""

import sys
from pathlib import Path

from quanyu.errors import BadInput

BYTES_MAX = 1 << 20


def read_file(name: str, *, option: str, bytes_max: int = BYTES_MAX) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises BadInput."""
    try:
        body = sys.stdin.buffer.read(bytes_max + 1) if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(option, f"cannot be read: {error.strerror} {name}") from None
    if len(body) > bytes_max:
        raise BadInput(option, f"give a file of at most {bytes_max >> 20} MiB")
    return body
