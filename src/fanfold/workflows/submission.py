"""Turns a request into a submission: all is checked before anything runs, all problems are named at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fanfold.access.audit import Audit
from fanfold.access.text import line_problem, paragraph_problem
from fanfold.batches.creation.digests import digest_of, refuse_stale
from fanfold.batches.creation.policies import PolicyReader
from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import Policy
from fanfold.catalog.catalog import Catalog
from fanfold.kit.clock import Clock, SystemClock
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Finding
from fanfold.targets.errors import InstancesDenied
from fanfold.targets.model import Selection
from fanfold.targets.service import InstanceService
from fanfold.workflows.dates import Span
from fanfold.workflows.freezing import Frozen, freeze
from fanfold.workflows.inspection import refusals
from fanfold.workflows.model import KIND, BatchRequest, Draft, Preview, PreviewedInstance, Rehearsal, Workflow
from fanfold.workflows.parameters import parameter_problems, read_overrides
from fanfold.workflows.service import WorkflowService
from fanfold.workflows.templates import END, START

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 2_000
MOST_CELLS = 20_000
"""Instances times windows."""
_NO_EDGES: dict[str, str] = {}


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
    frozen: Frozen
    findings: Sequence[Finding]
    policy: Policy


class SubmissionBuilder:
    """Checks requests and builds submissions; submitting them is the batches' business."""

    def __init__(
        self,
        workflows: WorkflowService,
        *,
        instances: InstanceService,
        catalog: Catalog,
        audit: Audit,
        policies: PolicyReader,
        limits: SubmissionLimits | None = None,
        poll_seconds: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Make it; *poll_seconds* is the pace of looking at AMC, the kind's own by default.

        *clock* tells what `{{ today }}` is.
        """
        self._workflows = workflows
        self._instances = instances
        self._catalog = catalog
        self._audit = audit
        self._limits = limits or SubmissionLimits()
        self._policies = policies
        self._clock = clock or SystemClock()
        self._pace = {} if poll_seconds is None else {"poll_seconds": poll_seconds}

    async def build(self, reference: str, request: BatchRequest, *, user_id: UUID) -> Submission:
        """Return what to submit.

        Raises `WorkflowNotFound`; `InstancesDenied` when instances are unknown or another's, else `BadInput`:
        both carry every problem of the request. `PreviewStale` when it is not what `request.preview` showed.
        """
        workflow = await self._workflows.get(reference, user_id=user_id)
        plan = await self._plan(workflow, request, user_id=user_id)
        submission = self._submission(plan, request)
        if request.preview is not None:
            refuse_stale(request.preview, digest_of(submission))
        return submission

    def _submission(self, plan: _Plan, request: BatchRequest) -> Submission:
        return Submission(
            kind=KIND,
            name=_name(plan, request),
            description=request.description or "",
            items=items_of(plan.targets, plan.frozen),
            definition={**request.definition(plan.workflow), **self._pace, **_asked(request, plan.frozen)},
            parameters=plan.frozen.base,
            policy=plan.policy,
            workflow_id=plan.workflow.id,
        )

    async def preview(self, reference: str, request: BatchRequest, *, user_id: UUID) -> Preview:
        """Return what the batch would do on each instance. Raises as `build` does."""
        workflow = await self._workflows.get(reference, user_id=user_id)
        plan = await self._plan(workflow, request, user_id=user_id)
        frozen, submission = plan.frozen, self._submission(plan, request)
        return Preview(
            plan.workflow,
            [self._previewed(plan.workflow, target, frozen) for target in plan.targets],
            plan.findings,
            digest_of(submission),
            windows=frozen.windows,
            operation_count=sum(item.skip_reason is None for item in submission.items),
            notes=frozen.notes,
        )

    async def rehearse(self, draft: Draft, request: BatchRequest, *, user_id: UUID) -> Rehearsal:
        """Return what a batch of *draft* would do, or everything that is wrong; nothing has to be saved."""
        now = self._clock.now()
        workflow = Workflow(uuid7(), 0, draft, now, now)
        try:
            plan = await self._plan(workflow, request, user_id=user_id)
        except (BadInput, InstancesDenied) as error:
            return Rehearsal((), list(error.problems))
        return Rehearsal([self._previewed(workflow, target, plan.frozen) for target in plan.targets])

    async def _plan(self, workflow: Workflow, request: BatchRequest, *, user_id: UUID) -> _Plan:
        selection = await self._instances.select(
            request.instance_ids, user_id=user_id, at_most=self._limits.max_batch_size
        )
        overrides = read_overrides(request.instance_parameters, instances=selection.ids)
        frozen = freeze(request, targets=selection.targets, overrides=overrides, now=self._clock.now())
        draft = workflow.draft
        findings = await self._workflows.check(draft.sql_query, draft.parameters)
        problems = [
            *selection.problems,
            *_text_problems(request),
            *refusals(findings, pointer="/workflow"),
            *frozen.problems,
            *self._parameter_problems(request.definition(workflow), frozen, ids=selection.ids),
            *_grid_problems(len(selection.targets), frozen),
        ]
        policy = await self._policies.read(request.policy, problems, user_id=user_id)
        if selection.denied:
            await self._note_denial(workflow, selection, user_id=user_id)
            raise InstancesDenied(problems)
        if problems:
            raise BadInput(problems)
        return _Plan(workflow, selection.targets, frozen, findings, policy)

    def _parameter_problems(
        self, definition: Mapping[str, Any], frozen: Frozen, *, ids: Sequence[UUID]
    ) -> list[Problem]:
        kind = self._catalog.kind(KIND)
        found = parameter_problems(
            lambda merged: kind.check(definition, merged),
            frozen.base,
            overrides=frozen.overrides,
            instances=[each for each in ids if each not in frozen.skipped],
            most_bytes=self._limits.max_parameters_bytes,
        )
        # A template that stands for nothing is no value of the right type either: once is enough.
        named = {problem.pointer for problem in frozen.problems}
        return [problem for problem in found if problem.pointer not in named]

    def _previewed(self, workflow: Workflow, target: Target, frozen: Frozen) -> PreviewedInstance:
        base, changed = frozen.base, _own(frozen, target) or {}
        skipped = None if target.id is None else frozen.skipped.get(target.id)
        # The first may be too old, the last too recent.
        windows = [frozen.windows[0], frozen.windows[-1]] if frozen.windows else []
        edges = [_edges(window) for window in windows] or [_NO_EDGES]
        merged = {**base, **changed}
        warnings = [
            f"{name} is overridden with the value that all instances have."
            for name, value in changed.items()
            if name in base and base[name] == value
        ]
        if target.attributes.get("sandbox"):
            warnings.append("A sandbox holds synthetic data only.")
        if skipped is None:
            kind, definition = self._catalog.kind(KIND), workflow.definition()
            for each in edges:
                warnings.extend(kind.advise(definition, {**merged, **each}, now=self._clock.now()))
        return PreviewedInstance(target, merged, tuple(changed), tuple(dict.fromkeys(warnings)), skipped)

    async def _note_denial(self, workflow: Workflow, selection: Selection, *, user_id: UUID) -> None:
        detail = {"problems": [problem.message for problem in selection.problems]}
        await self._audit.note("instances.denied", f"workflow:{workflow.id}", user_id=user_id, detail=detail)


def items_of(targets: Sequence[Target], frozen: Frozen) -> list[Item]:
    """Return the operations: one for each instance, or one for each instance and window, window by window."""
    left_out = [
        Item(target, skip_reason=frozen.skipped[target.id])
        for target in targets
        if target.id is not None and target.id in frozen.skipped
    ]
    running = [target for target in targets if target.id not in frozen.skipped]
    if not frozen.windows:
        order = {target.key: index for index, target in enumerate(targets)}
        items = [*left_out, *(Item(target, _own(frozen, target)) for target in running)]
        return sorted(items, key=lambda item: order[item.target.key])
    # Window by window, so that each instance has something to do from the start.
    cells = [_cell(target, frozen, window) for window in frozen.windows for target in running]
    return [*cells, *left_out]


def _cell(target: Target, frozen: Frozen, window: Span) -> Item:
    named = replace(
        target, key=f"{target.key}|{window.name}", name=f"{target.name} \N{MIDDLE DOT} {window.name}"
    )
    return Item(named, {**(_own(frozen, target) or {}), **_edges(window)})


def _edges(window: Span) -> dict[str, str]:
    return {START: window.start.isoformat(), END: window.end.isoformat()}


def _own(frozen: Frozen, target: Target) -> Mapping[str, Any] | None:
    return None if target.id is None else frozen.overrides.by_instance.get(target.id) or None


def _asked(request: BatchRequest, frozen: Frozen) -> dict[str, Any]:
    """Return what the frozen values came from, for whoever looks at the batch later; nothing if it is all."""
    asked: dict[str, Any] = {}
    if frozen.base != dict(request.parameters):
        asked["parameters"] = dict(request.parameters)
    if request.rules:
        asked["rules"] = [rule.as_json() for rule in request.rules]
    if frozen.windows:
        asked["windows"] = [window.name for window in frozen.windows]
    return {"asked": asked} if asked else {}


def _grid_problems(instances: int, frozen: Frozen) -> list[Problem]:
    cells = instances * len(frozen.windows)
    if cells <= MOST_CELLS:
        return []
    message = (
        f"{instances} instances with {len(frozen.windows):,} windows each are {cells:,} operations; "
        f"one batch may have {MOST_CELLS:,} of this sort."
    )
    return [Problem("/windows", message)]


def _name(plan: _Plan, request: BatchRequest) -> str:
    if given := (request.name or "").strip():
        return given
    count, windows = len(plan.targets), plan.frozen.windows
    noun = "instance" if count == 1 else "instances"
    grid = f" \N{MULTIPLICATION SIGN} {windows[0].name} to {windows[-1].name}" if windows else ""
    return f"{plan.workflow.draft.name} \N{EN DASH} {count} {noun}{grid}"


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
