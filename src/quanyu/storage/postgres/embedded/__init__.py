"""PostgreSQL inside the data directory: started, shared and stopped by us."""

from quanyu.storage.postgres.embedded.lifecycle import EmbeddedPostgres
from quanyu.storage.postgres.embedded.locks import ServeLock

__all__ = ["EmbeddedPostgres", "ServeLock"]
