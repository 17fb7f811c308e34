"""SQL lives in files under ``sql/<area>/<name>.sql``; a name stands for the text."""

from functools import cache
from pathlib import Path
from typing import LiteralString

FOLDER = Path(__file__).with_name("sql")


@cache
def sql(name: str) -> LiteralString:
    """``sql("merchants/no_of")`` → the statement. Raises FileNotFoundError."""
    return (FOLDER / f"{name}.sql").read_text()
