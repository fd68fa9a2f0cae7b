"""What the instance endpoints take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fanfold.access.paging import Page
from fanfold.access.text import Line, Name, Tag
from fanfold.targets.model import Details, Facet, Filter, Found, Instance

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=100)]
"""An identifier of Amazon's: instance, account, marketplace, region."""
Choice = Annotated[Line | None, Field(default=None)]


class InstanceEdit(BaseModel):
    """An AMC instance as its user describes it."""

    model_config = ConfigDict(extra="forbid")

    instance_id: Code
    name: Name
    region: Code
    account_id: Code
    account_name: Line = ""
    marketplace_id: Code
    brands: Annotated[list[Tag], Field(max_length=50)] = []
    sandbox: bool = False
    tags: Annotated[list[Tag], Field(max_length=50)] = []
    connection_id: Annotated[UUID | None, Field(description="left out: the only one, or the one it has")] = (
        None
    )

    def details(self) -> Details:
        """Return it as the service takes it."""
        return Details(
            instance_id=self.instance_id,
            name=self.name,
            region=self.region,
            account_id=self.account_id,
            account_name=self.account_name,
            marketplace_id=self.marketplace_id,
            brands=tuple(dict.fromkeys(self.brands)),
            sandbox=self.sandbox,
            tags=tuple(dict.fromkeys(self.tags)),
        )


class InstanceView(BaseModel):
    """An AMC instance."""

    id: UUID
    instance_id: str
    name: str
    region: str
    account_id: str
    account_name: str
    marketplace_id: str
    brands: list[str]
    sandbox: bool
    tags: list[str]
    connection_id: UUID
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, instance: Instance) -> InstanceView:
        """Show *instance*."""
        details = instance.details
        return cls(
            id=instance.id,
            instance_id=details.instance_id,
            name=details.name,
            region=details.region,
            account_id=details.account_id,
            account_name=details.account_name,
            marketplace_id=details.marketplace_id,
            brands=list(details.brands),
            sandbox=details.sandbox,
            tags=list(details.tags),
            connection_id=instance.connection_id,
            created_at=instance.created_at,
            updated_at=instance.updated_at,
        )


class FilterQuery(BaseModel):
    """Which instances are meant, as query parameters."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[Line, Field(description="words in name, AMC id, brands, account name or id")] = ""
    region: Line | None = None
    sandbox: bool | None = None
    brand: Line | None = None
    account: Annotated[Line | None, Field(description="an account's id or name")] = None
    tag: Line | None = None

    def wanted(self) -> Filter:
        """Return it as the service takes it; an empty value means any."""
        return Filter(
            q=self.q,
            region=self.region or None,
            sandbox=self.sandbox,
            brand=self.brand or None,
            account=self.account or None,
            tag=self.tag or None,
        )


class FacetView(BaseModel):
    """A value to filter by."""

    value: str
    count: int

    @classmethod
    def of(cls, facet: Facet) -> FacetView:
        """Show *facet*."""
        return cls(value=facet.value, count=facet.count)


class Facets(BaseModel):
    """What a search can be narrowed by."""

    regions: list[FacetView]
    brands: list[FacetView]
    accounts: list[FacetView]
    tags: list[FacetView]


class InstancePage(Page[InstanceView]):
    """A page of a search."""

    facets: Facets

    @classmethod
    def of(cls, found: Found, *, limit: int, offset: int) -> InstancePage:
        """Show *found*."""
        facets = {name: [FacetView.of(facet) for facet in values] for name, values in found.facets.items()}
        items = [InstanceView.of(instance) for instance in found.instances]
        return cls(
            items=items,
            total=found.total,
            limit=limit,
            offset=offset,
            facets=Facets.model_validate(facets),
        )


class InstanceIds(BaseModel):
    """The ids of all that is meant, 5,000 at most."""

    ids: list[UUID]
    total: int


class Lookup(BaseModel):
    """Ids to look up."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[UUID], Field(max_length=5_000)]


class InstanceList(BaseModel):
    """Instances without paging."""

    items: list[InstanceView]
