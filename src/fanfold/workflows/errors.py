"""What can be wrong with a workflow; no HTTP here, `web.errors` maps them.

WorkflowError
├── WorkflowNotFound        or it is not yours
│   ├── VersionNotFound
│   └── LibraryWorkflowNotFound
└── WorkflowKeyTaken
"""

from __future__ import annotations

from typing import ClassVar


class WorkflowError(Exception):
    """A request to the workflows cannot be done."""

    code: ClassVar[str] = "workflow"


class WorkflowNotFound(WorkflowError):
    """There is no such workflow, or it is not yours."""

    code = "workflow_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__(f"Workflow not found: you have none with the id or key {reference!r}.")


class VersionNotFound(WorkflowNotFound):
    """The workflow has no such version."""

    code = "workflow_version_not_found"

    def __init__(self, key: str, number: int) -> None:
        WorkflowError.__init__(self, f"Workflow {key!r} has no version {number}.")


class LibraryWorkflowNotFound(WorkflowNotFound):
    """The library has no such workflow."""

    code = "library_workflow_not_found"

    def __init__(self, key: str) -> None:
        WorkflowError.__init__(self, f"The library has no workflow {key!r}.")


class WorkflowKeyTaken(WorkflowError):
    """You have a workflow of this key already."""

    code = "workflow_key_taken"

    def __init__(self, key: str) -> None:
        super().__init__(f"You have a workflow with the key {key!r} already.")
