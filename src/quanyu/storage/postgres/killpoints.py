"""Named places where a drill may end the process as SIGKILL would."""

import os

KILLED = 137
NAME = os.environ.get("QUANYU_KILLPOINT")


def killpoint(name: str) -> None:
    """Exit at once, without clean-up, when the environment asks for this name."""
    if name == NAME:
        os._exit(KILLED)
