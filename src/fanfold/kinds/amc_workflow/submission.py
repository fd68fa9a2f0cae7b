"""One request to create an execution, and how to recognise its execution in a list after a crash."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from fanfold.kinds.amc_workflow.definition import Parameter, QuerySource, WorkflowDefinition
from fanfold.kinds.amc_workflow.parameters import PEOPLE, values_to_send
from fanfold.kinds.amc_workflow.remote import Address, RemoteExecution
from fanfold.kinds.amc_workflow.sql.lists import with_lists
from fanfold.kinds.amc_workflow.sql.text import without_trailing_semicolon
from fanfold.kinds.amc_workflow.window import TimeWindow, WindowType, window_of

# AMC's default timeout is six hours and it echoes the one that was sent; there is no idempotency key. So the
# seconds above six hours tell our submission from an equal one that another operation made at the same time.
_TIMEOUT_SECONDS = 21_600
_MARKS = 14_400


@dataclass(frozen=True, slots=True)
class Submission:
    """What is sent to AMC for one operation."""

    workflow_id: str
    request: Mapping[str, Any]
    window: TimeWindow
    mark: int

    def matches(self, execution: RemoteExecution) -> bool:
        """Whether *execution* is of the same window and parameter values, and bears no other's mark."""
        return (
            execution.timeout_seconds in {None, self.mark}
            and self._same_window(execution)
            and _comparable(execution.parameter_values) == _comparable(self.request["parameterValues"])
        )

    def _same_window(self, execution: RemoteExecution) -> bool:
        if execution.time_zone not in {None, self.window.zone}:
            return False
        if self.window.type is not WindowType.EXPLICIT:
            return True  # its edges follow from the moment of submission, which the list is limited to
        sent = (self.request["timeWindowStart"], self.request["timeWindowEnd"])
        return sent == (_plain(execution.window_start), _plain(execution.window_end))


def new_mark() -> int:
    """Return a timeout that hardly any other submission has."""
    return _TIMEOUT_SECONDS + secrets.randbelow(_MARKS)


def submission_of(
    definition: WorkflowDefinition, parameters: Mapping[str, Any], *, address: Address, mark: int
) -> Submission:
    """Return what to send: the query inline under its stable id, or only the id of the saved one."""
    window = window_of(parameters)
    request: dict[str, Any] = {
        **_query(definition, parameters),
        "workflowExecutionTimeoutSeconds": mark,
        "parameterValues": _values(definition, parameters),
        **window.as_request(),
    }
    if address.sandbox:
        request["requireSyntheticData"] = True
        if parameters.get(PEOPLE) is True:
            request["disableAggregationControls"] = True
    return Submission(definition.remote_id, request, window, mark)


def _query(definition: WorkflowDefinition, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if definition.query_source is not QuerySource.INLINE:
        return {"workflowId": definition.saved_id}
    query = without_trailing_semicolon(definition.sql_query)
    inline = {
        "workflowId": definition.remote_id,
        "sqlQuery": with_lists(query, definition.parameters, parameters=parameters),
        "inputParameters": [declared(parameter) for parameter in definition.parameters],
    }
    return {"workflow": inline}


def _values(definition: WorkflowDefinition, parameters: Mapping[str, Any]) -> dict[str, Any]:
    own = values_to_send(definition.parameters, parameters)
    if definition.query_source is QuerySource.INLINE:
        return own
    # The defaults that are saved may be other ones by then.
    given = {each.name: each.default for each in definition.parameters if each.default is not None}
    return given | own


def declared(parameter: Parameter) -> dict[str, Any]:
    """Return a parameter as AMC has it declared."""
    fields: dict[str, Any] = {
        "name": parameter.name,
        "dataType": parameter.data_type.as_json() if parameter.data_type else parameter.declared_type,
        "columnType": "DIMENSION",
    }
    if parameter.default is not None:
        fields["defaultValue"] = parameter.default
    if parameter.description:
        fields["description"] = parameter.description
    return fields


def _comparable(values: Mapping[str, Any]) -> dict[str, str]:
    """Bring values to one form, since AMC's schema knows texts only and may echo 7 as "7"."""
    return {name: _as_text(value) for name, value in values.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps([_as_text(element) for element in cast("list[Any]", value)])
    try:
        return str(Decimal(str(value)).normalize())
    except InvalidOperation:
        return str(value)


def _plain(moment: str | None) -> str | None:
    return None if moment is None else moment.removesuffix("Z")
