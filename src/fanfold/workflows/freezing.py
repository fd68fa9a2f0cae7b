"""Freezes what a request says in templates, rules and windows into the values that each operation runs with.

Nothing is run and nothing stored here; whatever is wrong is named where it stands in the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fanfold.access.text import json_problem
from fanfold.kit.pointers import escaped
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Problem
from fanfold.workflows import rules
from fanfold.workflows.dates import Span
from fanfold.workflows.model import BatchRequest
from fanfold.workflows.parameters import Overrides
from fanfold.workflows.templates import (
    END,
    START,
    ZONE,
    Scope,
    TemplateInvalid,
    asks_instance,
    has_template,
    resolve,
)
from fanfold.workflows.windows import windows_of

_WINDOW_TYPE = "timeWindowType"
_ROWS_OF_PEOPLE = "disableAggregationControls"
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a batch runs with; nothing in it has to be looked up any more."""

    base: Mapping[str, Any]
    overrides: Overrides
    """Everything of an instance's own: its overrides, what rules give it, templates that ask for it."""
    skipped: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    """Why a rule leaves an instance out."""
    windows: Sequence[Span] = ()
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()


class _Freezer:
    """Looks up values one after the other and collects what is wrong with them."""

    def __init__(self, request: BatchRequest, now: datetime) -> None:
        self._now = now
        self._storable = json_problem(dict(request.parameters)) is None
        self.given = request.parameters
        self.problems: list[Problem] = []
        self.zone = self._zone_in(request.parameters)
        self.templated = [
            name for name, value in self.given.items() if self._storable and has_template(value)
        ]
        self.moved = [name for name in self.templated if asks_instance(self.given[name])]

    def scope(self, target: Target | None = None, *, zone: str | None = None) -> Scope:
        """Return what the templates of one instance are looked up in, or those of all."""
        return Scope(self._now, zone or self.zone, target)

    def base(self) -> dict[str, Any]:
        """Return the shared parameters but those that ask for the instance."""
        scope = self.scope()
        return {
            name: self.looked_up(name, value, pointer=shared_pointer(name), scope=scope)
            for name, value in self.given.items()
            if name not in self.moved
        }

    def own(self, target: Target, raw: Mapping[str, Any], *, pointers: Mapping[str, str]) -> dict[str, Any]:
        """Return what is *target*'s own: *raw*, and the shared templates that mean another thing for it."""
        if json_problem(dict(raw)) is not None:
            return dict(raw)
        zone = self._zone_in(raw)
        again = self.moved if zone in {None, self.zone} else self.templated
        scope = self.scope(target, zone=zone)
        values = {**raw, **{name: self.given[name] for name in again if name not in raw}}
        return {
            name: self.looked_up(name, value, pointer=pointers.get(name, shared_pointer(name)), scope=scope)
            for name, value in values.items()
        }

    def looked_up(self, name: str, value: Any, *, pointer: str, scope: Scope) -> Any:
        """Return what *value* stands for, itself when it stands for nothing."""
        if not self._storable:
            return value
        try:
            return resolve(value, name=name, scope=scope)
        except TemplateInvalid as error:
            self.problems.append(Problem(pointer, f"{error}."))
            return value

    @staticmethod
    def _zone_in(values: Mapping[str, Any]) -> str | None:
        zone = values.get(ZONE)
        return zone if isinstance(zone, str) else None


def freeze(
    request: BatchRequest, *, targets: Sequence[Target], overrides: Overrides, now: datetime
) -> Frozen:
    """Return the values to run with, every problem of templates, rules and windows beside them."""
    freezer = _Freezer(request, now)
    base = freezer.base()
    own, skipped = _per_instance(freezer, request, targets, overrides=overrides)
    windows, wrong = (
        ([], []) if request.windows is None else windows_of(request.windows, scope=freezer.scope())
    )
    running = [target for target in targets if target.id not in skipped]
    edges = () if request.windows is None else _window_problems(base, own, running)
    problems = [*freezer.problems, *wrong, *edges, *_flag_problems(base, own, running)]
    if targets and not running:
        problems.append(Problem("/rules", "The rules leave out every instance."))
    unused = rules.unused(request.rules, targets)
    return Frozen(
        base,
        own,
        skipped,
        windows,
        problems=list(dict.fromkeys(problems)),
        notes=[f"Rule {index + 1} meets none of the instances." for index in unused],
    )


def _per_instance(
    freezer: _Freezer, request: BatchRequest, targets: Sequence[Target], *, overrides: Overrides
) -> tuple[Overrides, dict[UUID, str]]:
    """Return what each instance has of its own, and why some are left out."""
    values: dict[UUID, Mapping[str, Any]] = dict(overrides.by_instance)
    pointers: dict[UUID, Mapping[str, str]] = {}
    skipped: dict[UUID, str] = {}
    for target in targets:
        if target.id is None:
            continue
        ruled = rules.apply(request.rules, target)
        if ruled.skip is not None:
            skipped[target.id] = ruled.skip
            values.pop(target.id, None)
            continue
        explicit = overrides.own(target.id)
        places = _pointers(explicit, ruled, moved=freezer.templated, instance=target.id)
        own = freezer.own(target, {**ruled.values, **explicit}, pointers=places)
        if own:
            values[target.id], pointers[target.id] = own, places
    return Overrides(values, overrides.problems, pointers), skipped


def shared_pointer(name: str) -> str:
    """Return where a shared parameter stands in a request."""
    return f"/parameters/{escaped(name)}"


def _pointers(
    explicit: Mapping[str, Any], ruled: rules.Ruled, *, moved: Iterable[str], instance: UUID
) -> Mapping[str, str]:
    """Return where the values of one instance come from, by name."""
    return {
        **{name: shared_pointer(name) for name in moved},
        **{name: f"{origin}/{escaped(name)}" for name, origin in ruled.origins.items()},
        **{name: f"/instance_parameters/{instance}/{escaped(name)}" for name in explicit},
    }


def _window_problems(base: Mapping[str, Any], own: Overrides, running: Sequence[Target]) -> Iterator[Problem]:
    for name in (START, END, _WINDOW_TYPE):
        message = f"{name} cannot be given beside `windows`, which give each operation its own."
        if base.get(name) is not None:
            yield Problem(shared_pointer(name), message)
        for target in running:
            if target.id is not None and own.own(target.id).get(name) is not None:
                yield Problem(own.pointer(target.id, name), message)


def _flag_problems(base: Mapping[str, Any], own: Overrides, running: Sequence[Target]) -> Iterator[Problem]:
    # A normal instance then answers as to a dry run: it succeeds and there is nothing to download.
    wrong: dict[str, list[str]] = {}
    for target in running:
        if not target.attributes.get("sandbox") and own.merged(base, target.id).get(_ROWS_OF_PEOPLE) is True:
            pointer = (
                own.pointer(target.id, _ROWS_OF_PEOPLE) if target.id else shared_pointer(_ROWS_OF_PEOPLE)
            )
            wrong.setdefault(pointer, []).append(target.name)
    for pointer, names in wrong.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield Problem(
            pointer,
            f"{_ROWS_OF_PEOPLE} is for sandboxes only, and these are none: "
            f"{', '.join(names[:_NAMED])}{more}. Give it by a rule for sandboxes.",
        )
