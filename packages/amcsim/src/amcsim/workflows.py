"""Saved workflows of an instance, as the API takes and gives them; unknown fields are kept."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from amcsim.errors import BadRequest, NotFound
from amcsim.sql.options import Filtering

_ID = re.compile(r"[A-Za-z0-9._-]+")
_ASCII = r"^[\t -~]$"
_SCALARS = frozenset(
    {
        "BINARY",
        "BOOLEAN",
        "BYTE",
        "CALENDAR_INTERVAL",
        "DATE",
        "DECIMAL",
        "DOUBLE",
        "FLOAT",
        "INTEGER",
        "LONG",
        "SHORT",
        "STRING",
        "TIMESTAMP",
    }
)


def refuse_id(name: str, text: str) -> None:
    """Raise BadRequest unless *text* is made of what ids are made of (AMC reporting API)."""
    if not _ID.fullmatch(text):
        raise BadRequest(f"Invalid {name} '{text}': only letters, digits and . - _ are allowed")


class ApiModel(BaseModel):
    """A body of the API: camel case outside, unknown fields kept."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")


class ArrayType(ApiModel):
    """The type of a list parameter."""

    type: Literal["ARRAY"]
    element_data_type: str
    element_nullable: bool | None = None


class InputParameter(ApiModel):
    """One declared parameter of a workflow."""

    name: str = Field(min_length=1)
    data_type: str | ArrayType = "STRING"
    column_type: Literal["DIMENSION", "METRIC"] | None = None
    default_value: Any = None
    description: str | None = None

    @property
    def amc_type(self) -> str:
        """Return the name of its type, `ARRAY<…>` for lists."""
        if isinstance(self.data_type, ArrayType):
            return f"ARRAY<{self.data_type.element_data_type}>"
        return self.data_type


class DeclaredColumn(ApiModel):
    """One column that the output of a workflow must have."""

    name: str = Field(min_length=1)
    column_type: Literal["DIMENSION", "METRIC"] | None = None
    data_type: str | None = None
    data_type_precision: int | None = None
    data_type_scale: int | None = None


class OutputFormat(ApiModel):
    """How the result file is written: single characters, the usual one where none is given."""

    separator_character: str | None = Field(default=None, min_length=1, max_length=1, pattern=_ASCII)
    quote_character: str | None = Field(default=None, min_length=1, max_length=1, pattern=_ASCII)
    escape_character: str | None = Field(default=None, min_length=1, max_length=1, pattern=_ASCII)


class Workflow(ApiModel):
    """A saved or inline workflow."""

    workflow_id: str | None = None
    sql_query: str
    input_parameters: list[InputParameter] = Field(default_factory=list[InputParameter], max_length=100)
    output_columns: list[DeclaredColumn] | None = Field(None, max_length=100)
    output_format: OutputFormat | str | None = None
    """A text such as "CSV" is taken and means nothing, as older clients send it."""
    distinct_user_count_column: str | None = None
    privacy_filtering_behavior: Filtering | None = None
    filtered_metrics_discriminator_column: str | None = None
    filtered_reason_column: str | None = None

    def checked(self, *, nullable_required: bool = False) -> Workflow:
        """Return itself; raises BadRequest for what the field types cannot express."""
        if self.workflow_id is not None:
            refuse_id("workflowId", self.workflow_id)
        for parameter in self.input_parameters:
            base = parameter.amc_type.removeprefix("ARRAY<").removesuffix(">")
            if base not in _SCALARS:
                raise BadRequest(
                    f"Invalid dataType '{parameter.amc_type}' of input parameter '{parameter.name}'"
                )
            given = parameter.data_type
            if nullable_required and isinstance(given, ArrayType) and given.element_nullable is None:
                raise BadRequest(f"elementNullable of input parameter '{parameter.name}' is missing")
        return self


class WorkflowBook:
    """The saved workflows of one instance."""

    def __init__(self) -> None:
        self._workflows: dict[str, Workflow] = {}

    def listed(self) -> list[Workflow]:
        """Return all of them in the order of their ids."""
        return [self._workflows[workflow_id] for workflow_id in sorted(self._workflows)]

    def get(self, workflow_id: str, *, missing_status: int = 404) -> Workflow:
        """Return one; raises NotFound."""
        if workflow_id not in self._workflows:
            raise NotFound(f"Workflow with ID {workflow_id} does not exist.", status=missing_status)
        return self._workflows[workflow_id]

    def find(self, workflow_id: str) -> Workflow | None:
        """Return one or None."""
        return self._workflows.get(workflow_id)

    def create(self, workflow: Workflow, *, duplicate_status: int = 400) -> None:
        """Add a new one; raises BadRequest when its id is missing or taken (the status is inferred)."""
        if not workflow.workflow_id:
            raise BadRequest("workflowId provided is null")
        if workflow.workflow_id in self._workflows:
            text = f"Workflow with ID {workflow.workflow_id} already exists."
            raise BadRequest(text, status=duplicate_status)
        self._workflows[workflow.workflow_id] = workflow

    def replace(self, workflow_id: str, workflow: Workflow) -> None:
        """Replace the whole definition; the body must carry the id of the path."""
        self.get(workflow_id)
        if workflow.workflow_id != workflow_id:
            raise BadRequest("workflowId in the body must be the workflowId in the path")
        self._workflows[workflow_id] = workflow

    def delete(self, workflow_id: str) -> None:
        """Remove one; raises NotFound."""
        self.get(workflow_id)
        del self._workflows[workflow_id]
