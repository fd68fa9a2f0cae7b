"""A workflow's batch, as options: over which instances, with which values, for which windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer
from rich.console import Group, RenderableType

from fanfold.cli.assignments import filters, overrides, parameters
from fanfold.cli.output import table
from fanfold.cli.source_flags import SourceFlags
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.errors import BadInput
from fanfold.client.models import Instance, Workflow
from fanfold.client.policy import Policy
from fanfold.client.workflow_batches import Rule, Windows, WorkflowBatch, WorkflowPreview

_ALL = (
    "All instances that match, as `region=us-east-1`, `tag=x`, `brand=x`, `account=x`, `q=text`, or `all`; "
    "repeat to narrow."
)
_RULE = (
    "Other values for some instances, or none of them, as 'region=us-east-1|us-west-2, tag=x: days=14' or "
    "'brand=Outlet: skip no data before June'; repeat, later ones win."
)
_NOUNS = ("region", "tag", "brand", "account", "marketplace", "instance", "sandbox")
_SKIP = "skip"
_OF_OTHERS = ("definition", "targets", "target", "query", "connection", "skip_when", "tag")
"""What only batches of other kinds of work take."""


@dataclass(frozen=True, slots=True)
class WorkflowFlags:
    """Over what a workflow runs."""

    instance: Annotated[
        list[str] | None,
        typer.Option(
            "--instance", "-i", metavar="INSTANCE", help="An instance: its id, AMC id or name; repeat."
        ),
    ] = None
    every: Annotated[list[str] | None, typer.Option("--all", metavar="FILTER", help=_ALL)] = None
    override: Annotated[
        list[str] | None, typer.Option(metavar="INSTANCE:NAME=VALUE", help="For one instance; repeat.")
    ] = None
    rule: Annotated[list[str] | None, typer.Option(metavar="WHEN:VALUE", help=_RULE)] = None
    windows: Annotated[
        Literal["day", "week", "month", "quarter", "year"] | None,
        typer.Option(help="Run each instance once for each of these: of the --last, or --from … --to."),
    ] = None
    units: Annotated[int, typer.Option("--per-window", metavar="N", help="So many of them in one.")] = 1
    last: Annotated[int | None, typer.Option(metavar="N", help="The last so many whole windows.")] = None
    start: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day, as 2026-01-01 or a template.")
    ] = None
    end: Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day, included.")] = None
    query_source: Annotated[
        Literal["inline", "saved", "save_first"] | None,
        typer.Option(
            "--query-source",
            help="Send AMC the query (inline), or run what `workflow sync` saved there, maybe saved first.",
        ),
    ] = None

    @property
    def is_given(self) -> bool:
        """Whether anything is said that only a workflow's batch has."""
        return self != WorkflowFlags()

    async def instances(self, client: AsyncClient) -> list[Any]:
        """Return the instances that are named, and those that match."""
        chosen: list[Any] = list(self.instance or ())
        if self.every:
            chosen += await matching(client, self.every)
        return chosen

    def made_of(
        self, workflow: Workflow, *, parameter: Sequence[str], policy: Policy | None, **named: str | None
    ) -> WorkflowBatch:
        """Return all that the batch is made of. Raises `BadInput`."""
        made_of: WorkflowBatch = {
            "parameters": parameters(parameter, workflow),
            "overrides": overrides(self.override or (), workflow),
        }
        if self.rule:
            made_of["rules"] = [rule(text, workflow) for text in self.rule]
        if (windows := self._windows()) is not None:
            made_of["windows"] = windows
        if policy is not None:
            made_of["policy"] = policy
        if self.query_source is not None:
            made_of["query_source"] = self.query_source
        for field in ("name", "description"):
            if (value := named.get(field)) is not None:
                made_of[field] = value
        return made_of

    def _windows(self) -> Windows | None:
        said = {"last": self.last, "start": self.start, "end": self.end}
        given = {name: value for name, value in said.items() if value is not None}
        if self.windows is None:
            if given or self.units != 1:
                raise BadInput(
                    400, "--last, --from, --to and --per-window need --windows, as --windows week."
                )
            return None
        if self.units != 1:
            given["count"] = self.units
        return Windows.model_validate({"every": self.windows, **given})


async def matching(client: AsyncClient, every: Sequence[str]) -> list[Instance]:
    """Return the instances that match all filters; none matching is a mistake. Raises `BadInput`."""
    found = [one async for one in client.instances.list(**filters(every))]
    if every and not found:
        raise BadInput(400, f"No instance matches --all {' --all '.join(every)}.")
    return found


def refuse_flags_of_others(source: SourceFlags) -> None:
    """Raise `BadInput` where something is said that a workflow's batch does not take."""
    said = [f"--{name.replace('_', '-')}" for name in _OF_OTHERS if getattr(source, name) is not None]
    if said:
        message = f"{', '.join(said)}: a workflow's batch does not take this; --rule changes instances."
        raise BadInput(400, message)


def rule(text: str, workflow: Workflow | None) -> Rule:
    """Read `NOUN=WORD|WORD, NOUN=WORD: NAME=VALUE`, or `…: skip REASON`. Raises `BadInput`."""
    when_text, colon, rest = text.partition(":")
    when = dict(_noun(part, text) for part in when_text.split(","))
    word, _, reason = rest.strip().partition(" ")
    if not colon or not rest.strip():
        raise _no_rule(text)
    if word == _SKIP and reason.strip():
        return Rule(when=when, skip=reason.strip())
    if "=" not in rest:
        raise _no_rule(text)
    return Rule(when=when, values=parameters([rest.strip()], workflow))


def _noun(part: str, text: str) -> tuple[str, Any]:
    noun, equals, words = (each.strip() for each in part.partition("="))
    if noun not in _NOUNS or not equals or not words:
        raise _no_rule(text)
    if noun == "sandbox":
        if words not in {"true", "false"}:
            raise _no_rule(text)
        return noun, words == "true"
    several = [word.strip() for word in words.split("|")]
    return noun, several if len(several) > 1 else several[0]


def _no_rule(text: str) -> BadInput:
    message = (
        f"--rule {text!r}: give it as 'WHEN: NAME=VALUE' or 'WHEN: skip REASON', "
        f"where WHEN is one or more of {', '.join(_NOUNS)} as NOUN=WORD, separated by commas."
    )
    return BadInput(400, message)


def page(preview: WorkflowPreview) -> RenderableType:
    """Show what a workflow's batch would do, instance by instance."""
    rows = [
        (
            one.name,
            one.region,
            f"skipped: {one.skipped}"
            if one.skipped
            else ", ".join(f"{name}={value}" for name, value in one.parameters.items()),
            "; ".join(one.warnings),
        )
        for one in preview.instances
    ]
    notes = [*preview.notes, *(f"{one.severity}: {one.message}" for one in preview.findings)]
    return Group(
        table(("instance", "region", "parameters", "warnings"), rows),
        *(text.replace("[", r"\[") for text in notes),
        f"{preview.total_operations:,} operations on {preview.total_instances:,} instances. "
        f"Run exactly this with --as-previewed {preview.preview}",
    )
