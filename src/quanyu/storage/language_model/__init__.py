"""Writers behind endpoints that speak the protocol of chat completions."""

from quanyu.storage.language_model.chat import ChatWriter

__all__ = ["ChatWriter"]
