"""What the doors of improvement share: the page out of a document, and its judge."""

from collections.abc import Mapping
from typing import Any

import msgspec

from quanyu.content.generation.making import gate_for
from quanyu.content.improvement import FORMS, Report, scored
from quanyu.content.improvement.pages import Page, PageKind
from quanyu.strict import converted, decoded


class ImproveForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: PageKind
    page: dict[str, Any]
    weights: dict[str, int] = {}


def read_page(text: bytes, kind: PageKind) -> Page:
    """Raises BadInput with the path of the field."""
    return decoded(text, FORMS[kind], name="page")


def page_of(tree: dict[str, Any], kind: PageKind) -> Page:
    return converted(tree, FORMS[kind], name="page")


def read_weights(text: bytes) -> dict[str, int]:
    return decoded(text, dict[str, int], name="weights")


def judged(page: Page, weights: Mapping[str, int]) -> Report:
    """Under the law of the day that the page names."""
    page.checked()
    return scored(page, review=gate_for(page.industry, page.on), weights=weights)
