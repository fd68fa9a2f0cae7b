"""What a batch of this kind runs: a workflow as it was when the batch was submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from fanfold.kinds.amc_workflow.datatypes import DataType, data_type_of
from fanfold.sdk.errors import Permanent

_POLL_SECONDS = 15.0
_ID_DIGITS = 12


class QuerySource(StrEnum):
    """Where an execution's query comes from."""

    INLINE = "inline"
    """It is sent along; nothing is saved at AMC."""
    SAVED = "saved"
    """The workflow saved on the instance; where it is missing or differs, nothing runs."""
    SAVE_FIRST = "save_first"
    """The same, saved first where it is missing or differs."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter, read in the query by `CUSTOM_PARAMETER('name')`."""

    name: str
    data_type: DataType | None
    """None when the declared type is none of AMC's; `declared_type` then says what it was."""
    declared_type: str
    required: bool
    default: Any
    description: str


@dataclass(frozen=True, slots=True)
class WorkflowDefinition:
    """A workflow's version, frozen."""

    workflow_id: UUID
    key: str
    version: int
    sql_query: str
    parameters: tuple[Parameter, ...]
    poll_seconds: float = _POLL_SECONDS
    query_source: QuerySource = QuerySource.INLINE

    @property
    def remote_id(self) -> str:
        """The id at AMC of its executions. Stable, because AMC counts similar runs per workflow id."""
        if self.query_source is not QuerySource.INLINE:
            return self.saved_id
        return f"ff_{self.workflow_id.hex[:_ID_DIGITS]}_v{self.version}"

    @property
    def saved_id(self) -> str:
        """The id under which it is saved at AMC: the same for all versions, and for no other workflow."""
        return f"ff_{self.workflow_id.hex}"

    @property
    def poll_interval(self) -> timedelta:
        """The shortest wait between two looks at an execution."""
        return timedelta(seconds=self.poll_seconds)


def definition_of(definition: Mapping[str, Any]) -> WorkflowDefinition:
    """Read a batch's definition. Raises `Permanent` when it lacks what every definition has."""
    try:
        return WorkflowDefinition(
            workflow_id=UUID(str(definition["workflow_id"])),
            key=str(definition.get("key", "")),
            version=int(definition["version"]),
            sql_query=str(definition["sql_query"]),
            parameters=parameters_of(definition),
            poll_seconds=float(definition.get("poll_seconds") or _POLL_SECONDS),
            query_source=source_of(definition),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Permanent(f"The batch's definition is not a workflow: {error!r}") from error


def source_of(definition: Mapping[str, Any]) -> QuerySource:
    """Return where the query comes from, sent along unless the definition says otherwise."""
    return QuerySource(definition.get("query_source") or QuerySource.INLINE)


def parameters_of(definition: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Return the declared parameters; a definition that is only being written may lack them."""
    declared = cast("list[Mapping[str, Any]]", definition.get("parameters") or [])
    return tuple(_parameter_of(entry) for entry in declared)


def _parameter_of(entry: Mapping[str, Any]) -> Parameter:
    declared_type = entry.get("data_type", "STRING")
    return Parameter(
        name=str(entry["name"]),
        data_type=data_type_of(declared_type),
        declared_type=str(declared_type),
        required=bool(entry.get("required", False)),
        default=entry.get("default"),
        description=str(entry.get("description") or ""),
    )
