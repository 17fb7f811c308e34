"""The one table of what customers read: every free text of every route that writes is either in
``SHOWN``, where the gate has to look at it, or its name is in ``MACHINE``, and why.

A new field that is in neither fails ``test_gate_paths``: put it here, and if it is shown, through
the gate.
"""

from typing import Any

from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.interfaces.api.instalments import SettleForm, TermForm
from quanyu.interfaces.api.orders import PayForm, QuoteForm, RefundForm
from quanyu.interfaces.campaign_forms import Draft, Rebudget
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.merchants.papers.forms import EvidenceUpload, LicenceUpload, OverrideUpload
from quanyu.promotions.flash_sales.sales import Terms as FlashTerms
from quanyu.promotions.instalments.preview import PreviewForm
from quanyu.promotions.loyalty.exchange import Offered
from quanyu.promotions.loyalty.programmes import Terms as ProgrammeTerms
from quanyu.promotions.offers.terms import Template
from quanyu.promotions.orders.order import OrderForm
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.releases.release import Release
from quanyu.promotions.vouchers.voucher import VoucherProduct

Example = dict[str, Any]

FORMS: dict[str, dict[str, Any]] = {
    "POST /v1/offers": {"template": Template, "template.terms": Offer},
    "PUT /v1/promotions/{promotion}": {"": Offer},
    "PUT /v1/releases/{release}": {"": Release},
    "PUT /v1/vouchers/products": {"": VoucherProduct},
    "PUT /v1/points/programmes": {"terms": ProgrammeTerms},
    "POST /v1/points/items": {"offered": Offered},
    "POST /v1/flash-sales": {"sale": FlashTerms},
    "PUT /v1/items/{item}": {"": Item},
    "POST /v1/items": {"": list[Item]},
    "PUT /v1/stores/{store}": {"": Store},
    "POST /v1/stores": {"": list[Store]},
    "PUT /v1/campaigns/{campaign}": {"": Draft, "campaign": Campaign},
    "POST /v1/campaigns/{campaign}/budget": {"": Rebudget},
    "POST /v1/licences": {"": LicenceUpload},
    "POST /v1/evidence": {"": EvidenceUpload},
    "POST /v1/gate/overrides": {"": OverrideUpload},
    "POST /v1/quote": {"": QuoteForm},
    "POST /v1/orders": {"": OrderForm},
    "POST /v1/orders/{order}/pay": {"": PayForm},
    "POST /v1/orders/{order}/refund": {"": RefundForm},
    "POST /v1/instalments/quote": {"": PreviewForm},
    "POST /v1/orders/{order}/instalments/terms": {"": TermForm},
    "POST /v1/orders/{order}/instalments/settle": {"": SettleForm},
}
"""Documents that a route decodes by itself: path of the document → its form."""

UNSHOWN_DOCUMENTS = {
    "PUT /v1/contents/{piece}": "a draft; the gate at approve, publish, resume and whenever it is "
    "shown: tests/contract/test_content_library.py attacks it",
    "PUT /v1/shows/{show}": "a plan; the gate at approve and start: tests/contract/shows",
    "POST /v1/shows/{show}/moves/{move}": "who, why, where the replay is; kept in the archive",
    "POST /v1/shows/{show}/log": "what was said; kept in the archive, which the merchant reads",
    "POST /v1/contents/generate": "every piece has passed the gate before it is answered, and is "
    "stored as a draft by the route above",
    "POST /v1/decide": "a question; the answer is made of goods, offers, pieces and creatives that "
    "have passed the gate, and repeats no word of it",
    "POST /v1/contents/improve": "a page to be scored; only the asker reads the answer",
    "POST /v1/compliance/copy": "texts to be looked at; only the asker reads the answer",
    "POST /v1/compliance/price": "a question about a price; only the asker reads the answer",
    "POST /v1/reports/funnel": "conditions of a report; nobody but the merchant reads it",
    "PUT /v1/audiences/{name}": "a tree of conditions; nobody but the merchant reads it",
    "POST /v1/audiences/estimate": "the same",
    "POST /v1/audiences/combine": "the same",
    "POST /v1/audiences/{name}/explain": "the same",
}


def terms(**change: Any) -> Example:
    benefit = {"amount_off": {"amount": 2_000, "threshold": 10_000}}
    return {"id": "t1", "lane": "shop", "kind": "coupon", "benefit": benefit, **change}


ITEM: Example = {
    "id": "i1", "shop": "总店", "title": "透明手机壳", "price_fen": 1_990, "state": "on_sale",
    "category": ["数码"], "flags": ["green"], "attributes": {"颜色": "透明"},
    "selling_points": ["轻薄"], "images": [{"url": "/1.jpg", "alt": "正面"}],
    "description": "适合日常使用", "standard": "GB/T 1", "registration": "无",
}  # fmt: skip
STORE: Example = {
    "id": "s1", "name": "朝阳店", "shop": "总店", "lat": 39.9, "lng": 116.4, "address": "朝阳路1号",
    "photos": [{"url": "/1.jpg", "alt": "门头"}], "categories": ["数码"], "services": ["包间"],
}  # fmt: skip
_ITEM = [
    "title",
    "description",
    "shop",
    "category[]",
    "attributes{}",
    "attributes{name}",
    "selling_points[]",
    "images[].alt",
    "standard",
    "registration",
]
_STORE = [
    "name",
    "shop",
    "address",
    "categories[]",
    "services[]",
    "photos[].alt",
]

OFFER = {
    "actor": "lin",
    "template": {
        "terms": terms(
            shop="总店", requires=["会员"],
            scope={"items": ["茶"], "categories": ["饮品"], "flags": ["新品"]},
        ),
        "pieces": 10, "money": 100_000, "valid_for": "7d", "title": "满100减20",
        "description": "全场可用", "rules_text": "每人一张", "stores": ["一店"],
    },
}  # fmt: skip


def gives(lane: str, benefit: Example) -> Example:
    """A promotion."""
    return {"lane": lane, "benefit": benefit}


def coupon_that(benefit: Example, lane: str = "shop") -> Example:
    made = {"id": "t1", "lane": lane, "kind": "coupon", "benefit": benefit}
    return {**OFFER, "template": {**OFFER["template"], "terms": made, "face": 100}}  # type: ignore[dict-item]


_CREATIVE = {"id": "c1", "title": "透明手机壳", "text": "轻薄", "landing": {"item": "i1"}}
CAMPAIGN: Example = {
    "actor": "lin",
    "campaign": {
        "creatives": [_CREATIVE], "keywords": [{"text": "手机壳", "match": "broad"}],
        "advertiser": "总店", "title": "春季", "bid": {"cpc": {"bid_fen": 100}},
        "budget": {"day_fen": 1_000, "total_fen": 5_000},
        "schedule": {"from": "2099-06-18T12:00:00+08:00", "to": "2099-07-18T12:00:00+08:00"},
    },
}  # fmt: skip
_INSERTS: Example = {**CAMPAIGN, "campaign": {**CAMPAIGN["campaign"], "creatives": [
    {**_CREATIVE, "title": "{keyword:手机壳}"},
]}}  # fmt: skip
GIFT: Example = {"gift": {"item": "茶杯"}}
AFTER: Example = {"issue_coupon": {"template": "回礼券"}}
BUNDLE: Example = {"bundle_price": {"items": {"茶": 1, "茶杯": 1}, "price": 990}}
_SCOPE = ["shop", "scope.items[]", "scope.categories[]", "scope.flags[]", "requires[]"]
_GIFTS: list[tuple[str, Example, str]] = [
    ("shop", GIFT, "benefit.gift.item"),
    ("after", AFTER, "benefit.issue_coupon.template"),
    ("shop", BUNDLE, "benefit.bundle_price.items{name}"),
]
BEFORE: Example = {"shop": "总店", "reference": 2_990, "basis": "七日内最低成交价"}
_BEFORE = ["compared.shop", "compared.basis"]
CHEAPER: Example = {
    "benefit": {"percent_off": {"percent": 10}}, "scope": {"items": ["case"]}, "compared": BEFORE,
}  # fmt: skip
_COMPARED = {**ITEM, "reference_fen": 2_990, "reference_basis": "七日内最低成交价"}
Attacked = list[tuple[Any, list[str]]]

SHOWN: dict[str, Attacked] = {
    "POST /v1/offers": [
        (OFFER, ["template.title", "template.description", "template.rules_text",
                 "template.stores[]", *(f"template.terms.{path}" for path in _SCOPE)]),
        *((coupon_that(benefit, lane), [f"template.terms.{path}"])
          for lane, benefit, path in _GIFTS),
    ],
    "PUT /v1/promotions/{promotion}": [
        ({"lane": "item", **CHEAPER}, _BEFORE),
        ({"lane": "shop", "benefit": terms()["benefit"], "shop": "总店", "requires": ["会员"],
          "scope": {"items": ["茶"], "categories": ["饮品"], "flags": ["新品"]}},
         ["{promotion}", *_SCOPE]),
        *((gives(lane, benefit), [path]) for lane, benefit, path in _GIFTS),
    ],
    "PUT /v1/releases/{release}": [
        ({"item": "新茶", "from": "2099-06-18T12:00:00+08:00",
          "early_from": "2099-06-18T10:00:00+08:00", "early_for": "会员"},
         ["{release}", "item", "early_for"]),
        ({"category": "饮品", "from": "2099-06-18T12:00:00+08:00"}, ["category"]),
    ],
    "PUT /v1/vouchers/products": [
        ({"item": "双人餐", "shop": "总店", "face_fen": 20_000, "valid_days": 90,
          "stores": ["一店"]}, ["item", "shop", "stores[]"]),
    ],
    "PUT /v1/points/programmes": [
        ({"name": "brand", "terms": {
            "points_per_yuan": 1, "expiry": {"kind": "year_end"}, "label": "茶币",
            "tiers": [{"name": "gold", "label": "金卡", "from_points": 100}]}},
         ["terms.label", "terms.tiers[].label"]),
    ],
    "POST /v1/points/items": [
        ({"programme": "brand", "offered": {
            "name": "ride", "label": "打车券", "points": 30, "partner": "出行", "pieces": 5,
            "benefit": "ride_coupon"}}, ["offered.label", "offered.partner"]),
    ],
    "POST /v1/flash-sales": [
        ({"sale": {"name": "f1", "item": "case", "price_fen": 990, "pieces": 5, "compared": BEFORE,
                   "starts": "2099-06-18T12:00:00+08:00", "ends": "2099-06-18T13:00:00+08:00"}},
         [f"sale.{path}" for path in _BEFORE]),
        ({"sale": {"name": "f1", "item": "茶杯", "price_fen": 990, "pieces": 5, "only": "会员",
                   "starts": "2099-06-18T12:00:00+08:00", "ends": "2099-06-18T13:00:00+08:00",
                   "early": "2099-06-18T11:00:00+08:00", "early_for": "金卡"}},
         ["sale.item", "sale.only", "sale.early_for"]),
    ],
    "PUT /v1/items/{item}": [(ITEM, _ITEM), ({**_COMPARED, "{item}": "i1"}, ["reference_basis"])],
    "POST /v1/items": [
        ([ITEM], [f"[].{path}" for path in _ITEM]), ([_COMPARED], ["[].reference_basis"]),
    ],
    "PUT /v1/stores/{store}": [(STORE, _STORE)],
    "POST /v1/stores": [([STORE], [f"[].{path}" for path in _STORE])],
    "PUT /v1/campaigns/{campaign}": [
        (CAMPAIGN, ["campaign.creatives[].title", "campaign.creatives[].text"]),
        (_INSERTS, ["campaign.keywords[].text"]),
    ],
}  # fmt: skip
"""Route → (what is good, the fields that are shown): each is attacked."""

_WHO = "says who acts, for the record; only operators read it"
_OWN = "is of who asks, and only the asker reads it"
_REF = "names something that exists; what is unknown is refused or finds nothing"
_FORM = "has a form of its own that is checked when it is read"
_PAPER = "is a paper for operators; no customer reads it"
_PAST = "tells what has happened; nothing of it is shown"

MACHINE: dict[str, str] = {
    **dict.fromkeys([
        "actor", "note", "reason",
    ], _WHO),
    **dict.fromkeys([
        "identifier", "identifiers", "between", "to", "channel", "recipient",
    ], _OWN),
    **dict.fromkeys([
        "audience", "audiences", "batch", "campaign", "content", "coupon", "coupons",
        "decision", "device", "edge", "event_id", "hold", "holds", "offer", "order", "pass",
        "pending_id", "previous", "programme", "promotion", "release", "signature", "use",
        "voucher", "store", "gift", "merchant", "purpose", "rule", "operation", "code",
        "credit", "debit", "reference", "touchpoint", "touchpoints", "method", "kind",
        "line", "eligibility", "industry", "piece", "show",
    ], _REF),
    **dict.fromkeys([
        "early", "ends", "starts", "expires", "from", "hours", "phone", "ttl",
        "undo_within", "valid_for", "window",
    ],
        _FORM),
    **dict.fromkeys([
        "claim", "file_name", "holder", "number", "region", "source", "shops", "evidence",
        "suggested_source",
    ], _PAPER),
    **dict.fromkeys([
        "marks", "props", "query",
    ], _PAST),
}  # fmt: skip
"""Last name of a path → why no customer reads it, wherever it stands."""

_LINE = ["item", "category", "flags[]"]
_CART = [*(f"cart.lines[].{path}" for path in (*_LINE, "shop")), "cart.shipping[].shop"]

UNSHOWN: dict[str, list[str]] = {
    "POST /v1/decide": [
        "context.at",
        "context.basket[]",
        "context.item",
        "context.scene[]",
        "context.wanted[]",
    ],
    "POST /v1/events": ["[].item"],
    "POST /v1/quarantine/{entry}/replay": ["item"],
    "POST /v1/ledger/transfers": ["[].id", "[][].id"],
    "POST /v1/offers": [
        "template.terms.id",
        "template.terms.funders{name}",
        *(f"template.terms.{path}" for path in _BEFORE),
    ],
    "PUT /v1/promotions/{promotion}": ["id", "funders{name}"],
    "PUT /v1/releases/{release}": ["id"],
    "POST /v1/redemptions": [f"lines[].{path}" for path in _LINE],
    "POST /v1/redemptions/offline": [f"entries[].lines[].{path}" for path in _LINE],
    "POST /v1/quote": _CART,
    "POST /v1/orders": [*_CART, "advertised{name}"],
    "PUT /v1/points/programmes": ["name"],
    "POST /v1/points/earn": ["flags[]", "lines[].flags[]"],
    "POST /v1/points/exchange": ["item"],
    "POST /v1/flash-sales/{name}/close": ["{name}"],
    "POST /v1/flash-sales/{name}/attempts": ["{name}"],
    "PUT /v1/items/{item}": ["{item}", "flags[]"],
    "POST /v1/items": ["[].flags[]"],
    "PUT /v1/campaigns/{campaign}": [
        "campaign.advertiser",
        "campaign.title",
        "campaign.scenes[]",
        "campaign.categories[]",
    ],
    "POST /v1/campaigns/fund": ["advertiser"],
    "POST /v1/licences": ["licence.scope[]"],
    "POST /v1/licences/withdraw": ["id"],
    "POST /v1/evidence": ["evidence.scope"],
    "POST /v1/evidence/withdraw": ["id"],
    "POST /v1/privacy/assessments": [
        "id",
        "subject",
        "features[]",
        "risks",
        "measures",
        "approver",
        "valid_until",
    ],
    "POST /v1/gate/overrides/withdraw": ["id"],
    "POST /v1/gate/withheld/resume": ["id"],
    "POST /v1/person/correct": ["field", "value", "proof"],
    "POST /v1/shows/hosts/forget": ["host"],
    "PUT /v1/audiences/{name}": ["{name}"],
    "DELETE /v1/audiences/{name}": ["{name}"],
    "POST /v1/audiences/{name}/explain": ["{name}"],
}
"""Names that are shown elsewhere, and what only the merchant's people or a machine read. Here they
are ids, which take no other letters, the cart of who asks, papers, what the person reads of itself
alone, or refused anyway: coupons are not compared with prices."""
