"""Checks the shared parameters and the overrides of a batch, and names every problem where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from fanfold.access.text import json_problem
from fanfold.kit.pointers import escaped, first_name
from fanfold.sdk.errors import Problem
from fanfold.targets.selection import parse_uuid

_SHARED = "/parameters"
_NOTHING: Mapping[str, Any] = {}
Check = Callable[[Mapping[str, Any]], Sequence[Problem]]
"""The kind's check of one target's merged parameters; its pointers are relative to them."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """The per-instance parameters that can be used, and what is wrong with the others."""

    by_instance: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict[UUID, Mapping[str, Any]])
    problems: Sequence[Problem] = ()
    pointers: Mapping[UUID, Mapping[str, str]] = field(default_factory=dict[UUID, Mapping[str, str]])
    """Where an instance's values come from, by name; those that are not named are its own overrides."""

    def own(self, instance: UUID | None) -> Mapping[str, Any]:
        """Return what one instance overrides."""
        return _NOTHING if instance is None else self.by_instance.get(instance, _NOTHING)

    def merged(self, base: Mapping[str, Any], instance: UUID | None) -> Mapping[str, Any]:
        """Return what one instance runs with."""
        return {**base, **self.own(instance)}

    def pointer(self, instance: UUID, name: str) -> str:
        """Return where one of an instance's values stands in the request."""
        if name not in self.own(instance):
            return f"{_SHARED}/{escaped(name)}"
        known = self.pointers.get(instance, {}).get(name)
        return known or f"{_pointer(instance)}/{escaped(name)}"


def read_overrides(given: Mapping[str, Any], *, instances: Sequence[UUID]) -> Overrides:
    """Read `{"<uuid>": {…}}`; every key must be one of *instances*."""
    by_instance: dict[UUID, Mapping[str, Any]] = {}
    problems: list[Problem] = []
    chosen = frozenset(instances)
    for key, values in given.items():
        instance, pointer = parse_uuid(key), f"/instance_parameters/{escaped(key)}"
        if instance is None:
            problems.append(Problem(pointer, f"{key[:60]!r} is not an instance's UUID."))
        elif instance not in chosen:
            problems.append(Problem(pointer, f"{key} is not among the instances of this batch."))
        elif instance in by_instance:
            problems.append(Problem(pointer, f"{key} has parameters already, under another writing."))
        elif not isinstance(values, Mapping):
            problems.append(Problem(pointer, "The parameters of an instance must be an object."))
        else:
            by_instance[instance] = cast("Mapping[str, Any]", values)
    return Overrides(by_instance, problems)


def parameter_problems(
    check: Check,
    base: Mapping[str, Any],
    *,
    overrides: Overrides,
    instances: Sequence[UUID],
    most_bytes: int,
) -> list[Problem]:
    """Return every problem once: of a shared value under `/parameters`, of an override under its instance."""
    found = [*overrides.problems, *_size_problems(base, _SHARED, most_bytes=most_bytes)]
    for instance, own in overrides.by_instance.items():
        found.extend(_size_problems(own, _pointer(instance), most_bytes=most_bytes))
    named = {problem.pointer for problem in found}
    for instance in _worth_checking(instances, overrides):
        merged = overrides.merged(base, instance)
        if instance is not None and not named & {_pointer(instance), _SHARED}:
            found.extend(_size_problems(merged, _pointer(instance), most_bytes=most_bytes))
        for problem in _checked(check, merged):
            placed = _placed(problem, instance, overrides=overrides)
            if problem.pointer or not named & {placed.pointer, _SHARED}:
                found.append(placed)
    return list(dict.fromkeys(found))


def _checked(check: Check, merged: Mapping[str, Any]) -> Sequence[Problem]:
    # What cannot be stored is not shown to the kind: it would be quoted in messages that cannot be sent.
    if (text := json_problem(dict(merged))) is not None:
        return [Problem("", f"The parameters {text}.")]
    return check(merged)


def _worth_checking(instances: Sequence[UUID], overrides: Overrides) -> Iterator[UUID | None]:
    # All instances without overrides run with the same parameters: one check, as None, speaks for them.
    if not instances or any(instance not in overrides.by_instance for instance in instances):
        yield None
    yield from overrides.by_instance


def _placed(problem: Problem, instance: UUID | None, *, overrides: Overrides) -> Problem:
    _, slash, rest = problem.pointer.removeprefix("/").partition("/")
    name = first_name(problem.pointer)
    if instance is not None and not problem.pointer:
        return Problem(_pointer(instance), problem.message)
    if instance is not None and name in overrides.own(instance):
        return Problem(f"{overrides.pointer(instance, name)}{slash}{rest}", problem.message)
    return Problem(f"{_SHARED}{problem.pointer}", problem.message)


def _size_problems(values: Mapping[str, Any], pointer: str, *, most_bytes: int) -> Iterator[Problem]:
    if json_problem(dict(values)) is not None:
        return
    size = len(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode())
    if size > most_bytes:
        message = f"The parameters take {size:,} bytes as JSON; at most {most_bytes:,} are allowed."
        yield Problem(pointer, message)


def _pointer(instance: UUID) -> str:
    return f"/instance_parameters/{instance}"
