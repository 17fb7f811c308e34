"""The register of personal data in its public JSON form."""

from collections.abc import Mapping
from typing import Any

from quanyu.customers.privacy.register import Holding, classes, register
from quanyu.customers.privacy.terms import Term, shipped_terms


def fields(terms: Mapping[str, Term] | None = None) -> list[dict[str, Any]]:
    """One entry per personal field, tables in order."""
    in_force = shipped_terms() if terms is None else terms
    return [
        _field(table, name, holding=holding, term=in_force[holding.term])
        for table, holding in sorted(register().items())
        for name in holding.personal
    ]


def _field(table: str, name: str, *, holding: Holding, term: Term) -> dict[str, Any]:
    kind = holding.class_of(name)
    return {
        "table": table,
        "field": name,
        "class": kind,
        "label": classes()[kind].label,
        "sensitive": classes()[kind].sensitive,
        "purposes": list(holding.purposes_of(name)),
        "term": holding.term,
        "days": term.days,
        "law": term.law,
        "erased": holding.erased,
        "exported": holding.exported,
        "why": holding.why,
    }
