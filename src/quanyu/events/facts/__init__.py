"""All types of facts, one file per family; everyone writes and reads these and no others."""

from quanyu.events.facts.attention import ATTENTION
from quanyu.events.facts.benefits import BENEFITS
from quanyu.events.facts.contacts import CONTACTS
from quanyu.events.facts.family import FactType
from quanyu.events.facts.members import MEMBERS
from quanyu.events.facts.orders import ORDERS
from quanyu.events.facts.stores import STORES

FACT_TYPES: dict[str, FactType] = {
    fact.kind: fact for fact in (*ATTENTION, *ORDERS, *BENEFITS, *MEMBERS, *STORES, *CONTACTS)
}

__all__ = ["FACT_TYPES", "FactType"]
