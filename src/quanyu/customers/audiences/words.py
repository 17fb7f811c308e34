"""How a condition reads in Chinese."""

from typing import Any

from quanyu.clock import parse_duration
from quanyu.customers.audiences.tree import (
    EventCondition,
    InAudience,
    Leaf,
    SequenceCondition,
    Step,
    TagCondition,
    Value,
    Window,
)
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.money import format_yuan

KINDS = {
    "impression": "曝光", "view": "浏览", "search": "搜索", "click": "点击", "watch": "观看",
    "follow": "关注", "favourite": "收藏", "add_to_cart": "加购", "order_placed": "下单",
    "payment_completed": "支付", "refund_completed": "退款", "instalment_paid": "分期还款",
    "coupon_issued": "领券",
    "coupon_locked": "占用优惠券", "coupon_redeemed": "核销", "coupon_expired": "优惠券过期",
    "points_earned": "得积分", "points_spent": "用积分", "member_joined": "入会",
    "fact_corrected": "更正信息",
    "review_posted": "评价", "complaint_made": "投诉", "store_searched": "搜店",
    "route_requested": "导航", "store_arrived": "到店", "delivery_dispatched": "发货",
    "delivery_completed": "送达", "delivery_delayed": "配送延误", "delivery_failed": "配送失败",
    "message_sent": "触达", "decision_made": "决策",
}  # fmt: skip
OPS = {
    "eq": "等于", "ne": "不等于", "gt": "大于", "ge": "至少", "lt": "少于", "le": "至多",
    "in": "是其中之一", "not_in": "都不是", "contains": "包含", "between": "介于", "exists": "有值",
}  # fmt: skip
UNITS = {"w": "周", "d": "天", "h": "小时", "m": "分钟", "s": "秒"}


def phrase(leaf: Leaf | InAudience, catalogue: Catalogue | None = None) -> str:
    """The condition as a marketer would say it, without the person."""
    if isinstance(leaf, TagCondition):
        tag = catalogue.tags.get(leaf.tag) if catalogue else None
        if leaf.op == "exists":
            return f"标签「{tag.label if tag else leaf.tag}」{'有值' if leaf.value else '无值'}"
        return f"标签「{tag.label if tag else leaf.tag}」{_need(leaf.op, leaf.value)}"
    if isinstance(leaf, InAudience):
        return f"属于人群「{leaf.audience}」"
    if isinstance(leaf, SequenceCondition):
        steps = " → ".join(_step(step) for step in leaf.steps)
        return f"{_span(leaf.within)}内依次 {steps}"
    return f"{_window(leaf.window)}{_step(leaf.step)}{_measure(leaf)}{_need(leaf.op, leaf.value)}"


def _step(step: Step) -> str:
    where = "、".join(f"{name}={_listed(value)}" for name, value in step.where)
    return KINDS.get(step.event, step.event) + (f"（{where}）" if where else "")


def _measure(leaf: EventCondition) -> str:
    if leaf.measure == "count":
        return "次数"
    if leaf.measure == "days":
        return "天数"
    return "金额（分）" if leaf.field == "amount" else f"的 {leaf.field} 合计"


def _need(op: str, value: Value) -> str:
    if op == "between" and isinstance(value, tuple):
        return f"介于 {value[0]} 和 {value[1]} 之间"
    return f"{OPS[op]} {_listed(value)}"


def _listed(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _span(text: str) -> str:
    return f"{int(text[:-1])} {UNITS[text[-1]]}"


def _side(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError:
        return text.replace("T", " ")
    return f"{_span(text)}前"


def _window(window: Window) -> str:
    if window.text is not None:
        return f"近 {_span(window.text)}"
    if window.start is None and window.end is None:
        return "累计"
    start = _side(window.start) if window.start else "最初"
    end = _side(window.end) if window.end else "现在"
    return f"从{start}到{end}"


def shortfall(leaf: EventCondition, have: int) -> str:
    """How much is missing, where that is a number: ``差 2 次``, ``差 ¥12.30``."""
    if not isinstance(leaf.value, int) or leaf.op not in ("ge", "gt", "eq"):
        return ""
    missing = leaf.value - have + (1 if leaf.op == "gt" else 0)
    if missing <= 0:
        return ""
    if leaf.measure == "sum" and leaf.field == "amount":
        return f"，差 {format_yuan(missing)}"
    unit = {"count": " 次", "days": " 天"}.get(leaf.measure, "")
    return f"，差 {missing}{unit}"
