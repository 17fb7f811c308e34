"""A writer behind any OpenAI-compatible endpoint (Qwen and others): extra ``llm``.

What comes back is taken for a stranger's text: bounded in bytes and time, decoded strictly, given
its purpose by role; the gate loop judges it as it judges every draft.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from quanyu.content.generation.brief import GeneratedKind
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.ports import Task, Unwritten, WriterUnavailable
from quanyu.errors import BadInput
from quanyu.storage.language_model.telling import messages

ANSWER_BYTES_MAX = 1 << 20
TOKENS_MAX = 8_000
TEMPERATURE = 0.8


class Written(msgspec.Struct, frozen=True):
    role: str
    text: str
    item: str | None = None
    picture: str = ""
    subtitle: str = ""


class Answer(msgspec.Struct, frozen=True):
    title: str
    parts: tuple[Written, ...]


@dataclass(frozen=True)
class ChatWriter:
    url: str
    key: str
    model: str
    timeout_seconds: int = 60
    attempts: int = 3

    @property
    def name(self) -> str:
        return self.model[:64]

    def write(self, task: Task) -> Draft:
        return draft_of(self._answered(messages(task), task.seed), task.kind)

    def _answered(self, said: list[dict[str, str]], seed: int) -> str:
        """The text of the answer. The client tries again, later each time, when the endpoint is
        busy or away."""
        import openai

        try:
            return self._content(said, seed)
        except openai.APIStatusError as error:
            raise WriterUnavailable(f"{self.url} answers {error.status_code}") from None
        except openai.APITimeoutError:
            raise WriterUnavailable(f"no answer within {self.timeout_seconds} s") from None
        except openai.APIError as error:
            raise WriterUnavailable(f"{self.url}: {type(error).__name__}") from None

    def _content(self, said: list[dict[str, str]], seed: int) -> str:
        create = self._client.chat.completions.with_streaming_response.create
        ends = time.monotonic() + self.timeout_seconds
        with create(
            model=self.model, messages=said, seed=seed, temperature=TEMPERATURE,
            max_tokens=TOKENS_MAX, response_format={"type": "json_object"},
        ) as response:  # fmt: skip
            return content_of(bounded(response.iter_bytes(), ends=ends))

    @cached_property
    def _client(self) -> Any:
        try:
            import openai
        except ImportError:
            raise BadInput("provider", "install the extra: pip install 'quanyu[llm]'") from None
        return openai.OpenAI(
            base_url=self.url, api_key=self.key or "none", timeout=self.timeout_seconds,
            max_retries=self.attempts - 1,
        )  # fmt: skip


def bounded(chunks: Iterable[bytes], *, ends: float) -> bytes:
    """Raises WriterUnavailable for an answer that drips on, Unwritten for one that is too long."""
    parts, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > ANSWER_BYTES_MAX:
            raise Unwritten(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")
        if time.monotonic() > ends:
            raise WriterUnavailable("the answer came too slowly")
        parts.append(chunk)
    return b"".join(parts)


def content_of(body: bytes) -> str:
    """``choices[0].message.content`` of the protocol. Raises Unwritten."""
    try:
        choice = json.loads(body)["choices"][0]
        content = choice["message"]["content"]
    except (ValueError, LookupError, TypeError):
        raise Unwritten("the endpoint does not speak the protocol of chat completions") from None
    if not isinstance(content, str) or not content.strip():
        raise Unwritten("the answer is empty")
    return content


def draft_of(content: str, kind: GeneratedKind) -> Draft:
    """Raises Unwritten, in the words that go back to the model."""
    text = content.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        answer = msgspec.json.decode(text.strip(), type=Answer)
    except msgspec.MsgspecError as error:
        raise Unwritten(f"输出不是要求的 JSON：{str(error)[:120]}") from None
    except UnicodeError:
        raise Unwritten("输出不是要求的 JSON") from None
    parts = (
        Part(one.role, _line(one.text), items=(one.item,) if one.item else (),
             picture=_line(one.picture), subtitle=_line(one.subtitle))
        for one in answer.parts
    )  # fmt: skip
    return Draft(kind, _line(answer.title), tuple(parts))


def _line(text: str) -> str:
    """One line; control characters of any kind are no part of a script."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
