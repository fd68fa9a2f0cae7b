"""What the creation routes take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from fanfold.access.text import JsonObject, JsonValue, Name, Paragraph, Tag, line_problem, storable_paragraph
from fanfold.batches.creation.conditions import Operator
from fanfold.batches.policy import HIGHEST_PRIORITY
from fanfold.batches.policy_forms import PolicyForm
from fanfold.batches.schemas import JobStatus
from fanfold.targets.schemas import FilterQuery

LONGEST_KEY = 200
LONGEST_QUERY = 50_000


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _key(text: str) -> str:
    # What is printable throughout needs no closer look; 100,000 of them pass here.
    if not text.isprintable() and (problem := line_problem(text)) is not None:
        raise PydanticCustomError("unstorable", "{problem}", {"problem": problem})
    return text


Key = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_KEY),
    AfterValidator(_key),
]
"""What a target is called inside its batch, or a connection everywhere: one line, not empty."""
Values = JsonObject


class TargetForm(_Form):
    """One target: a thing of one's own, or an AMC instance by its UUID."""

    key: Annotated[Key | None, Field(description="unique in the batch; an instance's is its UUID")] = None
    name: Annotated[Key | None, Field(description="for people; the key when left out")] = None
    instance_id: Annotated[UUID | None, Field(description="an AMC instance")] = None
    connection: Annotated[Key | None, Field(description="a connection's UUID or name")] = None
    attributes: Annotated[Values, Field(description="what the kind needs to address it")] = {}
    parameters: Annotated[Values, Field(description="over those of the batch, for this target")] = {}
    priority: Annotated[
        int,
        Field(ge=-HIGHEST_PRIORITY, le=HIGHEST_PRIORITY, description="inside the batch; higher goes first"),
    ] = 0

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if self.instance_id is None and self.key is None:
            raise PydanticCustomError("no_key", "a target needs a key or an instance_id")
        if self.instance_id is not None and (self.name or self.connection or self.attributes):
            raise PydanticCustomError(
                "said_twice", "an instance brings its own name, connection and attributes"
            )
        return self


class ConditionForm(_Form):
    """Leaves a target out, with a reason, before anything runs."""

    parameter: Annotated[Key | None, Field(description="of the merged parameters; `a.b` reaches inside")] = (
        None
    )
    attribute: Annotated[Key | None, Field(description="of the target")] = None
    operator: Operator
    value: JsonValue = None
    reason: Annotated[Name | None, Field(description="shown with each operation that it skips")] = None

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> Self:
        if (self.parameter is None) == (self.attribute is None):
            raise PydanticCustomError("one_subject", "name either a parameter or an attribute")
        return self


class TargetQuery(_Form):
    """Targets that a database knows: one row each; `key` or the first column is the key."""

    connection: Annotated[Key, Field(description="a connection's UUID or name")]
    sql: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUERY),
        AfterValidator(storable_paragraph),
        Field(description="a read-only query; see `parameters.…` columns in the guide"),
    ]


class JobForm(_Form):
    """A batch of any installed kind. All sources of targets add up; a key may occur only once."""

    kind: Annotated[Name, Field(examples=["http"])]
    name: Name | None = None
    description: Paragraph = ""
    tags: Annotated[list[Tag], Field(max_length=50)] = []
    definition: Annotated[Values, Field(description="what runs, the same for every target")] = {}
    parameters: Annotated[Values, Field(description="for every target that has none of its own")] = {}
    targets: list[TargetForm] = []
    instance_ids: Annotated[list[Any], Field(description="UUIDs of AMC instances")] = []
    instances: Annotated[
        FilterQuery | None, Field(description="all AMC instances that this search finds now")
    ] = None
    csv: Annotated[str | None, Field(description="a header line, then one target a line")] = None
    query: TargetQuery | None = None
    policy: PolicyForm = PolicyForm()
    skip_when: Annotated[list[ConditionForm], Field(max_length=50)] = []


class JobRequest(JobForm):
    """A batch to be made."""

    draft: Annotated[bool, Field(description="nothing runs before it is started; it may be filled")] = False
    preview: Annotated[
        str | None, Field(max_length=200, description="run this only if it is what that preview showed")
    ] = None


class DraftForm(_Form):
    """What is said of a draft when it is whole."""

    skip_when: Annotated[list[ConditionForm], Field(max_length=50)] = []


class StartRequest(DraftForm):
    """How a draft is started."""

    preview: Annotated[
        str | None, Field(max_length=200, description="start only what that preview showed")
    ] = None


class Filled(BaseModel):
    """What became of targets that were sent."""

    job_id: str
    added: int
    known: Annotated[int, Field(description="were there already, the same")]
    total: Annotated[int, Field(description="in the job now")]


class Started(BaseModel):
    """The answer to a start."""

    job_id: str
    status: JobStatus
    total_operations: int


class PreviewFinding(BaseModel):
    """What a look at the definition found."""

    severity: Literal["error", "warning"]
    message: str
    line: int | None
    column: int | None
    fix: str


class PreviewedOperation(BaseModel):
    """What a batch would do for one target."""

    key: str
    name: str
    does: str
    parameters: Annotated[dict[str, Any], Field(description="the job's, with the target's own over them")]
    overridden: list[str]
    attributes: dict[str, Any]
    skipped: Annotated[str | None, Field(description="the reason of the condition that leaves it out")]
    warnings: list[str]


class PreviewAnswer(BaseModel):
    """What a batch would do. Its `preview` binds a submission or a start to exactly this."""

    preview: str
    kind: str
    total_operations: int
    skipped_operations: int
    findings: list[PreviewFinding]
    warnings: Annotated[list[str], Field(description="that are about the whole batch")]
    operations: list[PreviewedOperation]
    truncated: Annotated[bool, Field(description="more targets are in it than are shown")]
