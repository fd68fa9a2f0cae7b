"""The door for kinds: how to do one sort of work for one target.

    class Hello(Kind):
        name = "hello"
        title = "Hello"
        parameters = HelloParameters

        async def run(self, context: Context) -> Outcome:
            return Completed({"greeting": f"hello {context.target.name}"})

Register it under the entry point group `fanfold.kinds`.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import BaseModel

from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Problem
from fanfold.sdk.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Rate:
    """How many units may start per time: no window of that length, wherever it begins, ever sees more."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on a key that all batches share, e.g. `amc.account:ENTITY1` with 200 at a time."""

    key: str
    max_running: int | None = None
    """Units at work at a time; None: any number."""
    rate: Rate | None = None
    weight: int = 1
    """Units that the operation takes."""
    guarded: bool = False
    """The key is a target's own: `TargetUnavailable` counts against its circuit breaker."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a definition found."""

    rule: str
    severity: str
    """`error` refuses, `warning` only tells."""
    message: str
    line: int | None = None
    column: int | None = None
    explanation: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a check against a target is given."""

    definition: Mapping[str, Any]
    parameters: Mapping[str, Any]
    """This target's, merged."""
    target: Target
    client: Any
    """The opened client of the target's connection."""
    rehearse: bool = False
    """Whether the remote side may be asked to try it without running it."""


class Kind(abc.ABC):
    """A plug-in that knows how to do one sort of work; stateless, one object for all attempts."""

    name: ClassVar[str]
    title: ClassVar[str]
    description: ClassVar[str] = ""
    parameters: ClassVar[type[BaseModel]]
    state_knows_input: ClassVar[bool] = False
    """Whether it tells from its state that a retry changed the parameters; else the state is dropped."""

    @abc.abstractmethod
    async def run(self, context: Context) -> Outcome:
        """Do the work, or the next step of it. *May run twice* for one operation if a worker dies."""

    async def cancel(self, context: Context) -> None:  # noqa: B027 -- many kinds have nothing to stop
        """Stop the remote side of an attempt that the user cancelled or that timed out while it snoozed."""

    def inspect(self, definition: Mapping[str, Any]) -> Sequence[Finding]:
        """Check what a batch would run; errors refuse the batch."""
        del definition
        return ()

    async def inspect_on(self, trial: Trial) -> Sequence[Finding]:
        """Check a definition against one target as it is now, from outside any attempt; raise a `Failure`.

        Nothing that costs or stays may be done there, and nothing at all that runs unless it is rehearsed.
        """
        del trial
        return ()

    def check(self, definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Sequence[Problem]:
        """Check one target's merged parameters; pointers are relative to them, e.g. `/window`."""
        del definition, parameters
        return ()

    def advise(
        self, definition: Mapping[str, Any], parameters: Mapping[str, Any], *, now: datetime
    ) -> Sequence[str]:
        """Return what may surprise about one target's checked parameters at *now*; nothing is refused."""
        del definition, parameters, now
        return ()

    def describe(
        self, target: Target, *, definition: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> str:
        """Say in a sentence what an operation on *target* would do; a preview shows it. Never a secret."""
        del definition, parameters
        return f"{self.title} on {target.name}"

    def limits(self, target: Target) -> Sequence[Limit]:
        """Return the shared bounds that an operation on *target* counts against."""
        del target
        return ()
