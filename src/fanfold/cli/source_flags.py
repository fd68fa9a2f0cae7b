"""What a batch is made of, as options and files: its kind, what runs, the targets, what leaves some out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import typer
import yaml
from pydantic import ValidationError

from fanfold.cli.assignments import parameters
from fanfold.client.errors import BadInput
from fanfold.client.policy import Policy
from fanfold.client.submission import Condition, Query, Search, Submission, json_lines

STDIN = "-"
_OPERATORS = "eq, ne, in, not_in, lt, le, gt, ge, matches, missing"
_REQUEST = frozenset({"kind", *Submission.__annotations__, "instance_ids", "instances", "csv", "query"})


@dataclass(frozen=True, slots=True)
class SourceFlags:
    """What a batch of any kind is made of."""

    kind: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="The kind of work: http, python …, in place of WORKFLOW."),
    ] = None
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", metavar="FILE", help="A whole batch as YAML or JSON; what is said beside it wins."
        ),
    ] = None
    definition: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What runs, the same for every target: YAML or JSON.")
    ] = None
    targets: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The targets: CSV with a header, else JSON lines; - for stdin."),
    ] = None
    target: Annotated[
        list[str] | None, typer.Option("--target", "-t", metavar="KEY", help="One target; repeat.")
    ] = None
    query: Annotated[
        str | None, typer.Option(metavar="SQL", help="Targets that the database of --connection knows.")
    ] = None
    connection: Annotated[
        str | None, typer.Option(metavar="NAME", help="The connection that --query asks.")
    ] = None
    skip_when: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help=f"Leave targets out, as 'region missing' or 'attributes.tier gt 5' ({_OPERATORS}); repeat.",
        ),
    ] = None
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What the batch is for.")] = None
    tag: Annotated[list[str] | None, typer.Option(help="A tag; repeat.")] = None

    @property
    def is_given(self) -> bool:
        """Whether a kind of work is named, and not a workflow."""
        return self.kind is not None or self.file is not None

    def submission(
        self, *, name: str | None, parameter: Sequence[str] | None, policy: Policy | None
    ) -> tuple[str, Submission]:
        """Return the kind and all that the batch is made of. Raises `BadInput`."""
        body = read_mapping(self.file) if self.file else {}
        if unknown := body.keys() - _REQUEST:
            raise BadInput(400, f"{self.file}: a batch has no {', '.join(sorted(unknown))}.")
        kind = self.kind or body.pop("kind", None)
        if kind is None:
            raise BadInput(400, f"{self.file} names no kind: add one, or give --kind.")
        body.pop("kind", None)
        said: dict[str, Any] = {
            "targets": self._targets(body),
            "definition": read_mapping(self.definition) if self.definition else None,
            "parameters": _merged(body.get("parameters"), parameters(parameter or (), None)),
            "skip_when": [condition(text) for text in self.skip_when or ()] or None,
            "policy": policy and _over(body.get("policy"), policy),
            "name": name,
            "description": self.description,
            "tags": self.tag,
        }
        made_of = {
            **{field: body[field] for field in body.keys() & Submission.__annotations__.keys()},
            **{field: value for field, value in said.items() if value is not None},
        }
        return str(kind), cast("Submission", made_of)

    def _targets(self, body: dict[str, Any]) -> list[Any] | None:
        if (self.query is None) != (self.connection is None):
            raise BadInput(400, "--query and --connection go together.")
        sources: list[Any] = [
            *(read_targets(self.targets) if self.targets else ()),
            *(self.target or ()),
            *([Query(self.connection, self.query)] if self.connection and self.query else ()),
        ]
        return sources or (_inline(body) or None)


def read_mapping(path: Path) -> dict[str, Any]:
    """Return what a file of YAML or JSON says. Raises `BadInput` where it is no mapping."""
    try:
        content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(400, f"{path} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise BadInput(400, f"{path} must hold fields and their values.")
    return cast("dict[str, Any]", content)


def read_targets(place: str) -> list[Any]:
    """Return the targets of stdin as JSON lines, or the file that has them. Raises `BadInput`."""
    return json_lines(sys.stdin.read()) if place == STDIN else [Path(place)]


def condition(text: str) -> Condition:
    """Read `NAME OPERATOR VALUE`; a value is JSON or else text. Raises `BadInput`."""
    path, _, rest = text.strip().partition(" ")
    operator, _, value = rest.strip().partition(" ")
    subject, name = ("attribute", path.removeprefix("attributes."))
    if name == path:
        subject, name = "parameter", path.removeprefix("parameters.")
    said = {subject: name, "operator": operator, **({"value": _json(value)} if value.strip() else {})}
    try:
        return Condition.model_validate(said)
    except ValidationError as error:
        message = f"--skip-when {text!r}: give it as 'NAME OPERATOR VALUE' with one of {_OPERATORS}."
        raise BadInput(400, message) from error


def _inline(body: Mapping[str, Any]) -> list[Any]:
    """Return the targets of a file, and the sources that it names beside them."""
    if "csv" in body:
        raise BadInput(400, "Give a CSV as a file of its own, with --targets.")
    found: list[Any] = [*body.get("targets", ())]
    if "query" in body:
        query = body["query"]
        found.append(Query(query["connection"], query["sql"]))
    if "instances" in body:
        found.append(Search(body["instances"]))
    return [*found, *({"instance_id": one} for one in body.get("instance_ids", ()))]


def _merged(base: Any, over: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return {**(base or {}), **over} if over else None


def _over(base: Any, policy: Policy) -> dict[str, Any]:
    return {**(base or {}), **policy.body()}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()
