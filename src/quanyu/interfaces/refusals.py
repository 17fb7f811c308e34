"""What to do about each refusal, for every door; the codes are those of the enums that refuse."""

from collections.abc import Mapping
from typing import TypeVar

from quanyu.errors import BadInput, Refused

T = TypeVar("T")

LOOK = "look at its state first; the tables of states in docs/ say what it allows"
MEND: Mapping[str, str] = {
    # of every command
    "key_used_for_another_request": "use a new key: this one stands for what it was first used for",
    "not_found": "check the name; what belongs to another merchant is not found either",
    "wrong_state": LOOK,
    "expired": "nothing can be done after its end; issue a new one",
    "per_person_limit": "this person has had as many as one person may, over all identifiers",
    "sold_out": "load more pieces, or try again when holds have run out",
    # offers
    "same_actor": "let a second person approve it: it is above QUANYU_FOUR_EYES_FEN",
    "id_taken": "choose another id, or send the same template again",
    "not_tripped": "nothing to reset: its breaker has not tripped",
    # coupons
    "locked_by_other_order": "cancel that order or wait until its time to pay is over",
    "used_by_other_order": "it was used; only a refund of that order brings it back",
    "offer_not_active": "submit and approve the offer first, or resume it",
    "offer_paused": "resume the offer first",
    "killed": "the kill switch is on; `quanyu offer kill --revive` when the cause is known",
    "breaker_tripped": "look at why so much is taken, then `quanyu offer breaker reset`",
    "too_fast": "wait some minutes; a person does not try so often",
    "cap_pieces": "every piece of the offer has been given out",
    "cap_money": "the money of the offer has been given out",
    "not_claimable": "this offer is only given out by the merchant",
    "already_bound": "somebody holds it already",
    "not_the_holder": "ask with the identifier of the person who holds it",
    "not_giftable": "the offer does not allow gifts",
    "bad_code": "show a fresh code; the one on the screen changes every 30 seconds",
    "wrong_store": "redeem it at a store of the offer",
    "wrong_touchpoint": "use it where the offer allows it",
    "outside_hours": "use it within the hours of the offer",
    "below_threshold": "the bill must reach the threshold",
    "virtual_goods": "the offer does not pay for virtual goods",
    "only_in_orders": "place an order here: only that says who pays, and which show is on air",
    "needs_lines": "send the lines of the bill: the offer counts some items alone",
    "not_in_audience": "the offer is for members of its audience, as of now",
    "over_face": "take off no more than its face",
    "undo_window_over": "refund it instead: the time to undo is over",
    # tills without a network
    "bad_pass": "show a new pass; this one is not signed by the server of the merchant",
    "other_merchant": "use it at a till of the merchant that issued it",
    "pass_not_yet": "set the clock of the till",
    "pass_over": "ask for a new pass while there is a network",
    "seen_here": "this till has taken the coupon before",
    "not_offline": "redeem it with a network: its offer is not taken without",
    "cap_of_coupon": "redeem it with a network: it is worth more than the offer risks on one piece",
    "cap_of_device": "redeem it with a network: the till has given what it may in this shift",
    "clock_went_back": "set the clock of the till; its journal is ahead of it",
    "bad_signature": "send the entry as the till wrote it",
    "unknown_device": "enrol the till with `quanyu coupon device add`",
    "device_revoked": "enrol another device; nothing is taken from this one",
    "broken_chain": "send the whole journal of the till, as it stands",
    "altered_amount": "look at the till: it gives other discounts than its passes say",
    "from_the_future": "set the clock of the till, and send the entry again later",
    "already_used": "the coupon was used elsewhere before",
    "void": "the coupon was put out of force before",
    "gifting": "the coupon was given away before",
    # orders
    "order_not_found": "check the id; orders of other merchants are not found either",
    "order_exists": "use another id; retry the same order under its first key",
    "order_in_wrong_state": LOOK,
    "pay_deadline_over": "place a new order; everything that this one held is free again",
    "price_changed": "show the buyer the new price, then place with it as expected_payable",
    "above_advertised": "charge no more than was shown, or show the right price first",
    "amount_differs": "the notice must name just what the order costs, or the term",
    "unit_named_twice": "name each unit once",
    "coupon_not_usable": "name only coupons that the buyer holds and can use now",
    "points_worth_less": "give no more per point than the ecosystem's programme does",
    "not_released_yet": "come when it is released; both times are microseconds since 1970",
    "pieces_differ_from_cart": "hold just as many pieces of the item as are in the cart",
    "nothing_to_refund": "name at least one unit",
    "unit_not_in_order": "units of a line are numbered from 1 to its quantity",
    "unit_returned_already": "it has come back before",
    "bundle_returns_only_as_a_whole": "name every unit of the bundle",
    # content
    "author_approves": "let somebody else approve it than who wrote or submitted it",
    "planner_approves": "let somebody else approve it than who planned it",
    "show_not_approved": "approve it first: `quanyu show checklist` says what is missing",
    "show_too_early": "come 30 minutes before its time, or plan it earlier",
    "show_is_over": "its time is over; plan another one",
    "show_not_live": "start it first; after its end nothing more happens in it",
    "slot_not_in_show": "name a slot of its plan",
    "coupon_not_in_show": "name a batch that one of its slots has",
    "item_not_in_show": "name an item that one of its slots has",
    # campaigns
    "version_changed": "look at the newest version again; somebody has written another one",
    "purse_too_small": "fund the advertiser first: `quanyu campaign fund`",
    "below_spent": "ask for no less than what is spent or at work",
    # vouchers
    "voucher_not_found": "check the code; vouchers of other merchants are not found either",
    "voucher_refunded": "its rest was paid back",
    "voucher_used_up": "nothing is left on it",
    "voucher_expired": "it is past its end; its rest can be refunded",
    "amount_not_positive": "give an amount of 1 or more",
    "exceeds_rest_of_voucher": "take off no more than its rest",
    "voucher_used_already": "undo its uses first: what was used cannot be returned",
    "use_not_found": "check the id of the use",
    "use_already_undone": "nothing is left to undo",
    # points
    "frozen": "thaw the member first",
    "not_enough_points": "spend no more than is available",
    "not_transferable": "points of this programme stay with who earned them",
    "same_member": "name somebody else",
    "in_debt": "earn the owed points first",
    "already_earned": "an order earns once",
    "already_spent": "an order spends once; cancel that first",
    "nothing_spent": "name an order that spent points",
    "nothing_earned": "name an order that earned points",
    "more_than_spent": "give back no more than was spent",
    "more_than_paid": "refund no more cash than was paid",
    # flash sales
    "not_started": "come when it begins",
    "members_first": "members may buy earlier; come when it begins for all, or join",
    "over": "the sale has ended",
    "closed": "the merchant has closed the sale",
    "withheld": "the law stands against it: `quanyu gate withheld` says which article",
    "not_eligible": "the sale is for others; see its `only`",
    "hold_expired": "reserve again: the time to pay was over",
    # instalments
    "less_than_a_fen_per_term": "choose fewer terms",
    "nothing_is_owed": "everything has been paid",
    "more_than_was_financed": "give back no more than was financed",
    "no_such_term": "number the terms from 1, in order",
    "terms_not_offered": "choose other terms; QUANYU_INSTALMENT_RATES says which have a rate",
    "order_without_instalments": "name an order that was paid by instalments",
    "term_paid_already": "each term is paid once; look at the plan for the next one",
    "term_out_of_order": "tell the terms before it first",
    # corrections of what is known of a person
    "follows_from_events": "it follows from what happened: put the events right at their source",
    "already_so": "nothing to correct: it says so already",
    "ends_protection": "the person counts as under age: say in proof which document was seen",
    # messages and whatever else goes out to a person
    "unknown_person": "nobody has this identifier; who is not known has not said yes",
    "no_consent": "ask for consent first: `quanyu consent grant`",
    "consent_withdrawn": "send nothing: the person said no; only the person can say yes again",
    "notice_outdated": "show the notice in force and ask again: what it is used for has changed",
    "minor": "send nothing but what was asked for: the person is under age",
    "asked_as_minor": "ask again: what a minor said, or let happen, does not count",
    "personalisation_off": "send what everybody gets: the person switched personalisation off",
    "suppressed": "send nothing on this channel; `quanyu privacy lift` when the cause is gone",
    "recipient_not_consented": "ask for a yes that names this recipient (PIPL 23)",
    "being_erased": "send nothing: the person asked to be forgotten",
    "not_assessed": "file an impact assessment first, then `quanyu privacy enable` (PIPL 55)",
}


def mend_of(no: Refused) -> str:
    """Raises KeyError for a code that no enum has: a bug, which a test finds first."""
    return MEND[str(no.reason)]


def figures(no: Refused) -> str:
    """What there is and what it takes, where that decided: amounts are fen."""
    return "" if no.need is None else f" (have {no.have or 0}, need {no.need})"


def granted(outcome: T | Refused) -> T:
    """For the command line: a refusal is input that cannot be used, and nothing has changed."""
    if isinstance(outcome, Refused):
        raise BadInput(outcome.reason, mend_of(outcome) + figures(outcome))
    return outcome
