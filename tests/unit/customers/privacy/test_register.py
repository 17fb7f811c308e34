"""The register of personal data: what is refused at load, and what it says of what we store."""

import re
from pathlib import Path

import pytest

from quanyu.customers.privacy.purposes import purposes
from quanyu.customers.privacy.register import (
    classes,
    read_register,
    register,
    unregistered,
    vanished,
)
from quanyu.customers.privacy.register_answers import fields
from quanyu.customers.privacy.terms import shipped_terms
from quanyu.errors import BadInput
from quanyu.storage.audit.privacy import LAKE, lake_fields
from quanyu.storage.lake.schema import FILE_SCHEMA
from quanyu.storage.postgres.copies import SECTIONS

MIGRATIONS = Path(__file__).parents[4] / "src" / "quanyu" / "storage" / "postgres" / "migrations"
OF_PROFILE = {"identifiers", "tags", "events", "consents"}
GOOD = """
[table.note]
personal = { node = "identifier", text = "behaviour" }
impersonal = ["number"]
purposes = ["service"]
term = "account"
erased = "deleted"
exported = "notes"
"""


def read(text: str) -> None:
    read_register({"notes.toml": text.encode()})


def test_a_good_file() -> None:
    found = read_register({"notes.toml": GOOD.encode()})["note"]
    assert found.fields == {"node", "text", "number"}
    assert found.purposes_of("text") == ("service",)


@pytest.mark.parametrize(
    ("was", "becomes", "field", "mend"),
    [
        ('purposes = ["service"]', "", "note.node", "has no purpose"),
        ('["service"]', '["world_domination"]', "note.node", "'world_domination' is not one of"),
        ('text = "behaviour"', 'text = "gossip"', "note.text", "class is not one of"),
        ('term = "account"', 'term = "for_ever"', "note.term", "is not one of"),
        ('term = "account"', "", "note.term", "is not one of"),
        ('erased = "deleted"', "", "note.erased", "say what an erasure does"),
        ('erased = "deleted"', 'erased = "kept"', "note.why", "say why"),
        ('exported = "notes"', "", "note.why", "say why"),
        ('["number"]', '["number", "text"]', "note.text", "not both"),
        ('erased = "deleted"', 'erased = "perhaps"', "notes.toml", "perhaps"),
        ("[table.note]", "[table.note]\nnonsense = 1", "notes.toml", "nonsense"),
    ],
)
def test_what_is_refused_at_load(was: str, becomes: str, field: str, mend: str) -> None:
    assert was in GOOD
    with pytest.raises(BadInput) as refused:
        read(GOOD.replace(was, becomes))
    assert refused.value.field.endswith(field)
    assert mend in refused.value.mend


def test_a_field_may_have_purposes_of_its_own() -> None:
    own = GOOD.replace(
        'text = "behaviour"', 'text = { class = "place", purposes = ["precise_location"] }'
    )
    found = read_register({"notes.toml": own.encode()})["note"]
    assert found.purposes_of("text") == ("precise_location",)
    assert found.class_of("text") == "place"
    assert found.purposes_of("node") == ("service",)


def test_a_table_is_registered_once() -> None:
    with pytest.raises(BadInput, match="twice"):
        read_register({"a.toml": GOOD.encode(), "b.toml": GOOD.encode()})


def test_a_field_that_nobody_registered_is_named() -> None:
    known = read_register({"notes.toml": GOOD.encode()})
    stored = [("note", "node"), ("note", "text"), ("note", "number"), ("note", "phone")]
    assert unregistered([*stored, ("diary", "day")], known) == ("diary.day", "note.phone")
    assert unregistered(stored[:3], known) == ()


def test_a_field_that_is_registered_and_gone_is_named() -> None:
    known = read_register({"notes.toml": GOOD.encode()})
    assert vanished([("note", "node"), ("note", "number")], known) == ("note.text",)
    assert vanished([], known) == (), "a table that is not there yet is nobody's fault"


def test_every_table_of_the_migrations_is_registered() -> None:
    text = "\n".join(path.read_text() for path in MIGRATIONS.glob("*.sql"))
    tables = set(re.findall(r"^CREATE TABLE (\w+)", text, re.MULTILINE))
    assert tables - register().keys() == set()


def test_every_column_of_the_lake_is_registered() -> None:
    assert unregistered(lake_fields(FILE_SCHEMA)) == ()
    assert set(register()[LAKE].fields) == set(FILE_SCHEMA.names)


def test_what_is_handed_out_is_a_section_of_the_copy() -> None:
    named = {holding.exported for holding in register().values()} - {""}
    assert named <= OF_PROFILE | SECTIONS.keys() | {"audiences"}
    assert named >= SECTIONS.keys(), "every section stands for a registered table"


def test_sensitive_data_is_for_what_was_asked_or_for_a_consent_of_its_own() -> None:
    """PIPL 29: beyond the contract only with a consent of its own; a place only coarsened."""
    for one in fields():
        if one["sensitive"] and one["class"] != "place":
            assert one["purposes"] == ["service"], one
    places = {(one["table"], one["field"]) for one in fields() if one["class"] == "place"}
    assert places == {("lake.events", "cell"), ("event.props", "place")}


def test_all_classes_purposes_and_terms_that_are_used_are_declared() -> None:
    for one in fields():
        assert one["class"] in classes()
        assert set(one["purposes"]) <= purposes().keys()
        assert one["term"] in shipped_terms()


def test_the_year_of_birth_is_there_to_protect_and_not_to_sell() -> None:
    ages = [one for one in fields() if one["class"] == "age"]
    assert {one["field"] for one in ages} == {"birth_year", "minor_through"}
    assert all(one["purposes"] == ["service"] for one in ages)
