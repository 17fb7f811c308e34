"""The engines that run a report's expression over Parquet files: DuckDB, or Spark.

An expression is built over *named* tables (``ibis.table(schema, name=…)``); a session gives the
names their contents and runs the compiled text. So one expression serves every engine, and no
state of a library is shared between threads.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import ibis
import pyarrow as pa

Expression = Any
"""An Ibis table expression over named tables."""


QUIET = Path(__file__).with_name("log4j2.properties")


class EngineSession(Protocol):
    """Names live as long as the session."""

    def files(self, name: str, paths: Sequence[str]) -> None:
        """Parquet files as one table, with ``at`` (UTC, without zone) made from ``at_us``."""

    def memory(self, name: str, table: pa.Table) -> None: ...

    def arrow(self, expression: Expression) -> pa.Table: ...


class LakeEngine(Protocol):
    name: str

    def session(self) -> AbstractContextManager[EngineSession]:
        """Sessions may run side by side."""

    def close(self) -> None: ...


class DuckDBEngine:
    """One database in memory for the process, so that all sessions share its limits."""

    name = "duckdb"

    def __init__(self, *, threads: int = 2, memory_bytes: int = 2 << 30) -> None:
        self._database = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": f"{memory_bytes}B",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            }
        )

    @contextmanager
    def session(self) -> Iterator["DuckDBSession"]:
        cursor = self._database.cursor()
        try:
            yield DuckDBSession(cursor)
        finally:
            cursor.close()

    def close(self) -> None:
        self._database.close()


class DuckDBSession:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def files(self, name: str, paths: Sequence[str]) -> None:
        found = self._cursor.read_parquet(list(paths), hive_partitioning=False)
        found.project("*, make_timestamp(at_us) AS at").create_view(name)

    def memory(self, name: str, table: pa.Table) -> None:
        self._cursor.register(name, table)

    def arrow(self, expression: Expression) -> pa.Table:
        return self._cursor.sql(text_of(expression, "duckdb")).to_arrow_table()


class SparkEngine:
    """Spark through the same expressions; ``master`` names the cluster. Needs quanyu[spark]."""

    name = "pyspark"

    def __init__(self, *, master: str = "local[2]") -> None:
        register_options()
        self._spark = spark_session(master)

    @contextmanager
    def session(self) -> Iterator["SparkEngineSession"]:
        yield SparkEngineSession(self._spark.newSession())

    def close(self) -> None:
        self._spark.stop()


class SparkEngineSession:
    def __init__(self, spark: Any) -> None:
        self._spark = spark

    def files(self, name: str, paths: Sequence[str]) -> None:
        found = self._spark.read.parquet(*paths)
        at = "CAST(timestamp_micros(at_us) AS TIMESTAMP_NTZ) AS at"
        found.selectExpr("*", at).createTempView(name)

    def memory(self, name: str, table: pa.Table) -> None:
        """Times of ours have no zone; Spark would give them the session's, which is UTC."""
        frame = self._spark.createDataFrame(table)
        for field in table.schema:
            if pa.types.is_timestamp(field.type) and field.type.tz is None:
                frame = frame.withColumn(field.name, frame[field.name].cast("timestamp_ntz"))
        frame.createTempView(name)

    def arrow(self, expression: Expression) -> pa.Table:
        return self._spark.sql(text_of(expression, "pyspark")).toArrow()


def register_options() -> None:
    """Ibis makes a dialect's options when its backend is loaded; compiling needs them."""
    assert ibis.pyspark.name == "pyspark"


_COMPILING = threading.Lock()


def text_of(expression: Expression, dialect: str) -> str:
    with _COMPILING:
        return str(ibis.to_sql(expression, dialect=dialect, pretty=False))


def spark_session(master: str) -> Any:
    """A quiet session without user interface, that talks to nobody outside this machine."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.adaptive.enabled": "true",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j.configurationFile=file:{QUIET}",
    }
    builder = SparkSession.builder.master(master).appName("quanyu")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
