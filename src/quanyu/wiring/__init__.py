"""Which engine stands behind each port. Start with ``open_engine``; ``engine.py`` has on one
screen what follows the log."""

from quanyu.wiring.engine import Engine, open_engine
from quanyu.wiring.ground import database_server

__all__ = ["Engine", "database_server", "open_engine"]
