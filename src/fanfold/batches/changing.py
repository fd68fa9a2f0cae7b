"""Gives operations another input before they run again: read by groups, patched, checked, written by groups.

A hundred thousand operations with the same input are one group, so they cost one patch and one check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from fanfold.access.text import json_problem
from fanfold.batches.checking import parameter_problems
from fanfold.batches.model import Batch
from fanfold.batches.patching import Values, merged, patched
from fanfold.batches.store import sql
from fanfold.db.database import Row, Transaction
from fanfold.kit.pointers import escaped, first_name
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Kind

MOST_PROBLEMS = 1_000
_CHECKED_AT_ONCE = 50
_NO_VALUES: Values = {}


@dataclass(frozen=True, slots=True)
class InputChange:
    """Merge patches of the merged parameters."""

    shared: Values = field(default_factory=dict[str, Any])
    """For all that run again."""
    by_key: Mapping[str, Values] = field(default_factory=dict[str, Values])
    """For single targets, after the shared one."""
    pointer: str = "/item_parameters"
    """Where the request holds those for single targets."""

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.shared or self.by_key)

    def overrides(self, base: Values, own: Values | None, *, key: str | None) -> dict[str, Any]:
        """Return the overrides that the operation of target *key* gets."""
        result = patched(base, own, patch=self.shared)
        single = self._single(key)
        return patched(base, result, patch=single) if single else result

    def place(self, problem: Problem, key: str | None) -> str:
        """Return where in the request the cause of a problem stands."""
        name = first_name(problem.pointer)
        own = self._single(key)
        is_own = name in own or (not problem.pointer and bool(own))
        return f"{self._of(key) if is_own and key is not None else '/parameters'}{problem.pointer}"

    def _single(self, key: str | None) -> Values:
        return _NO_VALUES if key is None else self.by_key.get(key, _NO_VALUES)

    def _of(self, key: str) -> str:
        return f"{self.pointer}/{escaped(key)}"

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Raise `BadInput` for every single target that is not among those that run again."""
        chosen = set(known)
        problems = [
            Problem(self._of(key), f"{key} is not a target that would run again.")
            for key in self.by_key
            if key not in chosen
        ]
        if problems:
            raise BadInput(problems[:MOST_PROBLEMS])


@dataclass(frozen=True, slots=True)
class InputGroup:
    """Operations that run with the same, before and after."""

    input: str | None
    own_key: str | None
    count: int
    examples: Sequence[str]
    overrides: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InputCheck:
    """What changed inputs have to pass."""

    kind: Kind
    most_bytes: int

    def problems(self, batch: Batch, overrides: Values) -> Iterator[Problem]:
        """Yield what is wrong with one target's parameters; pointers are relative to them."""
        if (text := json_problem(dict(overrides))) is not None:
            yield Problem("", f"The parameters {text}.")
            return
        size = len(orjson.dumps(overrides))
        if size > self.most_bytes:
            yield Problem(
                "", f"The parameters take {size:,} bytes as JSON; at most {self.most_bytes:,} are allowed."
            )
            return
        values = merged(batch.parameters, overrides)
        yield from parameter_problems(self.kind, batch.definition, parameters=values)


async def plan_inputs(
    transaction: Transaction, batch: Batch, *, ids: Sequence[UUID], change: InputChange, check: InputCheck
) -> list[InputGroup]:
    """Return what chosen operations will run with; raise `BadInput` naming every target it is wrong for."""
    rows = await transaction.fetch(
        sql("group_inputs"), batch_id=batch.id, ids=list(ids), own_keys=list(change.by_key)
    )
    change.refuse_unknown(row["own_key"] for row in rows if row["own_key"] is not None)
    groups = [_group(row, batch, change) for row in rows]
    # A check may take a millisecond; many of them must not hold up everybody else's requests.
    if len(groups) > _CHECKED_AT_ONCE:
        await asyncio.to_thread(_refuse_bad, groups, batch, change=change, check=check)
    else:
        _refuse_bad(groups, batch, change=change, check=check)
    return groups


async def write_inputs(
    transaction: Transaction, batch: Batch, *, ids: Sequence[UUID], groups: Sequence[InputGroup], kind: Kind
) -> None:
    """Give chosen operations the inputs that `plan_inputs` returned for them."""
    await transaction.execute(
        sql("change_inputs"),
        batch_id=batch.id,
        ids=list(ids),
        own_keys=[group.own_key for group in groups if group.own_key is not None],
        inputs=[group.input for group in groups],
        keys=[group.own_key for group in groups],
        keeps_state=kind.state_knows_input,
        overrides=[orjson.dumps(group.overrides).decode() if group.overrides else None for group in groups],
    )


def _group(row: Row, batch: Batch, change: InputChange) -> InputGroup:
    overrides = change.overrides(batch.parameters, row["overrides"], key=row["own_key"])
    return InputGroup(row["input"], row["own_key"], row["operation_count"], row["examples"], overrides)


def _refuse_bad(
    groups: Sequence[InputGroup], batch: Batch, *, change: InputChange, check: InputCheck
) -> None:
    found: dict[tuple[str, str], list[InputGroup]] = {}
    for group in groups:
        for problem in check.problems(batch, group.overrides):
            found.setdefault((change.place(problem, group.own_key), problem.message), []).append(group)
    if not found:
        return
    problems = [Problem(place, f"{_names(bad)}: {message}") for (place, message), bad in found.items()]
    left_out = len(problems) - MOST_PROBLEMS
    if left_out > 0:
        problems = [*problems[:MOST_PROBLEMS], Problem("", f"There are {left_out} more problems.")]
    raise BadInput(problems)


def _names(groups: Sequence[InputGroup]) -> str:
    names = [name for group in groups[:20] for name in group.examples][:20]
    more = sum(group.count for group in groups) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")
