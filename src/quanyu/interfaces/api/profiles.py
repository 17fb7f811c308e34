"""Routes of one customer's profile. Identifiers travel in bodies: addresses end up in logs."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.errors import NotFound
from quanyu.interfaces.api.auth import require

router = APIRouter(prefix="/v1", tags=["profiles"])
Reader = Annotated[str, Depends(require("persons:read"))]
Document = dict[str, Any]


class Who(BaseModel):
    """A customer by one identifier, such as taobao_id:543462."""

    model_config = ConfigDict(extra="forbid")
    identifier: str = Field(max_length=300)


class Asked(Who):
    timeline: int = Field(default=20, ge=0, le=1000)


@router.post("/person")
def show_person(request: Request, merchant: Reader, who: Asked) -> Document:
    """Portrait, tags with the events they come from, timeline, consents."""
    profiles = request.app.state.quanyu.profiles
    profile = found(profiles.profile(merchant, who.identifier, timeline=who.timeline))
    return dict(profile.as_json())


@router.get("/tags")
def list_tags(request: Request, merchant: Reader) -> list[Document]:
    """The tags in force: key, label, kind, type, purpose."""
    return [
        {
            "key": tag.key,
            "label": tag.label,
            "kind": tag.kind,
            "type": tag.type,
            "purpose": tag.purpose,
            "sensitive": tag.sensitive,
        }
        for tag in request.app.state.quanyu.profiles.catalogue.tags.values()
    ]


def found(answer: Any) -> Any:
    """Raises NotFound for nobody."""
    if answer is None:
        raise NotFound("nobody has this identifier")
    return answer
