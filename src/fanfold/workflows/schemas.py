"""What the workflow endpoints take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fanfold.access.text import JsonValue, Line, Name, Paragraph, Tag, storable_paragraph
from fanfold.batches.policy_forms import PolicyForm
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding
from fanfold.workflows.dates import Unit
from fanfold.workflows.model import (
    BatchRequest,
    Draft,
    LastBatch,
    Parameter,
    Preview,
    PreviewedInstance,
    QuerySource,
    Version,
    Workflow,
)
from fanfold.workflows.rules import Rule, When
from fanfold.workflows.windows import WindowsAsked

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


class WorkflowEdit(BaseModel):
    """A workflow as its user wants it."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(description="letters, digits, dots, hyphens, underscores; unique for its user")]
    name: Name
    description: Paragraph = ""
    sql_query: SqlText
    parameters: Parameters = []
    tags: Annotated[list[Tag], Field(max_length=50)] = []
    aggregate: Annotated[
        str | None,
        StringConstraints(max_length=20_000),
        AfterValidator(lambda text: None if text is None else storable_paragraph(text).strip()),
        Field(description="one SELECT over `results`, the rows of a batch; left out: as it was, empty: none"),
    ] = None

    def draft(self) -> Draft:
        """Return it as the service takes it."""
        return Draft(
            key=self.key,
            name=self.name,
            description=self.description,
            sql_query=self.sql_query,
            parameters=tuple(form.parameter() for form in self.parameters),
            tags=tuple(dict.fromkeys(self.tags)),
            aggregate=self.aggregate,
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
    aggregate: Annotated[str, Field(description="SQL over `results`; empty: none")]
    origin: Annotated[str | None, Field(examples=["library:reach-by-campaign"])]
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
            aggregate=draft.aggregate or "",
            origin=workflow.origin,
            created_at=workflow.created_at,
            updated_at=workflow.updated_at,
            last_batch=None if last is None else LastBatchView.of(last),
        )


class VersionView(BaseModel):
    """What a workflow said at some time."""

    version: int
    sql_query: str
    parameters: list[ParameterForm]
    aggregate: str
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> VersionView:
        """Show *version*."""
        return cls(
            version=version.version,
            sql_query=version.sql_query,
            parameters=[ParameterForm.of(parameter) for parameter in version.parameters],
            aggregate=version.aggregate,
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


Word = Annotated[Line, StringConstraints(min_length=1)]
Words = Annotated[list[Word], Field(min_length=1, max_length=1_000)]


class WhenForm(BaseModel):
    """Which instances a rule is for: all that is said must hold, of a list one."""

    model_config = ConfigDict(extra="forbid", title="When")

    region: Word | Words | None = None
    tag: Word | Words | None = None
    brand: Word | Words | None = None
    account: Annotated[Word | Words | None, Field(description="an account's name or its id")] = None
    marketplace: Word | Words | None = None
    instance: Annotated[Word | Words | None, Field(description="a name, AMC's id or the UUID")] = None
    sandbox: bool | None = None

    def when(self) -> When:
        """Return it as the rules take it."""
        said = self.model_dump(exclude={"sandbox"}, exclude_none=True)
        words = {noun: [word] if isinstance(word, str) else word for noun, word in said.items()}
        return When(words, self.sandbox)


class RuleForm(BaseModel):
    """Gives some instances other values, or leaves them out."""

    model_config = ConfigDict(extra="forbid", title="Rule", populate_by_name=True)

    when: WhenForm
    values: Annotated[dict[str, Any] | None, Field(alias="set")] = None
    skip: Annotated[Name | None, Field(description="the reason; these instances do not run")] = None

    @model_validator(mode="after")
    def one_of_the_two(self) -> RuleForm:
        """Refuse a rule that does nothing or two things."""
        if (self.values is None) is (self.skip is None):
            msg = "A rule has either `set` or `skip`."
            raise ValueError(msg)
        return self

    def rule(self) -> Rule:
        """Return it as the builder takes it."""
        return Rule(self.when.when(), self.values or {}, self.skip)


class WindowsForm(BaseModel):
    """Cuts a time into windows: the `last` so many whole units, or all from `from` to `to`."""

    model_config = ConfigDict(extra="forbid", title="Windows", populate_by_name=True)

    every: Unit
    count: Annotated[int, Field(ge=1, le=400, description="units in one window")] = 1
    last: Annotated[int | None, Field(examples=[52])] = None
    start: Annotated[Line | None, Field(alias="from", examples=["2025-11-24", "{{ today - 364d }}"])] = None
    end: Annotated[Line | None, Field(alias="to", description="included")] = None

    def asked(self) -> WindowsAsked:
        """Return it as the builder takes it."""
        return WindowsAsked(self.every, self.count, self.last, self.start, self.end)


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
    rules: Annotated[
        list[RuleForm],
        Field(max_length=200, description="values by region, tag, brand, account; later ones win"),
    ] = []
    windows: Annotated[
        WindowsForm | None, Field(description="one operation for each instance and each window")
    ] = None
    policy: PolicyForm = PolicyForm()
    query_source: Annotated[
        QuerySource,
        Field(
            description="`inline`: AMC is sent the query; `saved`: it runs what `/workflows/{id}/sync` saved "
            "there, and nothing where that differs; `save_first`: the same, saved first where it differs"
        ),
    ] = "inline"

    def request(self) -> BatchRequest:
        """Return it as the builder takes it."""
        return BatchRequest(
            instance_ids=self.instance_ids,
            parameters=self.parameters,
            instance_parameters=self.instance_parameters or {},
            name=self.name,
            description=self.description,
            preview=self.preview,
            rules=[form.rule() for form in self.rules],
            windows=None if self.windows is None else self.windows.asked(),
            policy=self.policy,
            query_source=self.query_source,
        )


class PreviewedInstanceView(BaseModel):
    """What a batch would do on one instance."""

    instance_id: str
    name: str
    region: str
    parameters: dict[str, Any]
    overridden: list[str]
    warnings: list[str]
    skipped: Annotated[str | None, Field(description="the reason of the rule that leaves it out")]

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
            skipped=instance.skipped,
        )


class WindowView(BaseModel):
    """A window of a backfill, both days included."""

    name: Annotated[str, Field(examples=["2026-W01"])]
    start: date
    end: date


class PreviewView(BaseModel):
    """What a batch would do."""

    workflow: WorkflowView
    total_instances: int
    total_operations: Annotated[int, Field(description="the instances that run, times the windows")]
    instances: list[PreviewedInstanceView]
    windows: Annotated[list[WindowView], Field(description="each instance runs once for each")]
    notes: list[str]
    findings: list[FindingView]
    preview: Annotated[str, Field(description="send it with `batch-execute` to run exactly this")]

    @classmethod
    def of(cls, preview: Preview) -> PreviewView:
        """Show *preview*."""
        return cls(
            workflow=WorkflowView.of(preview.workflow),
            total_instances=len(preview.instances),
            instances=[PreviewedInstanceView.of(instance) for instance in preview.instances],
            total_operations=preview.operation_count,
            windows=[WindowView(name=each.name, start=each.start, end=each.end) for each in preview.windows],
            notes=list(preview.notes),
            findings=[FindingView.of(finding) for finding in preview.findings],
            preview=preview.digest,
        )


class QueryToCheck(BaseModel):
    """A query that is being written, and the batch that is to run it."""

    model_config = ConfigDict(extra="forbid")

    sql_query: Annotated[
        SqlText, Field(description="SQL; a whole workflow file declares its parameters in its header")
    ]
    parameters: Parameters = []
    aggregate: Annotated[
        str, StringConstraints(max_length=20_000), Field(description="SQL over `results`, checked too")
    ] = ""
    batch: Annotated[
        BatchRequestForm | None, Field(description="check also what it would run with, where")
    ] = None


class ProblemView(BaseModel):
    """What is wrong with a part of a request."""

    pointer: str
    message: str

    @classmethod
    def of(cls, problem: Problem) -> ProblemView:
        """Show *problem*."""
        return cls(pointer=problem.pointer, message=problem.message)


class CheckReport(BaseModel):
    """Whether a query could be saved and its batch could run, and what is to be said about them."""

    ok: bool
    findings: list[FindingView]
    problems: Annotated[list[ProblemView], Field(description="what is wrong with the batch")] = []
    instances: Annotated[
        list[PreviewedInstanceView], Field(description="what each would run with, and its warnings")
    ] = []
