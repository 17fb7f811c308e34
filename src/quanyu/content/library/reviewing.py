"""What the gate is shown of a piece, and what the ecosystem's own limits say of it."""

from collections.abc import Sequence
from datetime import date

import msgspec

from quanyu.compliance.policy import Policy
from quanyu.compliance.showing import Gate, Showing
from quanyu.compliance.verdict import Hit, Severity, Verdict, joined
from quanyu.content.library.shares import shares_of
from quanyu.content.marking.words import says_generated
from quanyu.content.piece import Kind, Piece, Segment
from quanyu.content.policy import POLICY
from quanyu.content.policy import limit_permille as limit_of


def showing_of(piece: Piece, merchant: str, *, on: date) -> Showing:
    texts = {"title": piece.title} | texts_of("segments", piece.segments)
    return Showing(
        kind=piece.kind, id=piece.id, merchant=merchant, industry=piece.industry, on=on,
        texts=texts, advertises=piece.sells, marked_as_ad=piece.marked_as_ad,
        generated=piece.generated is not None,
        marked_as_generated=any(map(says_generated, texts.values())),
    )  # fmt: skip


def texts_of(field: str, segments: Sequence[Segment]) -> dict[str, str]:
    """By place: ``segments[2].text``."""
    return {f"{field}[{place}].text": one.text for place, one in enumerate(segments) if one.text}


def review(piece: Piece, merchant: str, *, gate: Gate, policy: Policy, on: date) -> Verdict:
    """The law, then the limits of the ecosystem."""
    law = with_help(gate.check(showing_of(piece, merchant, on=on)), "--mark-ad 可由内容库代标")
    return joined((law, too_much(piece.kind, piece.segments, policy=policy)))


def with_help(verdict: Verdict, help: str) -> Verdict:
    """The mark of an ad is ours to set: says how it is asked for."""
    return Verdict(tuple(_helped(one, help) for one in verdict.hits))


def _helped(hit: Hit, help: str) -> Hit:
    if hit.rule != "mark.ad":
        return hit
    suggestion = f"{hit.suggestion}：{help}"
    return msgspec.structs.replace(hit, field="marked_as_ad", suggestion=suggestion)


def too_much(kind: Kind, segments: Sequence[Segment], *, policy: Policy) -> Verdict:
    """More marketing than the ecosystem allows in a piece of that kind."""
    found, limit_permille = shares_of(segments), limit_of(policy, kind)
    if found.within(limit_permille):
        return Verdict()
    limit = f"{limit_permille // 10}.{limit_permille % 10}%"
    why = f"营销部分占 {found.marketing_text}，超过上限 {limit}"
    what = "直播广告时长" if kind == "show" else "内容营销占比"
    hit = Hit(
        rule=f"policy.{'air_time' if kind == 'show' else 'marketing'}_share",
        article=f"{POLICY}{what}", severity=Severity.BLOCK, field="segments", why=why,
        suggestion="缩短营销段落，或补充有用、有趣的内容",
    )  # fmt: skip
    return Verdict((hit,))
