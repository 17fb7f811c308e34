"""Recall of each merchant: what it is built from, where it is kept, and the index that answers."""

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from quanyu.clock import DAY_US, to_us
from quanyu.content.library.states import PieceState
from quanyu.errors import BadInput
from quanyu.wiring.shows import Shows

if TYPE_CHECKING:
    from quanyu.content.piece import Piece
    from quanyu.decisions.recall.ease import Told
    from quanyu.decisions.recall.index import Catalogue, RecallIndex, Refresher
    from quanyu.decisions.recall.interactions import Interactions
    from quanyu.decisions.recall.words import Words
    from quanyu.merchants.listings.item import Item

LEARNED_FROM_DAYS = 180
OWN_SYNONYMS = "synonyms.toml"


class Recall(Shows):
    @cached_property
    def _recalls(self) -> "dict[str, Refresher]":
        return {}

    @cached_property
    def _opening_recall(self) -> Lock:
        return Lock()

    @cached_property
    def recall_damage(self) -> dict[str, str]:
        """Merchant → what is wrong with its saved index, where it could not be used."""
        return {}

    def recall_dir(self, merchant: str) -> Path:
        return self.settings.data_dir / "decisions" / merchant

    def recall_words(self, merchant: str) -> "Words":
        """With the merchant's own synonyms, where it has any. Raises BadInput for a bad file."""
        from quanyu.decisions.recall.words import shipped_words, words_with

        own = self.recall_dir(merchant) / OWN_SYNONYMS
        try:
            return words_with(own.read_bytes()) if own.exists() else shipped_words()
        except BadInput as error:
            raise BadInput(f"{own.name} of {merchant}: {error.field}", error.mend) from None

    def recall_of(self, merchant: str) -> "Refresher":
        """The saved index over the goods of now; without a usable one nothing is learned yet."""
        from quanyu.decisions.recall.index import Refresher, empty_index
        from quanyu.decisions.recall.saving import Damaged, load

        with self._opening_recall:
            if merchant not in self._recalls:
                synonyms = self.recall_words(merchant).synonyms
                saved = None
                try:
                    saved = load(self.recall_dir(merchant) / "recall", synonyms)
                except Damaged as error:
                    self.recall_damage[merchant] = str(error)
                made = Refresher(saved or empty_index(synonyms))
                made.renew(self.recall_catalogue(merchant, saved), now_us=self.clock.now_us())
                self._recalls[merchant] = made
            return self._recalls[merchant]

    def renew_recall(self, merchant: str) -> "RecallIndex":
        """New items into search, scenes and fresh; what was learned stays."""
        held = self.recall_of(merchant)
        catalogue = self.recall_catalogue(merchant, held.current)
        return held.renew(catalogue, now_us=self.clock.now_us())

    def fit_recall(self, merchant: str, told: "Told" = lambda done, of: None) -> "RecallIndex":
        """Learned anew from the lake, saved, in use. Raises BadInput where nothing is listed."""
        from quanyu.decisions.recall.saving import save

        index = self.renew_recall(merchant)
        if not len(index.goods):
            raise BadInput("merchant", "nothing is on sale; `quanyu item import` lists items")
        found = self.recall_interactions(merchant)
        held = self.recall_of(merchant)
        index = held.refit(found, now_us=self.clock.now_us(), told=told)
        save(index, self.recall_dir(merchant) / "recall")
        self.recall_damage.pop(merchant, None)
        return index

    def recall_interactions(self, merchant: str) -> "Interactions":
        """With the goods of the index of now, of the last LEARNED_FROM_DAYS; nothing of minors
        and of people who switched personalisation off."""
        import numpy as np

        from quanyu.storage.lake.interactions import interactions
        from quanyu.storage.postgres.audience_consent import everybody_unpersonalised

        now_us = self.clock.now_us()
        since_us = now_us - LEARNED_FROM_DAYS * DAY_US
        goods = self.recall_of(merchant).current.goods
        found = interactions(self.readings, merchant, goods=goods, since_us=since_us)
        with self.database.transaction() as conn:
            silent = everybody_unpersonalised(conn, merchant, now_us=now_us)
        return found.chosen(~np.isin(found.person, list(silent)))

    def recall_catalogue(self, merchant: str, before: "RecallIndex | None") -> "Catalogue":
        from quanyu.decisions.goods import Goods
        from quanyu.decisions.recall.geo import Places
        from quanyu.decisions.recall.index import Catalogue
        from quanyu.decisions.recall.listed import contents_of, goods_of, places_of
        from quanyu.merchants.listings.item import Item
        from quanyu.merchants.listings.store import Store

        words, since = self.recall_words(merchant), self._since(merchant, before)
        items = self.listings.stream(merchant, Item)
        return Catalogue(
            goods=Goods.of(goods_of(items, words, since=since)),
            places=Places.of(places_of(self.listings.stream(merchant, Store))),
            contents=tuple(contents_of(self._published(merchant), words)),
        )

    def _since(self, merchant: str, before: "RecallIndex | None") -> "Callable[[Item], int]":
        """Of its release, or of its category's; else of when it was first seen on sale, which is
        not known of what stood there at the very first look."""
        releases = self.releases.all(merchant)
        of_item = {one.item: to_us(one.since) for one in releases if one.item}
        of_category = {one.category: to_us(one.since) for one in releases if one.category}
        seen = None if before is None or not len(before.goods) else before.goods
        now_us = self.clock.now_us()

        def since(item: "Item") -> int:
            if item.id in of_item:
                return of_item[item.id]
            named = [of_category[name] for name in item.category if name in of_category]
            if named:
                return max(named)
            row = None if seen is None else seen.row_of.get(item.id)
            if row is not None and seen is not None:
                return int(seen.since_us[row])
            return 0 if seen is None else now_us

        return since

    def _published(self, merchant: str) -> "Iterator[Piece]":
        after = ""
        while found := self.library.listed(merchant, state=PieceState.PUBLISHED, after=after):
            yield from (one.piece for one in found)
            after = found[-1].piece.id
