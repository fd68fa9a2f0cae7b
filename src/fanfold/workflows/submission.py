"""Turns a request into a submission: all is checked before anything runs, all problems are named at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fanfold.access.audit import Audit
from fanfold.access.text import line_problem, paragraph_problem
from fanfold.batches.creation.digests import digest_of, refuse_stale
from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import Policy
from fanfold.catalog.catalog import Catalog
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Finding
from fanfold.targets.errors import InstancesDenied
from fanfold.targets.model import Selection
from fanfold.targets.service import InstanceService
from fanfold.workflows.inspection import refusals
from fanfold.workflows.model import KIND, BatchRequest, Preview, PreviewedInstance, Workflow
from fanfold.workflows.parameters import Overrides, parameter_problems, read_overrides
from fanfold.workflows.service import WorkflowService

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True)
class SubmissionLimits:
    """What one batch may ask for. Defaults from seeds 000 and 001."""

    max_batch_size: int = 100
    max_parameters_bytes: int = 10 * 1024


@dataclass(frozen=True, slots=True)
class _Plan:
    """A request that passed every check."""

    workflow: Workflow
    targets: Sequence[Target]
    overrides: Overrides
    findings: Sequence[Finding]


class SubmissionBuilder:
    """Checks requests and builds submissions; submitting them is the batches' business."""

    def __init__(
        self,
        workflows: WorkflowService,
        *,
        instances: InstanceService,
        catalog: Catalog,
        audit: Audit,
        limits: SubmissionLimits | None = None,
        policy: Policy | None = None,
        poll_seconds: float | None = None,
    ) -> None:
        """Make it; *poll_seconds* is the pace of looking at AMC, the kind's own by default."""
        self._workflows = workflows
        self._instances = instances
        self._catalog = catalog
        self._audit = audit
        self._limits = limits or SubmissionLimits()
        self._policy = policy or Policy()
        self._pace = {} if poll_seconds is None else {"poll_seconds": poll_seconds}

    async def build(self, reference: str, request: BatchRequest, *, user_id: UUID) -> Submission:
        """Return what to submit.

        Raises `WorkflowNotFound`; `InstancesDenied` when instances are unknown or another's, else `BadInput`:
        both carry every problem of the request. `PreviewStale` when it is not what `request.preview` showed.
        """
        plan = await self._plan(reference, request, user_id=user_id)
        submission = self._submission(plan, request)
        if request.preview is not None:
            refuse_stale(request.preview, digest_of(submission))
        return submission

    def _submission(self, plan: _Plan, request: BatchRequest) -> Submission:
        return Submission(
            kind=KIND,
            name=_name(plan.workflow, request, count=len(plan.targets)),
            description=request.description or "",
            items=[Item(target, _own(plan.overrides, target)) for target in plan.targets],
            definition={**plan.workflow.definition(), **self._pace},
            parameters=request.parameters,
            policy=self._policy,
            workflow_id=plan.workflow.id,
        )

    async def preview(self, reference: str, request: BatchRequest, *, user_id: UUID) -> Preview:
        """Return what the batch would do on each instance. Raises as `build` does."""
        plan = await self._plan(reference, request, user_id=user_id)
        instances = [
            _previewed(target, request.parameters, own=_own(plan.overrides, target))
            for target in plan.targets
        ]
        digest = digest_of(self._submission(plan, request))
        return Preview(plan.workflow, instances, plan.findings, digest)

    async def _plan(self, reference: str, request: BatchRequest, *, user_id: UUID) -> _Plan:
        workflow = await self._workflows.get(reference, user_id=user_id)
        selection = await self._instances.select(
            request.instance_ids, user_id=user_id, at_most=self._limits.max_batch_size
        )
        overrides = read_overrides(request.instance_parameters, instances=selection.ids)
        draft = workflow.draft
        findings = await self._workflows.check(draft.sql_query, draft.parameters)
        problems = [
            *selection.problems,
            *_text_problems(request),
            *refusals(findings, pointer="/workflow"),
            *self._parameter_problems(workflow, request, overrides=overrides, ids=selection.ids),
        ]
        if selection.denied:
            await self._note_denial(workflow, selection, user_id=user_id)
            raise InstancesDenied(problems)
        if problems:
            raise BadInput(problems)
        return _Plan(workflow, selection.targets, overrides, findings)

    def _parameter_problems(
        self, workflow: Workflow, request: BatchRequest, *, overrides: Overrides, ids: Sequence[UUID]
    ) -> list[Problem]:
        kind, definition = self._catalog.kind(KIND), workflow.definition()
        return parameter_problems(
            lambda merged: kind.check(definition, merged),
            request.parameters,
            overrides=overrides,
            instances=ids,
            most_bytes=self._limits.max_parameters_bytes,
        )

    async def _note_denial(self, workflow: Workflow, selection: Selection, *, user_id: UUID) -> None:
        detail = {"problems": [problem.message for problem in selection.problems]}
        await self._audit.note("instances.denied", f"workflow:{workflow.id}", user_id=user_id, detail=detail)


def _own(overrides: Overrides, target: Target) -> Mapping[str, Any] | None:
    return None if target.id is None else overrides.by_instance.get(target.id) or None


def _name(workflow: Workflow, request: BatchRequest, *, count: int) -> str:
    given = (request.name or "").strip()
    noun = "instance" if count == 1 else "instances"
    return given or f"{workflow.draft.name} \N{EN DASH} {count} {noun}"


def _text_problems(request: BatchRequest) -> list[Problem]:
    name, description = request.name or "", request.description or ""
    found = [
        ("/name", line_problem(name)),
        ("/name", f"must not be longer than {LONGEST_NAME}" if len(name) > LONGEST_NAME else None),
        ("/description", paragraph_problem(description)),
        (
            "/description",
            f"must not be longer than {LONGEST_DESCRIPTION}"
            if len(description) > LONGEST_DESCRIPTION
            else None,
        ),
    ]
    return [
        Problem(pointer, f"The {pointer[1:]} {problem}.") for pointer, problem in found if problem is not None
    ]


def _previewed(
    target: Target, base: Mapping[str, Any], *, own: Mapping[str, Any] | None
) -> PreviewedInstance:
    changed = own or {}
    warnings = [
        f"{name} is overridden with the value that all instances have."
        for name, value in changed.items()
        if name in base and base[name] == value
    ]
    if target.attributes.get("sandbox"):
        warnings.append("A sandbox holds synthetic data only.")
    return PreviewedInstance(target, {**base, **changed}, tuple(changed), tuple(warnings))
