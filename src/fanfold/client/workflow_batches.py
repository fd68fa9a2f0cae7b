"""What a workflow's batch is made of beside its instances, and what it would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from typing_extensions import override

from fanfold.client.answer import Answer
from fanfold.client.policy import Asked, Policy, spoken
from fanfold.client.submission import PreviewFinding


class Rule(Asked):
    """Gives some instances other values, or leaves them out; later rules win.

    Rule(when={"region": "us-east-1"}, values={"days": 14}); Rule(when={"tag": "new"}, skip="no data yet")
    """

    when: Mapping[str, Any]
    """By region, tag, brand, account, marketplace, instance (one or a list) or sandbox; all must hold."""
    values: Mapping[str, Any] | None = None
    skip: str | None = None
    """The reason."""

    @override
    def body(self) -> dict[str, Any]:
        """Return what was said, as JSON."""
        return _renamed(super().body(), {"values": "set"})


class Windows(Asked):
    """Runs each instance once for each window: the *last* so many whole ones, or all of *start* to *end*.

    Windows(every="week", last=52); Windows(every="month", start="2026-01-01", end="{{ last_full_month }}")
    """

    every: Literal["day", "week", "month", "quarter", "year"]
    count: int = 1
    """Units in one window."""
    last: int | None = None
    start: str | None = None
    end: str | None = None
    """Included."""

    @override
    def body(self) -> dict[str, Any]:
        """Return what was said, as JSON."""
        return _renamed(super().body(), {"start": "from", "end": "to"})


class WorkflowBatch(TypedDict, total=False):
    """All that a workflow's batch is made of beside the workflow and its instances."""

    parameters: Mapping[str, Any]
    overrides: Mapping[str, Mapping[str, Any]]
    """The parameters that differ, by instance; they win over rules."""
    rules: Sequence[Rule]
    windows: Windows
    policy: Policy
    query_source: Literal["inline", "saved", "save_first"]
    """Send AMC the query, run what is saved there, or save it there first where it differs."""
    name: str
    description: str


class PreviewedInstance(Answer):
    """What a batch would do on one instance."""

    name: str
    region: str
    parameters: dict[str, Any]
    overridden: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    skipped: str | None = None


class WorkflowPreview(Answer):
    """What a workflow's batch would do; give it to `run` and exactly this runs, or nothing."""

    preview: str
    total_instances: int
    total_operations: int
    instances: tuple[PreviewedInstance, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[PreviewFinding, ...] = ()


def workflow_body(made_of: WorkflowBatch) -> dict[str, Any]:
    """Return the request for a workflow's batch, its instances and overrides aside."""
    body: dict[str, Any] = {"parameters": dict(made_of.get("parameters") or {})}
    for name, value in made_of.items():
        if name not in WorkflowBatch.__annotations__:
            known = ", ".join(WorkflowBatch.__annotations__)
            raise TypeError(f"a workflow's batch has no {name!r}; it has {known}")
        if value is not None and name not in {"parameters", "overrides"}:
            body[name] = spoken(value)
    return body


def _renamed(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in said.items()}
