"""A workflow as AMC saves it, and how what AMC has differs from ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Any, cast

from fanfold.kinds.amc_workflow.datatypes import data_type_of
from fanfold.kinds.amc_workflow.definition import WorkflowDefinition
from fanfold.kinds.amc_workflow.sql.text import without_trailing_semicolon
from fanfold.kinds.amc_workflow.submission import declared

LONGEST_DIFFERENCE = 4_000


def as_saved(definition: WorkflowDefinition) -> dict[str, Any]:
    """Return what AMC is to save."""
    return {
        "workflowId": definition.saved_id,
        "sqlQuery": without_trailing_semicolon(definition.sql_query),
        "inputParameters": [declared(parameter) for parameter in definition.parameters],
    }


def difference(there: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Return a unified diff from what AMC has to what we have; empty when they say the same."""
    before, after = list(_lines(there)), list(_lines(ours))
    if before == after:
        return ""
    text = "\n".join(unified_diff(before, after, "on AMC", "in Fanfold", lineterm="", n=3))
    return text if len(text) <= LONGEST_DIFFERENCE else f"{text[:LONGEST_DIFFERENCE]}\n…"


def _lines(workflow: Mapping[str, Any]) -> Iterator[str]:
    declared_there: Any = workflow.get("inputParameters") or []
    parameters = cast("list[Mapping[str, Any]]", declared_there)
    for parameter in sorted(parameters, key=lambda each: str(each.get("name"))):
        yield _line(parameter)
    query = str(workflow.get("sqlQuery") or "").replace("\r\n", "\n").strip()
    for line in query.split("\n"):
        yield line.rstrip()


def _line(parameter: Mapping[str, Any]) -> str:
    given = parameter.get("dataType") or "STRING"
    default, described = parameter.get("defaultValue"), str(parameter.get("description") or "")
    told = "" if default is None else f" = {default if isinstance(default, str) else json.dumps(default)}"
    comment = f" -- {' '.join(described.split())}" if described.strip() else ""
    return f"parameter {parameter.get('name')} {data_type_of(given) or given}{told}{comment}"
