"""What changed between two texts of a workflow, as a unified diff of their files."""

from __future__ import annotations

from dataclasses import replace
from difflib import unified_diff

from fanfold.sdk.errors import BadInput, Problem
from fanfold.workflows.files import WorkflowFileInvalid, write_workflow
from fanfold.workflows.model import Draft, Version, Workflow


def file_of(draft: Draft) -> str:
    """Return *draft* as a file. Raises `BadInput` when its header cannot be written."""
    try:
        return write_workflow(draft)
    except WorkflowFileInvalid as error:
        raise BadInput([Problem("/name", f"{error}.")]) from error


def draft_at(workflow: Workflow, version: Version) -> Draft:
    """Return what *workflow* was at *version*; its key, name, description and tags have no versions."""
    return replace(
        workflow.draft,
        sql_query=version.sql_query,
        parameters=version.parameters,
        aggregate=version.aggregate,
    )


def difference(before: Draft, after: Draft, *, names: tuple[str, str]) -> str:
    """Return the unified diff of the two files; empty when they say the same."""
    lines = unified_diff(file_of(before).splitlines(), file_of(after).splitlines(), *names, lineterm="", n=3)
    return "\n".join(lines)
