"""Marks in texts: words that people read at the head or the tail, and a last line for machines."""

import re
from typing import Any, Literal

import msgspec

from quanyu.content.marking.record import KEY, Aigc, aigc_of
from quanyu.errors import BadInput

VISIBLE = "本内容由AI生成"
EDGE_CHARACTERS = 80
_VISIBLE = re.compile(
    r"(?<!非)(?<!不是)(?<!不含)(?<!没有)(?<!未经)(AI|ＡＩ|人工智能)(辅助)?(生成|合成)",
    re.IGNORECASE,
)
_LAST = re.compile(r'(?s)\A(?P<body>.*?)\n*(?P<line>\{"AIGC":.*\})\s*\Z')


def says_generated(text: str) -> bool:
    """Does it say anywhere that a machine wrote it? Blanks do not count; 非AI生成 is no mark."""
    return bool(_VISIBLE.search("".join(text.split())))


def is_marked(text: str) -> bool:
    """Does a reader see it at the head or at the tail? Marks elsewhere are lawful too, but only
    these are sure to be seen."""
    return says_generated(text[:EDGE_CHARACTERS]) or says_generated(text[-EDGE_CHARACTERS:])


def marked(text: str, *, where: Literal["head", "tail"] = "head") -> str:
    """With the visible mark, once."""
    if is_marked(text):
        return text
    mark = f"（{VISIBLE}）"
    return f"{mark}{text}" if where == "head" else f"{text}{mark}"


def with_record(text: str, record: Aigc) -> str:
    """The text as a file: marked, the record in its last line; an older record is replaced."""
    body, _ = parted(text)
    return f'{marked(body)}\n\n{{"{KEY}":{record.as_text()}}}\n'


def parted(text: str) -> tuple[str, Aigc | None]:
    """(the text itself, its record). Raises BadInput for a last line that is a damaged record."""
    found = _LAST.match(text)
    if found is None:
        if f'{{"{KEY}"' in text.rstrip().rpartition("\n")[2]:
            raise BadInput(KEY, "the record in the last line is damaged; write it anew")
        return text.rstrip("\n"), None
    try:
        tree = msgspec.json.decode(found["line"])
    except msgspec.DecodeError:
        raise BadInput(KEY, "the record in the last line is damaged; write it anew") from None
    return found["body"].rstrip("\n"), aigc_of(tree[KEY])


def in_document(document: dict[str, Any], record: Aigc) -> dict[str, Any]:
    """A JSON document with the record as its first key."""
    return {KEY: record.as_json(), **{k: v for k, v in document.items() if k != KEY}}


def of_document(document: object) -> Aigc | None:
    """The record of a JSON document: under its key, as an object or as its text."""
    if not isinstance(document, dict) or KEY not in document:
        return None
    return aigc_of(document[KEY])
