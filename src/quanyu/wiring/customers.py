"""Who buys: identity and profiles. Nothing here loads the engines of analysis."""

from functools import cached_property

from quanyu.customers.identity.anchors import BlockedTokens, Identifier, anchor
from quanyu.customers.identity.service import IdentityService
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.loading import tag_definitions
from quanyu.customers.profile.service import ProfileService
from quanyu.events.event import Event
from quanyu.storage.lake.anchors import AnchorNodes
from quanyu.storage.lake.matching import SplinkMatcher
from quanyu.storage.postgres import profile_projection, profiles
from quanyu.storage.postgres.decisions.forgetting import forget_viewers
from quanyu.storage.postgres.identity import people, projection, registry, store
from quanyu.wiring.lawful import Lawful


class Customers(Lawful):
    @cached_property
    def registry(self) -> registry.Registry:
        return registry.Registry()

    @cached_property
    def people(self) -> people.People:
        return people.People(BlockedTokens(self.tokeniser))

    def anchor(self, merchant: str, event: Event) -> Identifier:
        return anchor(event, self.people.blocked.among(merchant, event))

    @cached_property
    def nodes(self) -> AnchorNodes:
        return AnchorNodes(self.registry.register, self.anchor)

    @cached_property
    def identity_store(self) -> store.PostgresIdentity:
        return store.PostgresIdentity(
            self.database, self.people, registry=self.registry, clock=self.clock
        )

    @cached_property
    def identity(self) -> IdentityService:
        return IdentityService(
            self.identity_store,
            tokeniser_of=self.tokeniser,
            clock=self.clock,
            matcher=SplinkMatcher(),
        )

    @cached_property
    def identity_projection(self) -> projection.IdentityProjection:
        return projection.IdentityProjection(self.people, self.registry)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The shipped tags and those in DATA_DIR/tags."""
        return tag_definitions(self.settings.data_dir / "tags")

    @cached_property
    def profile_projection(self) -> profile_projection.ProfileProjection:
        return profile_projection.ProfileProjection(
            self.catalogue, self.clock, nodes=self.nodes, forget=forget_viewers
        )

    @cached_property
    def profile_store(self) -> profiles.PostgresProfiles:
        return profiles.PostgresProfiles(self.database, self.catalogue)

    @cached_property
    def profiles(self) -> ProfileService:
        return ProfileService(
            self.profile_store,
            self.clock,
            catalogue=self.catalogue,
            tokeniser_of=self.tokeniser,
            profiling=lambda: self.assessments.works("personalisation"),
        )
