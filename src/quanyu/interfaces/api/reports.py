"""Routes of the reports: the same queries and the same JSON as ``quanyu report``."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.interfaces.api.auth import may, require
from quanyu.measurement import forms, items, overview, paths, retention, trends
from quanyu.measurement.group_reports import GroupReports
from quanyu.measurement.period import Period, parse_period
from quanyu.measurement.reports import Reports
from quanyu.measurement.steps import Where

router = APIRouter(prefix="/v1/reports", tags=["reports"])
Reader = Annotated[str, Depends(require("reports:read"))]
Document = dict[str, Any]
Day = Annotated[str | None, Query(max_length=40, description="A day, or a time with offset.")]
Text = Annotated[str, Query(max_length=200)]


def period_of(
    first: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    last: Annotated[str | None, Query(alias="to", max_length=40)] = None,
) -> Period:
    return parse_period(first, last)


def where_of(
    where: Annotated[list[str] | None, Query(description="field=value, repeatable.")] = None,
) -> Where:
    return forms.parse_where(where or ())


Span = Annotated[Period, Depends(period_of)]
Conditions = Annotated[Where, Depends(where_of)]


def reports_of(request: Request) -> Reports:
    """Exact for who may read persons; for others what is narrowed is told as of a group."""
    engine = request.app.state.quanyu
    reports: Reports = engine.reports
    exact = may(request, "persons:read")
    return reports if exact else GroupReports(reports, engine.group_veil)


Service = Annotated[Reports, Depends(reports_of)]


def document(report: Any) -> Document:
    return dict(msgspec.to_builtins(report))


@router.get("/overview")
def show_overview(merchant: Reader, reports: Service, period: Span) -> Document:
    """People, events, orders, GMV, conversion, repurchase, per day."""
    return document(reports.overview(merchant, overview.OverviewQuery(period)))


@router.get("/funnel")
def show_funnel(
    merchant: Reader,
    reports: Service,
    period: Span,
    conditions: Conditions,
    steps: Text = "view,add_to_cart,payment_completed",
    window: Text = "1d",
) -> Document:
    """How far people get along the steps."""
    query = forms.funnel_query(steps, window, period=period, where=conditions)
    return document(reports.funnel(merchant, query))


class FunnelForm(BaseModel):
    """A funnel whose steps may have conditions of their own."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    steps: list[Any] = Field(max_length=10)
    window: str = Field(default="1d", max_length=20)
    first: str | None = Field(default=None, alias="from", max_length=40)
    last: str | None = Field(default=None, alias="to", max_length=40)
    where: dict[str, Any] = {}


@router.post("/funnel")
def show_funnel_of_form(merchant: Reader, reports: Service, form: FunnelForm) -> Document:
    """How far people get along steps of the form kind, or {kind, where}."""
    period = parse_period(form.first, form.last)
    query = forms.funnel_query(
        form.steps, form.window, period=period, where=forms.read_where(form.where)
    )
    return document(reports.funnel(merchant, query))


@router.get("/paths")
def show_paths(
    merchant: Reader,
    reports: Service,
    period: Span,
    conditions: Conditions,
    by: Text = "touchpoint:kind",
    gap: Text = "30m",
    length: int = 8,
    top: int = 20,
) -> Document:
    """The journeys that people take most."""
    gap_us = forms.duration_us("gap", gap)
    query = paths.PathsQuery(paths.by_of(by), gap_us, length, top, period=period, where=conditions)
    return document(reports.paths(merchant, query))


@router.get("/retention")
def show_retention(
    merchant: Reader,
    reports: Service,
    period: Span,
    days: int = 14,
    first: Annotated[str | None, Query(max_length=40)] = None,
    again: Annotated[str | None, Query(max_length=40)] = None,
) -> Document:
    """Of the people who came on a day, how many come again n days later."""
    return document(
        reports.retention(merchant, retention.RetentionQuery(days, first, again, period))
    )


@router.get("/top-items")
def show_top_items(
    merchant: Reader,
    reports: Service,
    period: Span,
    conditions: Conditions,
    kind: Text = "view",
    top: int = 10,
) -> Document:
    """The most popular items of each hour."""
    return document(reports.top_items(merchant, items.TopItemsQuery(kind, top, period, conditions)))


@router.get("/trends")
def show_trends(
    request: Request,
    merchant: Reader,
    reports: Service,
    subject: Text = "category",
    kind: Text = "view",
    days: int = 7,
    top: int = 20,
    to: Day = None,
) -> Document:
    """What people turn to and away from; nothing that rests on few people is shown."""
    last_day = trends.last_day_of(to, request.app.state.quanyu.clock)
    query = trends.TrendsQuery(last_day, days, trends.subject_of(subject), kind, top)
    return document(reports.trends(merchant, query))
