"""The routes of permits, the suppression list, assessments, the register and minors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.engine_ground import TEA, opened, said, settled, tell

from quanyu.clock import FixedClock
from quanyu.interfaces.api import privacy, processing
from quanyu.interfaces.api.problems import answer_failures
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI = {"identifier": "taobao_id:li"}
REPORT: dict[str, Any] = {
    "id": "PIA-1", "subject": "会员画像", "features": ["personalisation"], "risks": "过度画像",
    "measures": "关闭开关", "approver": "王法务", "valid_until": "2026-12-31T00:00:00+08:00",
}  # fmt: skip


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        tell(made, TEA, said("e1", {"taobao_id": "li"}, at_us=clock.now_us()))
        settled(made)
        yield made


@pytest.fixture
def door(engine: Engine) -> Client:
    return client(engine, "privacy:write", "persons:read")


def client(engine: Engine, *scopes: str) -> Client:
    app = FastAPI()
    answer_failures(app)
    app.include_router(privacy.router)
    app.include_router(processing.router)
    app.state.quanyu = engine
    secret = engine.access.create(TEA, list(scopes)).secret
    return Client(app, headers={"Authorization": f"Bearer {secret}"})


def permit(door: Client, **change: Any) -> Any:
    answer = door.post("/v1/person/permit", json={**LI, "channel": "sms", **change})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_permit_follows_what_the_customer_says(door: Client, clock: FixedClock) -> None:
    said_no = permit(door)
    assert (said_no["permitted"], said_no["reason"]) == (False, "no_consent")
    assert "consent" in said_no["mend"]
    word = {**LI, "purpose": "marketing_messages"}
    door.post("/v1/person/consents/grant", json=word)
    assert permit(door)["permitted"] is True
    clock.advance(1)
    door.post("/v1/person/consents/withdraw", json=word)
    assert permit(door)["reason"] == "consent_withdrawn"
    assert permit(door, purpose="service")["ground"] == "contract"


def test_sharing_names_the_recipient_on_both_sides(door: Client, clock: FixedClock) -> None:
    word = {**LI, "purpose": "partner_sharing"}
    refused = door.post("/v1/person/consents/grant", json=word)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "recipient")
    granted = door.post("/v1/person/consents/grant", json={**word, "recipient": "alimama"})
    sharing = granted.json()["consents"][-1]
    assert (sharing["allowed"], sharing["recipients"]) == (True, ["alimama"])
    ask = {"channel": "export", "purpose": "partner_sharing"}
    assert permit(door, **ask, recipient="alimama")["permitted"] is True
    assert permit(door, **ask, recipient="tencent")["reason"] == "recipient_not_consented"
    clock.advance(1)
    door.post("/v1/person/consents/withdraw", json={**word, "recipient": "alimama"})
    assert permit(door, **ask, recipient="alimama")["reason"] == "consent_withdrawn"


def test_the_suppression_list(door: Client) -> None:
    door.post("/v1/person/consents/grant", json={**LI, "purpose": "marketing_messages"})
    silence = {**LI, "channel": "*", "reason": "complaint", "actor": "clerk"}
    assert door.post("/v1/person/suppress", json=silence).json() == {
        "channel": "*", "suppressed": True,
    }  # fmt: skip
    assert permit(door)["reason"] == "suppressed"
    for lifted in (True, False):
        answer = door.post("/v1/person/lift", json={**LI, "channel": "*"})
        assert answer.json() == {"lifted": lifted}
    assert permit(door)["permitted"] is True


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/person/permit", {**LI, "channel": "pigeon"}, "channel"),
        ("/v1/person/permit", {**LI, "channel": "sms", "purpose": "power"}, "purpose"),
        ("/v1/person/permit", {"identifier": "nonsense", "channel": "sms"}, "identifier"),
        ("/v1/person/permit", {**LI, "channel": "sms", "recipient": "x"}, "recipient"),
        ("/v1/person/suppress", {**LI, "channel": "sms", "reason": "mood"}, "reason"),
        ("/v1/person/suppress", {**LI, "channel": "pigeon"}, "channel"),
        ("/v1/person/suppress", {**LI, "channel": "sms", "actor": " "}, "actor"),
        ("/v1/person/suppress", {**LI, "channel": "sms", "actor": "a\0b"}, "actor"),
        ("/v1/person/lift", {**LI, "channel": ""}, "channel"),
        ("/v1/privacy/assessments", {**REPORT, "valid_until": "tomorrow"}, "valid_until"),
        ("/v1/privacy/assessments", {**REPORT, "features": ["world"]}, "features"),
        ("/v1/privacy/assessments", {**REPORT, "risks": " "}, "risks"),
        ("/v1/privacy/assessments", {**REPORT, "id": "../x"}, "id"),
    ],
)
def test_bad_input_names_the_field(
    door: Client, path: str, body: dict[str, Any], field: str
) -> None:
    answer = door.post(path, json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field


def test_an_assessment_is_filed_once_and_read_by_everybody(door: Client) -> None:
    filed = door.post("/v1/privacy/assessments", json=REPORT)
    assert filed.status_code == 200
    assert filed.json()["in_force"] is True
    assert filed.json()["filed_by"] == TEA
    assert door.get("/v1/privacy/assessments/PIA-1").json() == filed.json()
    assert [one["assessment"] for one in door.get("/v1/privacy/assessments").json()] == [
        "PIA-1", "TESTS",
    ]  # fmt: skip
    assert door.post("/v1/privacy/assessments", json=REPORT).status_code == 400
    assert door.get("/v1/privacy/assessments/PIA-2").status_code == 404


def test_what_is_on(door: Client, engine: Engine) -> None:
    engine.assessments.disable("partner_sharing", actor="ops")
    found = {one["feature"]: one["works"] for one in door.get("/v1/privacy/features").json()}
    assert found == {
        "personalisation": True, "precise_location": True, "sensitive_profile": True,
        "partner_sharing": False,
    }  # fmt: skip


def test_the_register_with_the_days_of_this_installation(engine: Engine) -> None:
    (engine.settings.data_dir / "retention.toml").write_text("[days]\nbehaviour = 90\n")
    found = client(engine, "persons:read").get("/v1/privacy/register").json()
    history = next(one for one in found if (one["table"], one["field"]) == ("history", "event"))
    assert (history["days"], history["erased"], history["exported"]) == (90, "deleted", "events")


def test_the_minors_account(door: Client) -> None:
    found = door.get("/v1/privacy/minors").json()
    assert (found["year"], found["minors"], found["faults"]) == (2026, 0, [])
    assert door.get("/v1/privacy/minors", params={"year": "1800"}).status_code == 400


@pytest.mark.parametrize("path", ["permit", "suppress", "lift"])
def test_reading_is_not_enough_to_write(engine: Engine, path: str) -> None:
    reader = client(engine, "persons:read")
    assert reader.post(f"/v1/person/{path}", json={**LI, "channel": "sms"}).status_code == 403
    assert reader.post("/v1/privacy/assessments", json=REPORT).status_code == 403
