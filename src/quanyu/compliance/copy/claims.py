"""What is on record for a text: evidence for its claims, names, and what the operator decided."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache

import msgspec

from quanyu.compliance.copy.folding import folded
from quanyu.compliance.rulebook import Rule
from quanyu.compliance.verdict import Severity
from quanyu.errors import BadInput

CLAIMS_MAX = 1_000
GAP_MAX = 20


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Evidence for a statement. 《广告法》第十一条: a true source, its scope and validity."""

    text: str
    """The statement as the ad makes it; ``*`` stands for up to 20 characters."""
    source: str
    """Who counted, measured or certified."""
    file: str
    sha256: str
    """Of the file, when the evidence was taken in."""
    scope: str | None = None
    """Of what: the class of goods or the sample."""
    region: str | None = None
    period_from: date | None = None
    period_to: date | None = None
    """Over which days it was counted, both included."""
    valid_until: date | None = None
    found_sha256: str | None = None
    """Of the file as it was found now; none: there is no file. Whoever reads files sets it."""


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The operator reads a rule that rests on secondary sources otherwise, and says why."""

    rule: str
    severity: Severity
    reason: str
    actor: str


def said_by(override: Override) -> str:
    """As a hit cites it."""
    return f"经营者判断：{override.reason}（{override.actor}）"


class OnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a review may take into account besides the text."""

    claims: tuple[Claim, ...] = ()
    overrides: tuple[Override, ...] = ()
    names: tuple[str, ...] = ()
    """Registered names of the firm, its goods and trade marks."""
    beside: tuple[str, ...] = ()
    """Texts that are shown together with it: what must be said may be said there."""


NOTHING = OnRecord()


def checked_overrides(
    overrides: Iterable[Override], rules: Mapping[str, Rule]
) -> dict[str, Override]:
    """By rule. Raises BadInput for a rule that was read in the law itself, or without a reason."""
    found = {}
    for place, one in enumerate(overrides):
        field = f"overrides[{place}]"
        if not one.reason.strip() or not one.actor.strip():
            raise BadInput(f"{field}.reason", "say why, and who decided it")
        if (rule := rules.get(one.rule)) is None:
            raise BadInput(f"{field}.rule", f"{one.rule[:80]!r} is no rule")
        if rule.check == "copy" and rule.source == "V":
            mend = f"{one.rule} stands in {rule.cited} itself and cannot be read otherwise"
            raise BadInput(f"{field}.rule", mend)
        found[one.rule] = one
    return found


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def with_files(claims: Iterable[Claim], read: Callable[[str], bytes | None]) -> tuple[Claim, ...]:
    """Looks each file up and notes the hash that it has now."""
    found = []
    for claim in claims:
        content = read(claim.file)
        digest = None if content is None else sha256_of(content)
        found.append(msgspec.structs.replace(claim, found_sha256=digest))
    return tuple(found)


def covers(claim: Claim, plain: str, *, span: tuple[int, int]) -> bool:
    """Is the statement of the claim made in the folded text, around that place?"""
    start, end = span
    return any(
        found.start() < end and start < found.end() for found in _said(claim.text).finditer(plain)
    )


@cache
def _said(text: str) -> re.Pattern[str]:
    pieces = [re.escape(folded(piece)) for piece in text.split("*") if folded(piece)]
    if not pieces:
        raise BadInput("claims.text", "give the words of the statement")
    return re.compile(f".{{0,{GAP_MAX}}}?".join(pieces), re.DOTALL)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the statement in the text says of itself."""

    on: date
    year: int | None = None
    region: str | None = None


def lacking(claim: Claim, wanted: Wanted) -> str | None:
    """What the evidence lacks for this statement on this day, in Chinese; None: it proves it."""
    return _file_fault(claim) or _time_fault(claim, wanted) or _scope_fault(claim, wanted)


def _file_fault(claim: Claim) -> str | None:
    if not claim.source.strip():
        return "证明材料没有写明出处"
    if claim.found_sha256 is None:
        return f"证明文件 {claim.file} 不存在"
    if claim.found_sha256 != claim.sha256.lower():
        return f"证明文件 {claim.file} 与登记时不一致（SHA-256 不符）"
    return None


def _time_fault(claim: Claim, wanted: Wanted) -> str | None:
    if claim.valid_until is not None and claim.valid_until < wanted.on:
        return f"证明材料已于 {claim.valid_until} 过期"
    if claim.period_to is not None and claim.period_to > wanted.on:
        return f"统计期到 {claim.period_to} 才结束"
    if wanted.year is None:
        return None
    if claim.period_from is None or claim.period_to is None:
        return "证明材料没有写明统计期"
    if not claim.period_from.year <= wanted.year <= claim.period_to.year:
        return f"统计期 {claim.period_from} 至 {claim.period_to} 不含 {wanted.year} 年"
    return None


def _scope_fault(claim: Claim, wanted: Wanted) -> str | None:
    if wanted.region is None:
        return None
    if not claim.region or not claim.scope:
        return "证明材料没有写明统计的地域和品类范围"
    if folded(claim.region) != folded(wanted.region):
        return f"证明材料的地域是{claim.region}，文案说的是{wanted.region}"
    return None


def cited(claim: Claim) -> str:
    """As a verdict cites it."""
    period = f"，{claim.period_from} 至 {claim.period_to}" if claim.period_from else ""
    within = "".join(f"，{part}" for part in (claim.region, claim.scope) if part)
    return f"依据：{claim.source}{within}{period}（{claim.file}）"
