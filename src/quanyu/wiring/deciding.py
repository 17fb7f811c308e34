"""The decision path: what it stands on, and the queue of those who ask."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import psycopg

from quanyu.storage.postgres.decisions.shown import shown_revision
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.orders import PostgresOrders
from quanyu.wiring.viewers import Viewers

if TYPE_CHECKING:
    from quanyu.decisions.serving.answer import Answer
    from quanyu.decisions.serving.grounds import Grounds, OfferShown
    from quanyu.decisions.serving.keeper import Keeper
    from quanyu.decisions.serving.question import Question
    from quanyu.decisions.serving.service import Decisions

GROUP_MAX, QUEUE_MAX = 64, 2_000


class Deciding(Viewers):
    @cached_property
    def grounds(self) -> "Keeper":
        from quanyu.decisions.serving.keeper import Keeper

        made = Keeper(self._make_grounds, self.clock)
        self._open.callback(made.close)
        return made

    @cached_property
    def decisions(self) -> "Decisions[psycopg.Connection]":
        from quanyu.decisions.serving.service import Decisions, Keeping
        from quanyu.storage.postgres.ad_billing.wins import PostgresWins

        keeping = Keeping(
            people=self.viewers, contacts=self.contacts, log=self.decision_log,
            wins=PostgresWins(), ordered=_ordered,
        )  # fmt: skip
        return Decisions(
            self.database, keeping, purse=self.ad_slices(), grounds=self.grounds.current,
            clock=self.clock,
        )  # fmt: skip

    @cached_property
    def deciding(self) -> "GroupCommit[Question, Answer]":
        """The one thread that decides in this process."""
        return self._open.enter_context(
            GroupCommit(
                self.disk.guarding(self.decisions.answer), max_weight=GROUP_MAX,
                queue_max=QUEUE_MAX, weight=lambda question: 1, gather_ms=0,
            )
        )  # fmt: skip

    def known_goods(self, merchant: str) -> Collection[str]:
        return self.grounds.current(merchant).index.goods.row_of

    def _make_grounds(self, merchant: str, before: "Grounds | None") -> "Grounds":
        """Of now, where an item, a store, a piece, a campaign or an offer has changed."""
        from quanyu.decisions.advertising.index import AdIndex
        from quanyu.decisions.rank.features import feature_names
        from quanyu.decisions.rank.habits import Habits
        from quanyu.decisions.rank.model import chosen
        from quanyu.decisions.rank.shelf import Shelf
        from quanyu.decisions.serving.grounds import Grounds
        from quanyu.decisions.serving.scoring import SOURCE_NAMES

        with self.database.transaction() as tx:
            shown = shown_revision(tx, merchant)
        stamp = (shown, self.campaigns.revision(merchant))
        index = self.recall_of(merchant).current
        if before is not None and before.stamp[0] != shown:
            index = self.renew_recall(merchant)
        offers = self._offers_shown(merchant)
        if before is not None and (before.stamp, before.offers) == (stamp, offers):
            return before
        words = self.recall_words(merchant)
        ranking = chosen(None, features=feature_names(SOURCE_NAMES))
        running = self.campaigns.running(merchant, self.clock.now_us())
        same = before is not None and before.index.goods is index.goods
        return Grounds(
            ecosystem=self.ecosystem, index=index, words=words,
            shelf=before.shelf if same and before else Shelf.of(index.goods),
            habits=before.habits if same and before else Habits.none(index.goods),
            ranker=ranking.ranker, ranker_name=f"prior ({ranking.why})" if ranking.why else "model",
            ads=AdIndex(running, goods=index.goods, words=words, ecosystem=self.ecosystem,
                        places=index.places),
            offers=offers, missing=("index",) if merchant in self.recall_damage else (),
            stamp=stamp,
        )  # fmt: skip

    def _offers_shown(self, merchant: str) -> "tuple[OfferShown, ...]":
        """Those that anybody may claim: nobody's audience, and of no live show."""
        from quanyu.decisions.serving.grounds import OfferShown

        found = []
        for offer in self.offers.listed(merchant):
            template = offer.template
            open_ = (
                offer.state == "active"
                and not (offer.killed or offer.tripped)
                and template.claimable
            )
            if not open_ or template.audience is not None or template.of_a_show:
                continue
            terms = template.priced
            found.append(
                OfferShown(
                    id=offer.id, title=template.title or offer.id, shop=terms.shop,
                    items=tuple(terms.scope.items), categories=tuple(terms.scope.categories),
                )
            )  # fmt: skip
        return tuple(found)


def _ordered(
    tx: psycopg.Connection, merchant: str, *, orders: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    store = PostgresOrders()
    found = ((id, store.find(tx, merchant, order=id)) for id in dict.fromkeys(orders))
    return {
        id: tuple(line.item for line in order.terms.cart.lines)
        for id, order in found if order is not None
    }  # fmt: skip
