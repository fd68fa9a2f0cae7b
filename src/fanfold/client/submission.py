"""What a batch is made of: a kind, its definition and parameters, its targets, and how it runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, cast
from uuid import UUID

from fanfold.client.answer import Answer
from fanfold.client.errors import BadInput, Problem
from fanfold.client.models import Instance
from fanfold.client.policy import Asked, Policy, spoken

CSV_SUFFIXES = (".csv", ".tsv")
_FEW = 500
_MOST_INLINE_BYTES = 4 * 1024 * 1024
"""Servers take 8 MiB in one body; a stream of targets may be any length."""


class Target(Asked):
    """One thing to work on: one of your own, or an AMC instance by its id."""

    key: str | None = None
    name: str | None = None
    instance_id: UUID | None = None
    connection: str | None = None
    attributes: Mapping[str, Any] = {}
    parameters: Mapping[str, Any] = {}
    """Over those of the batch."""
    priority: int = 0
    """Inside the batch; higher goes first."""


class Condition(Asked):
    """Leaves a target out, with a reason: Condition(parameter="region", operator="missing")."""

    parameter: str | None = None
    attribute: str | None = None
    operator: Literal["eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "matches", "missing"]
    value: Any = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Targets that a database knows: one row each, `key` or the first column is the key."""

    connection: str
    sql: str


@dataclass(frozen=True, slots=True)
class Search:
    """All AMC instances that a search finds when the batch is made: Search({"region": "eu-west-1"})."""

    filters: Mapping[str, Any]


TargetLike = Target | Instance | Mapping[str, Any] | str
"""A target, an instance, the fields of a target, or only its key."""
Targets = Iterable[TargetLike | Path | Query | Search] | Path | Query | Search
"""Targets, files of them (CSV, else JSON lines), and where the server finds them; they add up."""


class Submission(TypedDict, total=False):
    """All that a batch is made of beside its kind."""

    targets: Targets
    definition: Mapping[str, Any]
    """What runs, the same for every target."""
    parameters: Mapping[str, Any]
    """For every target that has none of its own."""
    policy: Policy
    skip_when: Sequence[Condition]
    name: str
    description: str
    tags: Sequence[str]


class PreviewFinding(Answer):
    """What a look at the definition found."""

    severity: str
    message: str
    line: int | None = None
    column: int | None = None
    fix: str = ""


class PreviewedOperation(Answer):
    """What a batch would do for one target."""

    key: str
    name: str
    does: str
    parameters: dict[str, Any]
    overridden: tuple[str, ...] = ()
    attributes: dict[str, Any]
    skipped: str | None = None
    warnings: tuple[str, ...] = ()


class Preview(Answer):
    """What a batch would do; give it to `submit` or `start` and exactly this runs, or nothing."""

    preview: str
    kind: str
    total_operations: int
    skipped_operations: int = 0
    findings: tuple[PreviewFinding, ...] = ()
    warnings: tuple[str, ...] = ()
    operations: tuple[PreviewedOperation, ...] = ()
    truncated: bool = False


class Filled(Answer):
    """What became of targets that were sent to a draft."""

    job_id: str
    added: int
    known: int
    """Were there already, the same."""
    total: int
    """In the draft now."""


def body_of(kind: str, given: Submission) -> dict[str, Any]:
    """Return the request for a batch. Raises `BadInput` for a file that is no list of targets."""
    body: dict[str, Any] = {"kind": kind}
    for name, value in given.items():
        if name not in Submission.__annotations__:
            raise TypeError(f"a batch has no {name!r}; it has {', '.join(Submission.__annotations__)}")
        body |= _sources(value) if name == "targets" else {name: _plain(value)}
    return body


def is_large(body: Mapping[str, Any]) -> bool:
    """Return whether the targets of a request are too many for one body of JSON."""
    targets: Sequence[Any] = body.get("targets", ())
    return len(targets) > _FEW and len(json.dumps(targets, default=str)) > _MOST_INLINE_BYTES


def target_body(target: TargetLike) -> dict[str, Any]:
    """Return one target as JSON."""
    match target:
        case str():
            return {"key": target}
        case Instance():
            return {"instance_id": str(target.id)}
        case Target():
            return target.body()
        case _:
            return dict(target)


def preview_id(preview: Preview | str | None) -> str | None:
    """Return what binds to a preview."""
    return preview.preview if isinstance(preview, Preview) else preview


def _sources(targets: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    listed: list[Any] = []
    for one in [targets] if isinstance(targets, Path | Query | Search) else targets:
        match one:
            case Query():
                source = {"query": {"connection": one.connection, "sql": one.sql}}
            case Search():
                source = {"instances": dict(one.filters)}
            case Path() if one.suffix.lower() in CSV_SUFFIXES:
                source = {"csv": _read(one)}
            case Path():
                source = {}
                listed += json_lines(_read(one))
            case _:
                source = {}
                listed.append(target_body(one))
        if twice := found.keys() & source.keys():
            raise BadInput(400, f"Of {', '.join(twice)} there can be one.")
        found |= source
    return {**found, "targets": listed} if listed or not found else found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(400, f"{path} cannot be read: {error}.") from error


def json_lines(text: str) -> list[Any]:
    """Return the targets of JSON lines. Raises `BadInput` naming each line that is none."""
    targets: list[Any] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            targets.append(json.loads(line))
        except ValueError as error:
            problems.append(Problem(f"/lines/{number}", f"Line {number} is not JSON: {error}."))
    if problems:
        raise BadInput(400, "The file of targets cannot be read.", problems=problems)
    return targets


def _plain(value: Any) -> Any:
    return dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else spoken(value)
