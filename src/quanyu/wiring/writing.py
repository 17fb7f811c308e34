"""Who writes content: templates, or the language model that the settings name."""

from typing import Literal

from quanyu.content.generation.ports import Writer
from quanyu.content.generation.template import TemplateWriter
from quanyu.errors import BadInput
from quanyu.settings import Settings

Provider = Literal["template", "llm"]


def writer_for(settings: Settings, provider: Provider) -> Writer:
    """Raises BadInput that names the setting which is missing."""
    if provider == "template":
        return TemplateWriter()
    from quanyu.storage.language_model import ChatWriter

    for name, value in (("QUANYU_LLM_URL", settings.llm_url),
                        ("QUANYU_LLM_MODEL", settings.llm_model)):  # fmt: skip
        if value is None:
            raise BadInput(name, "set it, or use the provider template")
    return ChatWriter(
        url=settings.llm_url or "", key=settings.llm_key or "", model=settings.llm_model or "",
        timeout_seconds=settings.llm_timeout_seconds,
    )  # fmt: skip


def producer_of(settings: Settings, merchant: str) -> str:
    """Who answers for generated content: the ContentProducer of its record."""
    return settings.content_producer or merchant
