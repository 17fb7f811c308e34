"""Personal data: every stored field is registered, with what it may be used for."""

import pyarrow as pa

from quanyu.customers.privacy.register import unregistered, vanished
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.lake.schema import FILE_SCHEMA
from quanyu.storage.postgres.sql_files import sql

LAKE = "lake.events"


def stored_fields(parts: Audited) -> list[tuple[str, str]]:
    """(table, column) of the database, and the columns of the lake."""
    with parts.database.transaction() as conn:
        tables = conn.execute(sql("audit/stored_fields")).fetchall()
    return [*tables, *lake_fields(FILE_SCHEMA)]


def lake_fields(schema: pa.Schema) -> list[tuple[str, str]]:
    return [(LAKE, name) for name in schema.names]


def every_field_is_registered(parts: Audited) -> Check:
    """PIPL 6: each field is personal with a purpose, or said to be impersonal."""
    stored = stored_fields(parts)
    faults = [f"{field}: not in the register of personal data" for field in unregistered(stored)]
    faults += [f"{field}: registered, and not stored" for field in vanished(stored)]
    return Check("privacy: every stored field is registered", len(stored), tuple(faults))
