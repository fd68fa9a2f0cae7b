"""What the instance endpoints take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fanfold.access.paging import Page
from fanfold.access.text import Line, Name, Tag
from fanfold.limits.bounds import Bounds, BoundsChange
from fanfold.limits.forms import MOST, QuietHoursForm
from fanfold.limits.model import BreakerState, KeyState
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
    max_parallel: Annotated[
        int | None,
        Field(ge=1, le=MOST, description="operations on it at a time, of all batches; left out: as it is"),
    ] = None
    quiet_hours: Annotated[
        list[QuietHoursForm] | None,
        Field(max_length=50, description="when nothing may start on it; left out: as it is"),
    ] = None

    def bounds(self) -> BoundsChange:
        """Return what is set of its limit."""
        names = {"max_parallel": "max_running", "quiet_hours": "quiet_hours"}
        periods = tuple(form.period() for form in self.quiet_hours or ())
        given = frozenset(names[name] for name in names if name in self.model_fields_set)
        return BoundsChange(Bounds(self.max_parallel, None, periods), given)

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


class InstanceHealth(BaseModel):
    """Whether operations may begin on an instance."""

    breaker: Annotated[
        BreakerState,
        Field(description="`open`: it fails and is left alone; `probing`: one operation may try it"),
    ]
    failing_since: datetime | None
    next_probe_at: datetime | None
    failure_count: Annotated[int, Field(description="failures in a row")]
    last_error: str | None
    blocked_until: Annotated[datetime | None, Field(description="it asked for a pause")]
    quiet_until: datetime | None
    running: Annotated[int, Field(description="operations that are at work on it")]

    @classmethod
    def of(cls, state: KeyState | None) -> InstanceHealth:
        """Show how its key stands."""
        if state is None:
            state = KeyState("", Bounds(), 0)
        causes = state.causes
        return cls(
            breaker=state.breaker,
            failing_since=min((cause.first_failed_at for cause in causes), default=None),
            next_probe_at=state.probe_at,
            failure_count=sum(cause.failure_count for cause in causes),
            last_error=str(causes[0].error.get("message", "")) if causes else None,
            blocked_until=state.blocked_until,
            quiet_until=state.quiet_until,
            running=state.in_use,
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
    max_parallel: Annotated[int | None, Field(description="null: any number")]
    quiet_hours: list[QuietHoursForm]
    health: InstanceHealth
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, instance: Instance) -> InstanceView:
        """Show *instance*."""
        details = instance.details
        bounds = instance.limit.bounds if instance.limit else Bounds()
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
            max_parallel=bounds.max_running,
            quiet_hours=[QuietHoursForm.of(period) for period in bounds.quiet_hours],
            health=InstanceHealth.of(instance.limit),
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
