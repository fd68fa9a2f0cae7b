"""How a batch is to run, as options: whole when it is made, its live part while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from fanfold.cli.measures import NONE, budget, quiet_hours, rate, seconds
from fanfold.client.errors import BadInput
from fanfold.client.policy import After, Budget, LiveChange, Policy, Waves


class Lock(StrEnum):
    """How a batch holds its targets."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"


MaxParallel = Annotated[int | None, typer.Option(metavar="N", help="Operations at work at a time.")]
Priority = Annotated[int | None, typer.Option(metavar="N", help="Among your own batches; higher goes first.")]
_RATE = "Starts per time, as 60/m, 10/s, 5/30s"
_BUDGET = "Failures that it bears before it stops, as 3, 5% or 3,5%"
_QUIET = "When nothing begins, as '22:00-06:00 Europe/Berlin sat,sun'; repeat"
_TIMEOUT = "Of the whole batch, as 90s, 5m, 2h"


@dataclass(frozen=True, slots=True)
class PolicyFlags:
    """How a new batch runs."""

    max_parallel: MaxParallel = None
    priority: Priority = None
    rate: Annotated[str | None, typer.Option(metavar="RATE", help=f"{_RATE}.")] = None
    budget: Annotated[str | None, typer.Option(metavar="BUDGET", help=f"{_BUDGET}.")] = None
    strict: Annotated[bool, typer.Option("--strict", help="Never run more than could just spend it.")] = False
    stop_on_error: Annotated[
        bool, typer.Option("--stop-on-error", help="The first failure stops the batch.")
    ] = False
    wave: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Run so many first, and the rest only if they pass; repeat."),
    ] = None
    wave_tolerates: Annotated[int, typer.Option(metavar="N", help="Failures that a wave bears.")] = 0
    sequential: Annotated[bool, typer.Option("--sequential", help="One after the other.")] = False
    lock: Annotated[
        Lock | None,
        typer.Option(metavar="MODE", help="Hold the targets against other batches: shared or exclusive."),
    ] = None
    after: Annotated[
        str | None, typer.Option(metavar="BATCH", help="Begin when that batch has completed.")
    ] = None
    after_any_end: Annotated[
        bool, typer.Option("--after-any-end", help="With --after: however that one ends.")
    ] = False
    quiet: Annotated[list[str] | None, typer.Option(metavar="HOURS", help=f"{_QUIET}.")] = None
    attempts: Annotated[int | None, typer.Option(metavar="N", help="Tries at one operation.")] = None
    backoff: Annotated[
        str | None, typer.Option(metavar="TIME", help="Before the second try; doubles, with jitter.")
    ] = None
    attempt_timeout: Annotated[str | None, typer.Option(metavar="TIME", help="Of one try.")] = None
    operation_timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="Of one operation, all its tries.")
    ] = None
    timeout: Annotated[str | None, typer.Option(metavar="TIME", help=f"{_TIMEOUT}.")] = None

    def policy(self) -> Policy | None:
        """Return what was said, None if nothing was. Raises `BadInput`."""
        if self.after_any_end and self.after is None:
            raise BadInput(400, "--after-any-end says how, and needs --after to say which batch.")
        said = {
            "max_parallel": self.max_parallel,
            "priority": self.priority,
            "rate": self.rate and rate(self.rate),
            "budget": _budget(self.budget, strict=self.strict),
            "stop_on_error": self.stop_on_error or None,
            "waves": self.wave and Waves(sizes=tuple(self.wave), tolerated=self.wave_tolerates),
            "sequential": self.sequential or None,
            "lock": self.lock and self.lock.value,
            "after": self.after
            and After(batch=self.after, status="finished" if self.after_any_end else "completed"),
            "quiet_hours": self.quiet and quiet_hours(self.quiet),
            "max_attempts": self.attempts,
            **self._durations(),
        }
        given = {name: value for name, value in said.items() if value is not None}
        return Policy.model_validate(given) if given else None

    def _durations(self) -> dict[str, float | None]:
        return {
            "backoff_seconds": _seconds(self.backoff),
            "attempt_timeout_seconds": _seconds(self.attempt_timeout),
            "operation_timeout_seconds": _seconds(self.operation_timeout),
            "batch_timeout_seconds": _seconds(self.timeout),
        }


@dataclass(frozen=True, slots=True)
class LiveFlags:
    """What changes of a batch while it runs."""

    max_parallel: MaxParallel = None
    priority: Priority = None
    rate: Annotated[str | None, typer.Option(metavar="RATE", help=f"{_RATE}; none takes it away.")] = None
    budget: Annotated[str | None, typer.Option(metavar="BUDGET", help=f"{_BUDGET}; none takes it away.")] = (
        None
    )
    strict: Annotated[bool, typer.Option("--strict", help="Never run more than could just spend it.")] = False
    stop_on_error: Annotated[
        bool | None,
        typer.Option("--stop-on-error/--no-stop-on-error", help="Whether the first failure stops the batch."),
    ] = None
    quiet: Annotated[
        list[str] | None, typer.Option(metavar="HOURS", help=f"{_QUIET}; none takes them away.")
    ] = None
    timeout: Annotated[str | None, typer.Option(metavar="TIME", help=f"{_TIMEOUT}; none takes it away.")] = (
        None
    )
    name: Annotated[str | None, typer.Option(help="What the batch is called.")] = None
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")] = None
    tag: Annotated[list[str] | None, typer.Option(help="All its tags from now on; repeat.")] = None

    def change(self) -> LiveChange:
        """Return what was said. Raises `BadInput`, also for nothing at all."""
        change: LiveChange = {}
        for name in ("max_parallel", "priority", "stop_on_error", "name", "description"):
            if (value := getattr(self, name)) is not None:
                change[name] = value
        if self.rate is not None:
            change["rate"] = None if self.rate == NONE else rate(self.rate)
        if self.budget is not None or self.strict:
            change["budget"] = None if self.budget == NONE else _budget(self.budget, strict=self.strict)
        if self.quiet:
            change["quiet_hours"] = quiet_hours(self.quiet)
        if self.timeout is not None:
            change["batch_timeout_seconds"] = None if self.timeout == NONE else seconds(self.timeout)
        if self.tag is not None:
            change["tags"] = self.tag
        if not change:
            raise BadInput(400, "Say what is to change, as --max-parallel 10.")
        return change


def _budget(text: str | None, *, strict: bool) -> Budget | None:
    if text is None:
        return Budget(strict=True) if strict else None
    return budget(text, strict=strict)


def _seconds(text: str | None) -> Any:
    return None if text is None else seconds(text)
