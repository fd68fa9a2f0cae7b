"""The values of targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from fanfold.limits.model import KeyState
from fanfold.limits.naming import TARGET
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Problem

Sort = Literal[
    "name",
    "-name",
    "instance_id",
    "-instance_id",
    "region",
    "-region",
    "account_name",
    "-account_name",
    "created_at",
    "-created_at",
]


@dataclass(frozen=True, slots=True)
class Details:
    """An AMC instance as its user describes it."""

    instance_id: str
    """AMC's own id, e.g. `amcdemo01`."""
    name: str
    region: str
    account_id: str
    """The AMC account (`ENTITY…`) whose id goes with every call."""
    marketplace_id: str
    account_name: str = ""
    brands: tuple[str, ...] = ()
    sandbox: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """An AMC instance that batches can run on."""

    id: UUID
    connection_id: UUID
    details: Details
    created_at: datetime
    updated_at: datetime
    limit: KeyState | None = None
    """How its key stands; None: nothing bounds it and nothing has run on it, or it was not asked for."""

    @property
    def key(self) -> str:
        """The limit key of its own."""
        return f"{TARGET}{self.id}"

    def as_target(self) -> Target:
        """Return it as a batch freezes it: what the kind `amc.workflow` needs, and what lists show."""
        details = self.details
        return Target(
            key=str(self.id),
            name=details.name,
            id=self.id,
            connection_id=self.connection_id,
            attributes={
                "instance_id": details.instance_id,
                "account_id": details.account_id,
                "account_name": details.account_name,
                "marketplace_id": details.marketplace_id,
                "region": details.region,
                "brands": list(details.brands),
                "tags": list(details.tags),
                "sandbox": details.sandbox,
            },
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """Which instances are meant; None and empty mean all."""

    q: str = ""
    """Words that must all occur in name, AMC id, brands, account name or account id."""
    region: str | None = None
    sandbox: bool | None = None
    brand: str | None = None
    account: str | None = None
    """An account's id or its name."""
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """A value to filter by, and how many instances it leaves, the other filters applied."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search."""

    instances: list[Instance]
    total: int
    facets: Mapping[str, list[Facet]]
    """By dimension: `regions`, `brands`, `accounts`, `tags`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What became of a list of ids: a target for each good one, a problem for each bad one."""

    ids: list[UUID]
    """Whatever was a UUID, each once, in the order given."""
    targets: list[Target]
    problems: list[Problem] = field(default_factory=list[Problem])
    denied: bool = False
    """Whether some of the ids are of nobody, or of somebody else; nobody learns which of the two."""
