"""What discovery and import take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.text import Tag
from fanfold.sdk.discovery import Access, AccountAddress, AskedAccount, Trouble
from fanfold.sdk.errors import Cause
from fanfold.targets.discovery import Sighting, Standing, Wording
from fanfold.targets.importing import Beheld, Done, Wanted
from fanfold.targets.schemas import Code


class AccountForm(BaseModel):
    """An account to ask although the login may not list it."""

    model_config = ConfigDict(extra="forbid")

    account_id: Code
    marketplace_id: Annotated[
        Code | Literal[""], Field(description="left out: every marketplace of the region")
    ] = ""


class DiscoverForm(BaseModel):
    """Where to look besides the accounts that the login lists."""

    model_config = ConfigDict(extra="forbid")

    accounts: Annotated[list[AccountForm], Field(max_length=200)] = []
    tags: Annotated[
        list[Tag], Field(max_length=20, description="given to the instances beside what is found of them")
    ] = []
    rename: Annotated[
        bool, Field(description="names and brands of known instances follow AMC; else yours stay")
    ] = False

    def also(self) -> list[AccountAddress]:
        """Return the accounts as the service takes them."""
        return [AccountAddress(each.account_id, each.marketplace_id) for each in self.accounts]

    def wording(self) -> Wording:
        """Return what the user decides."""
        return Wording(tuple(self.tags), self.rename)


class ImportForm(DiscoverForm):
    """What to bring in of what is discovered."""

    instance_ids: Annotated[
        list[Code] | None, Field(max_length=5_000, description="AMC ids; left out: all")
    ] = None
    remove_gone: Annotated[
        bool,
        Field(description="remove instances that their account does not show any more; else they stay"),
    ] = False

    def wanted(self) -> Wanted:
        """Return it as the service takes it."""
        ids = None if self.instance_ids is None else frozenset(self.instance_ids)
        return Wanted(ids, self.wording(), self.remove_gone)


class DiscoveryTrouble(BaseModel):
    """Why something could not be asked."""

    cause: Cause
    message: str
    hint: str | None
    request_id: str | None

    @classmethod
    def of(cls, trouble: Trouble | None) -> DiscoveryTrouble | None:
        """Show *trouble*, if there is any."""
        if trouble is None:
            return None
        return cls(
            cause=trouble.cause,
            message=trouble.message,
            hint=trouble.hint,
            request_id=trouble.request_id,
        )


class AskedAccountView(BaseModel):
    """An account and what it answered."""

    account_id: str
    account_name: str
    marketplace_id: str
    access: Annotated[
        Access, Field(description="`no_access` is an ordinary answer; `fault` and `not_asked` are not")
    ]
    instance_count: int
    trouble: DiscoveryTrouble | None

    @classmethod
    def of(cls, asked: AskedAccount) -> AskedAccountView:
        """Show *asked*."""
        return cls(
            account_id=asked.address.account_id,
            account_name=asked.address.name,
            marketplace_id=asked.address.marketplace_id,
            access=asked.access,
            instance_count=asked.instance_count,
            trouble=DiscoveryTrouble.of(asked.trouble),
        )


class Change(BaseModel):
    """What a field is, and what it becomes."""

    before: Any
    after: Any


class SightingView(BaseModel):
    """One instance, and how it stands."""

    standing: Standing
    done: Annotated[Done | None, Field(description="what the import did; null in a preview")]
    id: Annotated[UUID | None, Field(description="of the instance that you have")]
    instance_id: str
    name: str
    region: str
    account_id: str
    account_name: str
    marketplace_id: str
    sandbox: bool
    tags: list[str]
    changes: dict[str, Change]
    accounts: Annotated[list[str], Field(description="all that show it")]
    connection_id: Annotated[UUID | None, Field(description="of `elsewhere`: the one that you have it by")]

    @classmethod
    def of(cls, sighting: Sighting, done: Done | None) -> SightingView:
        """Show *sighting*."""
        details = sighting.details
        return cls(
            standing=sighting.standing,
            done=done,
            id=sighting.id,
            instance_id=details.instance_id,
            name=details.name,
            region=details.region,
            account_id=details.account_id,
            account_name=details.account_name,
            marketplace_id=details.marketplace_id,
            sandbox=details.sandbox,
            tags=list(details.tags),
            changes={
                name: Change(before=before, after=after) for name, (before, after) in sighting.changes.items()
            },
            accounts=[owner.account_id for owner in sighting.owners],
            connection_id=sighting.connection_id,
        )


class DiscoveryView(BaseModel):
    """What a connection reaches, beside what you have."""

    complete: Annotated[bool, Field(description="false: something could not be asked, see `accounts`")]
    failed_step: Annotated[str | None, Field(description="`secrets`, `settings`, `sign_in`, `accounts`")]
    trouble: DiscoveryTrouble | None
    accounts: list[AskedAccountView]
    instances: list[SightingView]
    counts: Annotated[dict[Standing, int], Field(description="instances by standing")]

    @classmethod
    def of(cls, beheld: Beheld) -> DiscoveryView:
        """Show *beheld*."""
        discovery, seen = beheld.discovery, beheld.sightings
        unknown = {Access.FAULT, Access.NOT_ASKED}
        return cls(
            complete=discovery.trouble is None
            and all(each.access not in unknown for each in discovery.accounts),
            failed_step=discovery.failed_step,
            trouble=DiscoveryTrouble.of(discovery.trouble),
            accounts=[AskedAccountView.of(asked) for asked in discovery.accounts],
            instances=[SightingView.of(each, beheld.done.get(each.details.instance_id)) for each in seen],
            counts={standing: sum(each.standing is standing for each in seen) for standing in Standing},
        )
