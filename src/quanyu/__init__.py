"""Quanyu: the open engine for ecosystem marketing."""

__version__ = "0.1.0"
