"""What an offer shows to customers: its texts, and the names that quotes and traces repeat."""

from quanyu.compliance.doorkeeper import Page, names_of
from quanyu.promotions.offers.terms import Template

TEXTS = ("title", "description", "rules_text")


def page_of(template: Template) -> Page:
    """Of a batch of coupons."""
    texts = {name: text for name in TEXTS if (text := getattr(template, name)) is not None}
    names = names_of({"terms": template.terms, "stores": template.stores})
    shop = template.priced.shop
    return Page(
        kind="offer", id=str(template.terms["id"]), texts=texts | names,
        shops=() if shop is None else (shop,),
    )  # fmt: skip
