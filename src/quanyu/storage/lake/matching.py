"""Which rows of a table are likely one person's: Splink (Fellegi-Sunter) over DuckDB.

The table has a column ``value`` and perhaps ``kind`` (the identifier of the row), and at least two
columns of matching.toml. Everything happens in one DuckDB database in memory, which may not spill
to disk and is thrown away: names and birth dates are never written.
"""

import hashlib
import logging
import tomllib
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from quanyu.customers.identity.identifiers import read_identifier
from quanyu.customers.identity.service import LikelyPair, Matched
from quanyu.errors import BadInput

FOLDER = Path(__file__).parent
SAMPLE_PAIRS_MAX = 2_000_000
SEED = 7
ROWS_MIN = 20
RECALL_OF_STRICT_RULES = 0.7
READERS = {".csv": "read_csv", ".gz": "read_csv", ".tsv": "read_csv", ".parquet": "read_parquet"}


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: tuple[str, ...]
    compare: Literal["name", "text", "number", "date", "email", "same"]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    review_weight: float
    block: tuple[tuple[str, ...], ...]
    train: tuple[tuple[str, ...], ...]
    comparison: dict[str, Comparison]

    def rules(self, wanted: Iterable[tuple[str, ...]], given: set[str]) -> list[tuple[str, ...]]:
        """The rules all of whose columns are given."""
        return [rule for rule in wanted if given.issuperset(rule)]


@cache
def shipped_settings() -> Settings:
    return msgspec.convert(tomllib.loads((FOLDER / "matching.toml").read_text()), Settings)


@dataclass(frozen=True, slots=True)
class SplinkMatcher:
    default_kind: str = "customer_id"

    def match(self, table: Path) -> Matched:
        """Raises BadInput when the table cannot be read or holds too little to compare."""
        import duckdb

        settings = shipped_settings()
        with duckdb.connect(config={"temp_directory": ""}) as connection, _quiet():
            names = _load(connection, table)
            roles = _roles(settings, names)
            identifiers = _identifiers(connection, names, default_kind=self.default_kind)
            _prepare(connection, roles)
            pairs = _pairs(connection, settings, given=set(roles))
        model = hashlib.sha256(msgspec.json.encode([settings, sorted(roles)])).hexdigest()
        return Matched(identifiers, pairs, f"splink-{model[:12]}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Splink and its dependencies speak a lot; what matters is in the report."""
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logger.setLevel(level)


def _load(connection: Any, table: Path) -> list[str]:
    import duckdb

    reader = READERS.get(table.suffix.lower())
    if reader is None or not table.is_file():
        raise BadInput("table", f"{table.name!r} is not a .csv, .csv.gz or .parquet file")
    options = ", all_varchar = true" if reader == "read_csv" else ""
    try:
        connection.execute(
            f"CREATE TABLE rows AS SELECT row_number() OVER () - 1 AS place, * "  # noqa: S608
            f"FROM {reader}(?{options})",
            [str(table)],
        )
    except duckdb.Error as error:
        raise BadInput("table", f"cannot be read: {str(error).splitlines()[0]}") from error
    return [column for column, *_ in connection.execute("DESCRIBE rows").fetchall()][1:]


def _roles(settings: Settings, names: list[str]) -> dict[str, str]:
    """Comparison → column of the table."""
    roles: dict[str, str] = {}
    for name in names:
        found = [r for r, c in settings.comparison.items() if name.lower() in c.columns]
        if found and found[0] not in roles:
            roles[found[0]] = name
        elif name.lower() not in {"kind", "value"}:
            known = sorted(c.columns[0] for c in settings.comparison.values())
            raise BadInput(f"table: {name}", f"rename or drop it; known: {', '.join(known)}")
    if "value" not in names:
        raise BadInput("table: value", "add the identifier of each row, and its kind as `kind`")
    enough = settings.rules(settings.train, set(roles))
    if len(enough) < 2 or len(roles) < 3:
        usable = " | ".join(" + ".join(rule) for rule in settings.train)
        raise BadInput("table", f"give three columns to compare, covering two of: {usable}")
    return roles


def _identifiers(connection: Any, names: list[str], *, default_kind: str) -> list[tuple[str, str]]:
    kind = "kind" if "kind" in names else f"'{default_kind}'"
    rows = connection.execute(
        f"SELECT {kind}, CAST(value AS VARCHAR) FROM rows ORDER BY place"  # noqa: S608
    ).fetchall()
    if len(rows) < ROWS_MIN:
        raise BadInput("table", f"give at least {ROWS_MIN} rows to learn from")
    found = []
    for number, (name, value) in enumerate(rows, 1):
        try:
            found.append(read_identifier(f"{name}:{value or ''}"))
        except BadInput as error:
            raise BadInput(f"table: row {number}: value", error.mend) from None
    return found


def _prepare(connection: Any, roles: dict[str, str]) -> None:
    """One spelling: lower case, single blanks; a date is its digits; nothing is NULL."""
    columns = []
    for role, name in roles.items():
        quoted = '"' + name.replace('"', '""') + '"'
        plain = f"lower(trim(regexp_replace(CAST({quoted} AS VARCHAR), '\\s+', ' ', 'g')))"
        if role in {"birth_date", "phone"}:
            plain = f"regexp_replace({plain}, '[^0-9]', '', 'g')"
        columns.append(f"nullif({plain}, '') AS {role}")
    connection.execute(
        f"CREATE TABLE prepared AS SELECT place AS unique_id, {', '.join(columns)} FROM rows"  # noqa: S608
    )
    connection.execute("DROP TABLE rows")


def _pairs(connection: Any, settings: Settings, *, given: set[str]) -> list[LikelyPair]:
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    api = DuckDBAPI(connection=connection)
    roles = [role for role in settings.comparison if role in given]
    linker = Linker(
        api.register("prepared"),
        SettingsCreator(
            link_type="dedupe_only",
            comparisons=[_comparison(role, settings.comparison[role].compare) for role in roles],
            blocking_rules_to_generate_predictions=[
                block_on(*rule) for rule in settings.rules(settings.block, given)
            ],
            retain_matching_columns=True,
            retain_intermediate_calculation_columns=False,
        ),
        log_level=logging.ERROR,
        validate_settings=False,
    )
    _train(linker, settings.rules(settings.train, given))
    found = linker.inference.predict(threshold_match_weight=settings.review_weight)
    return list(_read(found.as_duckdbpyrelation(), roles))


def _comparison(role: str, compare: str) -> Any:
    import splink.comparison_library as library

    if compare == "name":
        return library.NameComparison(role)
    if compare == "text":
        return library.JaroWinklerAtThresholds(role, [0.9, 0.7]).configure(
            term_frequency_adjustments=True
        )
    if compare == "email":
        return library.EmailComparison(role)
    if compare == "same":
        return library.ExactMatch(role)
    return library.DamerauLevenshteinAtThresholds(role, [1, 2])


def _train(linker: Any, rules: list[tuple[str, ...]]) -> None:
    from splink import block_on

    strict = [block_on(*rule) for rule in rules if len(rule) > 1 or rule[0] != "birth_date"]
    try:
        linker.training.estimate_probability_two_random_records_match(
            strict, recall=RECALL_OF_STRICT_RULES
        )
    except ValueError as error:
        raise BadInput("table", "nearly all rows agree; compare by columns that differ") from error
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLE_PAIRS_MAX, seed=SEED)
    if sum(_learn(linker, rule) for rule in rules) < 2:
        raise BadInput("table", "too few rows resemble each other to learn from; give more rows")


def _learn(linker: Any, rule: tuple[str, ...]) -> bool:
    """Does one session of expectation maximisation, if any two rows agree on the rule."""
    from splink import block_on
    from splink.internals.exceptions import EMTrainingException

    try:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    except EMTrainingException:
        return False
    return True


def _read(found: Any, roles: list[str]) -> Iterator[LikelyPair]:
    levels = ", ".join(f"gamma_{role}" for role in roles)
    rows = found.project(f"unique_id_l, unique_id_r, match_weight, {levels}").fetchall()
    for left, right, weight, *given in rows:
        yield LikelyPair(left, right, float(weight), dict(zip(roles, given, strict=True)))
