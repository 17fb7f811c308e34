"""What the model is told: the rules, the brief as data, and what was wrong with its last draft."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from quanyu.content.generation.brief import Brief
from quanyu.content.generation.draft import ROLES
from quanyu.content.generation.material import yuan
from quanyu.content.generation.ports import Task

FINDINGS_MAX = 20


class Prompts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: str
    wants: dict[str, str]


@cache
def prompts() -> Prompts:
    data = resources.files(__package__).joinpath("prompts.toml").read_bytes()
    return msgspec.toml.decode(data, type=Prompts)


def messages(task: Task) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in _said(task)]


def _said(task: Task) -> Iterator[tuple[str, str]]:
    brief, kind = task.brief, task.kind
    wanted = (
        prompts()
        .wants[kind]
        .format(minutes=brief.minutes, seconds=brief.seconds, characters=brief.characters)
    )
    data = json.dumps(_told(brief), ensure_ascii=False)
    yield "system", f"{prompts().rules}{'、'.join(sorted(ROLES[kind]))}。"
    yield "user", f"写{wanted}\n简报（资料）：\n{data}"
    if task.last is not None:
        last = {"title": task.last.title, "parts": msgspec.to_builtins(task.last.parts)}
        yield "assistant", json.dumps(last, ensure_ascii=False)
    if complaint := _complaint(task):
        yield "user", f"上一稿不能用，整篇重写。修改意见（资料）：\n{complaint}"


def _told(brief: Brief) -> dict[str, Any]:
    """Amounts as people say them; proofs are for the gate, not for the writer."""
    told: dict[str, Any] = msgspec.to_builtins(brief)
    for one in told["items"]:
        one.pop("claims", None)
        for name in ("price_fen", "reference_fen"):
            if name in one:
                one[name.removesuffix("_fen")] = yuan(one.pop(name))
    return told


def _complaint(task: Task) -> str:
    found = [{"文字": hit.text, "依据": hit.article, "问题": hit.why, "改法": hit.suggestion}
             for hit in task.findings[:FINDINGS_MAX]]  # fmt: skip
    lines = [task.complaint] if task.complaint else []
    return "\n".join([*lines, *(json.dumps(one, ensure_ascii=False) for one in found)])
