"""Reads a request for a batch into a submission: all is checked and named before anything changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from fanfold.batches.creation.conditions import Condition, make_condition
from fanfold.batches.creation.items import ItemMaker, Known, Wish, duplicates, look_up, too_large
from fanfold.batches.creation.policies import PolicyReader
from fanfold.batches.creation.schemas import ConditionForm, JobForm
from fanfold.batches.creation.sources import Sources
from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.submitting import limits_of
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Finding, Kind

MOST_DEFINITION_BYTES = 1_000_000
_INSPECTIONS_AT_ONCE = 2
_EMPTY = "The list of targets is empty: name targets, instance_ids, instances, csv or a query."
_CONDITIONS_LATER = "A draft may still grow: give its conditions when you start it."
_TOO_DEEP = Finding("nesting", "error", "The definition is nested too deeply to be read.")


@dataclass(frozen=True, slots=True)
class CreationLimits:
    """What one batch may be."""

    max_operations: int = 1_000_000
    max_parameters_bytes: int = 10 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that passed every check."""

    submission: Submission
    kind: Kind
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class _Frame:
    """All of a request but its targets."""

    kind: Kind
    findings: Sequence[Finding]
    conditions: Sequence[Condition]


class Planner:
    """Reads requests for the acting user; submitting is the batches' business."""

    def __init__(
        self,
        database: Database,
        *,
        catalog: Catalog,
        sources: Sources,
        policies: PolicyReader | None = None,
        limits: CreationLimits | None = None,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._sources = sources
        self._policies = policies or PolicyReader(database)
        self._limits = limits or CreationLimits()
        self._turns = asyncio.Semaphore(_INSPECTIONS_AT_ONCE)

    async def plan(self, form: JobForm, *, user_id: UUID, draft: bool = False) -> Plan:
        """Return what to submit. Raises `BadInput` naming every bad item of the request."""
        problems = [*_size_problems(form, self._limits)]
        if draft and form.skip_when:
            problems.append(Problem("/skip_when", _CONDITIONS_LATER))
        frame = await self._frame(form, problems)
        policy = await self._policies.read(form.policy, problems, user_id=user_id)
        wishes = await self._sources.wishes(form, problems, user_id=user_id)
        problems.extend(duplicates(wishes))
        if not wishes and not draft and not problems:
            problems.append(Problem("/targets", _EMPTY))
        if len(wishes) > self._limits.max_operations:
            most = f"{self._limits.max_operations:,} that one batch may have"
            raise BadInput(
                [*problems, Problem("/targets", f"{len(wishes):,} targets are more than the {most}.")]
            )
        async with self._database.transaction(user_id=user_id) as transaction:
            known = await look_up(transaction, wishes)
        items = self._items(form, frame, wishes, known=known, problems=problems)
        if problems or frame is None:
            raise BadInput(list(dict.fromkeys(problems)))
        submission = _submission(form, items, policy, draft=draft)
        _refuse_unfitting(submission, frame.kind, wishes, user_id=user_id)
        return Plan(submission, frame.kind, frame.findings)

    def _items(
        self,
        form: JobForm,
        frame: _Frame | None,
        wishes: Sequence[Wish],
        *,
        known: Known,
        problems: list[Problem],
    ) -> list[Item]:
        maker = self._maker(form, frame) if frame else None
        items: list[Item] = []
        for wish in wishes:
            target = known.target(wish)
            if isinstance(target, Problem):
                problems.append(target)
                continue
            made = maker.make(wish, target) if maker else []
            if isinstance(made, Item):
                items.append(made)
            else:
                problems.extend(made)
        return items

    def _maker(self, form: JobForm, frame: _Frame) -> ItemMaker:
        return ItemMaker(
            frame.kind,
            form.definition,
            parameters=form.parameters,
            conditions=frame.conditions,
            most_bytes=self._limits.max_parameters_bytes,
        )

    async def _frame(self, form: JobForm, problems: list[Problem]) -> _Frame | None:
        conditions = read_conditions(form.skip_when, problems)
        try:
            kind = self._catalog.kind(form.kind)
        except BadInput as error:
            problems.extend(error.problems)
            return None
        async with self._turns:
            findings = await asyncio.to_thread(_inspected, kind, form.definition)
        problems.extend(
            Problem("/definition", _sentence(finding)) for finding in findings if finding.severity == "error"
        )
        return _Frame(kind, findings, conditions)


def read_conditions(forms: Sequence[ConditionForm], problems: list[Problem]) -> list[Condition]:
    """Return the conditions that can be used; what is wrong with the others joins *problems*."""
    found: list[Condition] = []
    for index, form in enumerate(forms):
        made = make_condition(
            form.parameter or form.attribute or "",
            of_target=form.parameter is None,
            operator=form.operator,
            value=form.value,
            reason=form.reason,
            pointer=f"/skip_when/{index}",
        )
        if isinstance(made, Problem):
            problems.append(made)
        else:
            found.append(made)
    return found


def _refuse_unfitting(submission: Submission, kind: Kind, wishes: Sequence[Wish], *, user_id: UUID) -> None:
    try:
        limits_of(submission, kind=kind, user_id=user_id)
    except BadInput as error:
        raise BadInput(
            [
                Problem(wishes[int(bad.pointer.rpartition("/")[2])].pointer, bad.message)
                for bad in error.problems
            ]
        ) from error


def _submission(form: JobForm, items: list[Item], policy: Policy, *, draft: bool) -> Submission:
    noun = "target" if len(items) == 1 else "targets"
    counted = f"{form.kind} \N{EN DASH} {len(items):,} {noun}"
    return Submission(
        kind=form.kind,
        name=form.name or (form.kind if draft else counted),
        items=items,
        definition=form.definition,
        parameters=form.parameters,
        description=form.description,
        tags=tuple(dict.fromkeys(form.tags)),
        policy=policy,
        draft=draft,
    )


def _inspected(kind: Kind, definition: Mapping[str, Any]) -> Sequence[Finding]:
    try:
        return kind.inspect(definition)
    except RecursionError:
        return [_TOO_DEEP]


def _sentence(finding: Finding) -> str:
    place = "" if finding.line is None else f"Line {finding.line}, column {finding.column}: "
    return " ".join(part for part in (place + finding.message, finding.fix) if part)


def _size_problems(form: JobForm, limits: CreationLimits) -> list[Problem]:
    sizes = [
        ("parameters", form.parameters, limits.max_parameters_bytes),
        ("definition", form.definition, MOST_DEFINITION_BYTES),
    ]
    found = [(part, len(orjson.dumps(values)), most) for part, values, most in sizes]
    return [too_large(f"/{part}", part, size=size, most=most) for part, size, most in found if size > most]
