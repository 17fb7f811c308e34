"""The port ``Assessments``: reports as filed, and the line of switches that stand on them."""

from collections.abc import Sequence
from typing import Any

import psycopg

from quanyu.customers.privacy.assessments import Assessment, Switch
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.storage.postgres.sql_files import sql

FIELDS = (
    "id", "subject", "features", "risks", "measures", "approver", "valid_until_us", "filed_us",
    "filed_by",
)  # fmt: skip


class PostgresAssessments:
    def file(self, tx: psycopg.Connection, assessment: Assessment) -> bool:
        args = {name: getattr(assessment, name) for name in FIELDS}
        args["features"] = list(assessment.features)
        return tx.execute(sql("privacy/file_assessment"), args).rowcount == 1

    def all(self, tx: psycopg.Connection) -> Sequence[Assessment]:
        return [_assessment(row) for row in tx.execute(sql("privacy/assessments"))]

    def switches(self, tx: psycopg.Connection) -> Sequence[Switch]:
        return [
            Switch(feature, on, at_us, actor, None if report[0] is None else _assessment(report))
            for feature, on, at_us, actor, *report in tx.execute(sql("privacy/switches"))
        ]

    def switch(self, tx: psycopg.Connection, word: Switch) -> None:
        args = {
            "feature": word.feature,
            "at_us": word.at_us,
            "on": word.on,
            "assessment": None if word.assessment is None else word.assessment.id,
            "actor": word.actor,
        }
        tx.execute(sql("privacy/switch"), args)
        if word.feature == PERSONALISATION:
            tx.execute(sql("audiences/all_due"))


def profiling(tx: psycopg.Connection, now_us: int) -> bool:
    """Whether personalisation is on, on an assessment in force: else nobody is in an audience."""
    said = PostgresAssessments().switches(tx)
    return any(one.feature == PERSONALISATION and one.works(now_us) for one in said)


def _assessment(row: Sequence[Any]) -> Assessment:
    given = dict(zip(FIELDS, row, strict=True))
    return Assessment(**given | {"features": tuple(given["features"])})
