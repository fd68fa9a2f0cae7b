"""What the workflow endpoints take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from fanfold.access.text import JsonValue, Line, Name, Paragraph, Tag, storable_paragraph
from fanfold.sdk.kind import Finding
from fanfold.workflows.model import (
    BatchRequest,
    Draft,
    LastBatch,
    Parameter,
    Preview,
    PreviewedInstance,
    Version,
    Workflow,
)

LONGEST_QUERY = 50_000


SqlText = Annotated[str, StringConstraints(max_length=LONGEST_QUERY), AfterValidator(storable_paragraph)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]


class ParameterForm(BaseModel):
    """A declared parameter."""

    model_config = ConfigDict(extra="forbid", title="Parameter")

    name: ParameterName
    data_type: Annotated[Line, Field(examples=["STRING", "INTEGER", "ARRAY<STRING>"])] = "STRING"
    required: bool = False
    default: JsonValue = None
    description: Paragraph = ""

    def parameter(self) -> Parameter:
        """Return it as the service takes it."""
        return Parameter(
            name=self.name,
            data_type=self.data_type,
            required=self.required,
            default=self.default,
            description=self.description,
        )

    @classmethod
    def of(cls, parameter: Parameter) -> ParameterForm:
        """Show *parameter*."""
        # Stored ones passed this form once; an older rule must not hide them today.
        return cls.model_construct(**parameter.as_json())


Parameters = Annotated[list[ParameterForm], Field(max_length=100)]
"""AMC takes 100 input parameters (AMC reporting API)."""


class QueryToCheck(BaseModel):
    """A query that is being written."""

    model_config = ConfigDict(extra="forbid")

    sql_query: SqlText
    parameters: Parameters = []


class WorkflowEdit(BaseModel):
    """A workflow as its user wants it."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(description="letters, digits, dots, hyphens, underscores; unique for its user")]
    name: Name
    description: Paragraph = ""
    sql_query: SqlText
    parameters: Parameters = []
    tags: Annotated[list[Tag], Field(max_length=50)] = []

    def draft(self) -> Draft:
        """Return it as the service takes it."""
        return Draft(
            key=self.key,
            name=self.name,
            description=self.description,
            sql_query=self.sql_query,
            parameters=tuple(form.parameter() for form in self.parameters),
            tags=tuple(dict.fromkeys(self.tags)),
        )


class LastBatchView(BaseModel):
    """The newest batch of a workflow."""

    batch_id: str
    status: str
    created_at: datetime

    @classmethod
    def of(cls, batch: LastBatch) -> LastBatchView:
        """Show *batch*."""
        return cls(batch_id=batch.batch_id, status=batch.status, created_at=batch.created_at)


class WorkflowView(BaseModel):
    """A workflow in its newest version."""

    id: UUID
    key: str
    name: str
    description: str
    version: int
    sql_query: str
    parameters: list[ParameterForm]
    tags: list[str]
    created_at: datetime
    updated_at: datetime
    last_batch: LastBatchView | None

    @classmethod
    def of(cls, workflow: Workflow) -> WorkflowView:
        """Show *workflow*."""
        draft, last = workflow.draft, workflow.last_batch
        return cls(
            id=workflow.id,
            key=draft.key,
            name=draft.name,
            description=draft.description,
            version=workflow.version,
            sql_query=draft.sql_query,
            parameters=[ParameterForm.of(parameter) for parameter in draft.parameters],
            tags=list(draft.tags),
            created_at=workflow.created_at,
            updated_at=workflow.updated_at,
            last_batch=None if last is None else LastBatchView.of(last),
        )


class VersionView(BaseModel):
    """What a workflow said at some time."""

    version: int
    sql_query: str
    parameters: list[ParameterForm]
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> VersionView:
        """Show *version*."""
        return cls(
            version=version.version,
            sql_query=version.sql_query,
            parameters=[ParameterForm.of(parameter) for parameter in version.parameters],
            created_at=version.created_at,
        )


class Versions(BaseModel):
    """All versions, the newest first."""

    items: list[VersionView]


class FindingView(BaseModel):
    """What a check found."""

    rule: str
    severity: Annotated[str, Field(description="`error` refuses, `warning` only tells")]
    message: str
    line: int | None
    column: int | None
    explanation: str
    fix: str

    @classmethod
    def of(cls, finding: Finding) -> FindingView:
        """Show *finding*."""
        return cls(
            rule=finding.rule,
            severity=finding.severity,
            message=finding.message,
            line=finding.line,
            column=finding.column,
            explanation=finding.explanation,
            fix=finding.fix,
        )


class CheckReport(BaseModel):
    """Whether a query could be saved, and what is to be said about it."""

    ok: bool
    findings: list[FindingView]


class BatchRequestForm(BaseModel):
    """A workflow's batch as a user asks for it."""

    model_config = ConfigDict(extra="forbid")

    # What is no UUID, or cannot be stored, gets past this form and is named together with all other problems.
    instance_ids: Annotated[list[Any], Field(description="UUIDs of instances")]
    parameters: dict[str, Any] = {}
    instance_parameters: Annotated[
        dict[str, Any] | None, Field(description="overrides by the UUID of an instance")
    ] = None
    name: str | None = None
    description: str | None = None
    preview: Annotated[
        str | None, Field(max_length=200, description="run this only if it is what that preview showed")
    ] = None

    def request(self) -> BatchRequest:
        """Return it as the builder takes it."""
        return BatchRequest(
            instance_ids=self.instance_ids,
            parameters=self.parameters,
            instance_parameters=self.instance_parameters or {},
            name=self.name,
            description=self.description,
            preview=self.preview,
        )


class PreviewedInstanceView(BaseModel):
    """What a batch would do on one instance."""

    instance_id: str
    name: str
    region: str
    parameters: dict[str, Any]
    overridden: list[str]
    warnings: list[str]

    @classmethod
    def of(cls, instance: PreviewedInstance) -> PreviewedInstanceView:
        """Show *instance*."""
        return cls(
            instance_id=instance.target.key,
            name=instance.target.name,
            region=str(instance.target.attributes.get("region", "")),
            parameters=dict(instance.parameters),
            overridden=list(instance.overridden),
            warnings=list(instance.warnings),
        )


class PreviewView(BaseModel):
    """What a batch would do."""

    workflow: WorkflowView
    total_instances: int
    instances: list[PreviewedInstanceView]
    findings: list[FindingView]
    preview: Annotated[str, Field(description="send it with `batch-execute` to run exactly this")]

    @classmethod
    def of(cls, preview: Preview) -> PreviewView:
        """Show *preview*."""
        return cls(
            workflow=WorkflowView.of(preview.workflow),
            total_instances=len(preview.instances),
            instances=[PreviewedInstanceView.of(instance) for instance in preview.instances],
            findings=[FindingView.of(finding) for finding in preview.findings],
            preview=preview.digest,
        )
