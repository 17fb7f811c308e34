"""A report of a scan in the words of whoever has to act on it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from quanyu.compliance.trades.features import FEATURES
from quanyu.compliance.trades.scan import Group, Report, Suspect

LABELS: Mapping[str, str] = {
    "lockstep": "同购团块", "shared": "共用设备与账户",
    **{feature.name: feature.label for feature in FEATURES},
}  # fmt: skip


def report_json(report: Report) -> dict[str, Any]:
    """Names as they came in: for whoever gave the orders, not for keeping."""
    return {
        "orders": report.orders.count,
        "rows": len(report.orders),
        "repeated_rows": report.orders.repeated,
        "flagged": len(report.suspects),
        "flagged_fen": report.flagged_fen,
        "suspects": [_suspect_json(report, one) for one in report.suspects],
        "blocks": [_group_json(report, group) for group in report.groups],
    }


def _group_json(report: Report, group: Group) -> dict[str, Any]:
    names = report.orders.names
    return {
        "kind": group.kind,
        "score": round(group.score, 6),
        "buyers": sorted(names["buyer"][number] for number in group.buyers),
        "items": sorted(names["item"][number] for number in group.items),
        "orders": sorted(names["order"][number] for number in group.orders),
        "accounts": group.accounts,
        "density": round(group.density, 6),
        "evidence": [msgspec.to_builtins(one) for one in group.evidence],
    }


def _suspect_json(report: Report, one: Suspect) -> dict[str, Any]:
    order = report.orders.names["order"][one.order]
    shows = list(one.shows)
    return {"order": order, "score": round(one.score, 6), "block": one.group, "shows": shows}


def reasons(report: Report, suspect: Suspect) -> list[str]:
    """Chinese, the group first, then what the order itself shows."""
    group = report.groups[suspect.group]
    return [group.evidence[0].why, *(LABELS[name] for name in suspect.shows)]


def suspect_rows(report: Report) -> Iterator[tuple[str, str, str]]:
    """(Order, score, reasons), the highest score first."""
    names = report.orders.names["order"]
    ranked = sorted(report.suspects, key=lambda one: (-one.score, names[one.order]))
    for one in ranked:
        yield names[one.order], f"{one.score:.4f}", "；".join(reasons(report, one))
