"""Whoever wrote it: a draft keeps to the time, the shares and the lengths that were asked for."""

import msgspec

from quanyu.content.generation.article import SELLING_PERCENT_MAX as ARTICLE_PERCENT
from quanyu.content.generation.brief import Brief, GeneratedKind
from quanyu.content.generation.creative import TITLE_CHARACTERS_MAX
from quanyu.content.generation.draft import ROLES, Draft, Part, shares_of_parts
from quanyu.content.generation.ports import Unwritten
from quanyu.content.generation.show_script import SELLING_PERCENT_MAX as SHOW_PERCENT
from quanyu.content.generation.speaking import SHOW, VIDEO, stretched, time_of
from quanyu.content.generation.video_script import SELLING_PERCENT_MAX as VIDEO_PERCENT

SELLING_PERCENT_MAX: dict[GeneratedKind, int] = {
    "show-script": SHOW_PERCENT, "video-script": VIDEO_PERCENT, "article": ARTICLE_PERCENT,
    "creative": 100,
}  # fmt: skip
PARTS_MAX = 400
PART_CHARACTERS_MAX = 2_000
STRETCH_SECONDS_MAX = 60


def fitted(draft: Draft, brief: Brief) -> Draft:
    """Seconds set by the pace of speech and filled up to the time asked for. Raises Unwritten, in
    Chinese, so that whoever wrote it can mend it."""
    _roles(draft, brief)
    timed = _timed(draft, brief)
    shares, most = shares_of_parts(timed.parts), SELLING_PERCENT_MAX[draft.kind]
    if not shares.within(most * 10):
        raise Unwritten(f"price 与 call 占 {shares.marketing_text}，最多 {most} %：多写有用的")
    _lengths(timed, brief)
    return timed


def _roles(draft: Draft, brief: Brief) -> None:
    known, items = ROLES[draft.kind], {one.id for one in brief.items}
    if not draft.parts or len(draft.parts) > PARTS_MAX:
        raise Unwritten(f"parts 要有 1 到 {PARTS_MAX} 段")
    for one in draft.parts:
        if one.role not in known:
            raise Unwritten(f"role {one.role[:20]!r} 不在 {'、'.join(sorted(known))} 之内")
        if not set(one.items) <= items or one.stores:
            raise Unwritten(f"item 只能是 {'、'.join(sorted(items))}")
        if not 0 < len(one.text.strip()) <= PART_CHARACTERS_MAX:
            raise Unwritten(f"每段 text 要有 1 到 {PART_CHARACTERS_MAX} 字")


def _timed(draft: Draft, brief: Brief) -> Draft:
    if draft.kind not in ("show-script", "video-script"):
        parts = tuple(msgspec.structs.replace(one, seconds=None) for one in draft.parts)
        return msgspec.structs.replace(draft, parts=parts)
    show = draft.kind == "show-script"
    pace, seconds = (SHOW, brief.minutes * 60) if show else (VIDEO, brief.seconds)
    spoken = [msgspec.structs.replace(one, seconds=pace.seconds(one.text)) for one in draft.parts]
    if (need := time_of(spoken)) > seconds:
        raise Unwritten(f"全文要念 {need} 秒，只有 {seconds} 秒：删短")
    roles = ("demo", "question") if show else ("reveal", "demo", "facts", "points")
    parts = tuple(stretched(spoken, seconds, roles=roles, most=STRETCH_SECONDS_MAX))
    return msgspec.structs.replace(draft, parts=parts)


def _lengths(draft: Draft, brief: Brief) -> None:
    if not 0 < len(draft.title) <= 200:
        raise Unwritten("title 要有 1 到 200 字")
    if draft.kind == "creative" and len(draft.title) > TITLE_CHARACTERS_MAX:
        raise Unwritten(f"title 最多 {TITLE_CHARACTERS_MAX} 字")
    length = len(draft.title) + sum(len(one.text) for one in draft.parts)
    if draft.kind == "article" and length > brief.characters:
        raise Unwritten(f"全文 {length} 字，最多 {brief.characters} 字")
    if draft.kind == "video-script" and not all(_shown(one) for one in draft.parts):
        raise Unwritten("每个镜头都要写 picture 和 subtitle")


def _shown(part: Part) -> bool:
    return bool(part.picture and part.subtitle)
