"""What we did: decisions and messages."""

from quanyu.events.facts.family import FactType

CONTACTS = (
    FactType("message_sent", requires=("props.channel",)),
    FactType("decision_made", requires=("decision",)),
)
