"""Joining and speaking up."""

from quanyu.events.facts.family import FactType

MEMBERS = (
    FactType("member_joined"),
    FactType("fact_corrected", requires=("props.corrects",)),
    FactType("review_posted"),
    FactType("complaint_made"),
)
