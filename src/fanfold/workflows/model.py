"""The values of workflows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fanfold.batches.policy_forms import PolicyForm
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding
from fanfold.workflows.dates import Span
from fanfold.workflows.rules import Rule
from fanfold.workflows.windows import WindowsAsked

KIND = "amc.workflow"
"""The kind that runs workflows."""
QuerySource = Literal["inline", "saved", "save_first"]
"""Whether AMC is sent the query, or runs the workflow that is saved there, maybe saved first."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter, read in the query by `CUSTOM_PARAMETER('name')`."""

    name: str
    data_type: str
    required: bool = False
    default: Any = None
    description: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored, and as the kind reads it."""
        return {
            "name": self.name,
            "data_type": self.data_type,
            "required": self.required,
            "default": self.default,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """A workflow as its user wants it."""

    key: str
    name: str
    sql_query: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    tags: tuple[str, ...] = ()
    aggregate: str | None = ""
    """SQL over `results`, the rows that its batches bring; None leaves it as it is."""


@dataclass(frozen=True, slots=True)
class LastBatch:
    """The newest batch of a workflow."""

    batch_id: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Workflow:
    """A named, versioned AMC SQL text with declared parameters."""

    id: UUID
    version: int
    draft: Draft
    """What the newest version says."""
    created_at: datetime
    updated_at: datetime
    last_batch: LastBatch | None = None
    origin: str | None = None
    """What it was copied from, such as `library:reach-by-campaign`."""

    def definition(self) -> dict[str, Any]:
        """Return what a batch freezes and the kind runs."""
        return {
            "workflow_id": str(self.id),
            "key": self.draft.key,
            "version": self.version,
            "sql_query": self.draft.sql_query,
            "parameters": [parameter.as_json() for parameter in self.draft.parameters],
            **({"aggregate": self.draft.aggregate} if self.draft.aggregate else {}),
        }


@dataclass(frozen=True, slots=True)
class LibraryCopy:
    """A workflow of a user's own that was copied from the library."""

    library_key: str
    id: UUID
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Version:
    """What a workflow said at some time."""

    version: int
    sql_query: str
    parameters: tuple[Parameter, ...]
    created_at: datetime
    aggregate: str = ""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """A workflow's batch as a user asks for it; nothing of it is checked yet."""

    instance_ids: Sequence[object]
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    instance_parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Overrides by the instance's UUID as text."""
    name: str | None = None
    description: str | None = None
    preview: str | None = None
    """Run it only if it is what that preview showed."""
    rules: Sequence[Rule] = ()
    """Values by region, tag, brand or account; overrides by instance win over them."""
    windows: WindowsAsked | None = None
    """One operation for each instance and each of these, instead of one for each instance."""
    policy: PolicyForm = field(default_factory=PolicyForm)
    """How it runs, where that is not as the installation sets it."""
    query_source: QuerySource = "inline"

    def definition(self, workflow: Workflow) -> dict[str, Any]:
        """Return what the batch freezes of *workflow*, and where its query comes from."""
        source = {} if self.query_source == "inline" else {"query_source": self.query_source}
        return {**workflow.definition(), **source}


@dataclass(frozen=True, slots=True)
class PreviewedInstance:
    """What a batch would do on one instance."""

    target: Target
    parameters: Mapping[str, Any]
    overridden: tuple[str, ...]
    warnings: tuple[str, ...]
    skipped: str | None = None
    """Why a rule leaves it out."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a batch of an unsaved workflow would do on each instance, or everything that is wrong with it."""

    instances: Sequence[PreviewedInstance]
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a batch would do, without doing it."""

    workflow: Workflow
    instances: list[PreviewedInstance]
    findings: Sequence[Finding]
    digest: str
    """Binds a submission to exactly this."""
    windows: Sequence[Span] = ()
    operation_count: int = 0
    """The instances that run, times the windows if there are any."""
    notes: Sequence[str] = ()
