"""How a batch runs: what a user may ask for beside the work itself, and what makes no sense to ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from fanfold.limits.bounds import QuietHours, quiet_problems, rate_problems
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Rate


class LockMode(StrEnum):
    """How the operations of a batch hold their targets against other batches."""

    SHARED = "shared"
    """Together with others that share."""
    EXCLUSIVE = "exclusive"
    """Alone."""


class AfterStatus(StrEnum):
    """What a batch that waits for another waits for."""

    COMPLETED = "completed"
    """Its success; anything else stops the batch that waits."""
    FINISHED = "finished"
    """Its end, however it ends."""


@dataclass(frozen=True, slots=True)
class FailureBudget:
    """How many failed operations a batch bears before it stops; the lower of the two counts."""

    count: int | None = None
    percent: float | None = None
    """Of all operations, rounded down."""
    strict: bool = False
    """Never run more at once than could overshoot the budget by one."""


@dataclass(frozen=True, slots=True)
class Waves:
    """The first operations run alone, and the rest only if they pass."""

    sizes: tuple[int, ...] = ()
    """Operations in each wave; those after the last run together."""
    tolerated: int = 0
    """Failures that a wave bears."""

    def ends(self) -> list[int]:
        """Return the ordinals at which the waves end."""
        total, ends = 0, list[int]()
        for size in self.sizes:
            total += size
            ends.append(total)
        return ends


@dataclass(frozen=True, slots=True)
class Policy:
    """How a batch runs. Defaults from seeds 000 and 001."""

    max_parallel: int = 5
    max_attempts: int = 3
    backoff_base: timedelta = timedelta(seconds=2)
    attempt_timeout: timedelta = timedelta(minutes=30)
    operation_timeout: timedelta = timedelta(minutes=30)
    priority: int = 0
    batch_timeout: timedelta | None = None
    """Of the whole batch, pauses aside."""
    stop_on_error: bool = False
    budget: FailureBudget = field(default_factory=FailureBudget)
    rate: Rate | None = None
    """Operations that may start per time."""
    sequential: bool = False
    """One after the other, in their order; a retry that waits holds back what follows."""
    waves: Waves = field(default_factory=Waves)
    lock: LockMode | None = None
    quiet_hours: tuple[QuietHours, ...] = ()
    after: UUID | None = None
    """The batch that this one waits for."""
    after_status: AfterStatus = AfterStatus.COMPLETED


HIGHEST_PRIORITY = 1000


def refuse_bad_policy(policy: Policy, *, pointer: str = "") -> None:
    """Raise `BadInput` naming everything that makes no sense in *policy*."""
    if problems := [Problem(f"{pointer}{where}", what) for where, what in _problems(policy)]:
        raise BadInput(problems)


def _problems(policy: Policy) -> Iterator[tuple[str, str]]:
    for name in ("max_parallel", "max_attempts"):
        if getattr(policy, name) < 1:
            yield f"/{name}", f"{name} must be 1 or more."
    for name in ("attempt_timeout", "operation_timeout", "batch_timeout"):
        duration: timedelta | None = getattr(policy, name)
        if duration is not None and duration <= timedelta():
            yield f"/{name}", f"{name} must be longer than nothing."
    if abs(policy.priority) > HIGHEST_PRIORITY:
        yield "/priority", f"priority must lie between -{HIGHEST_PRIORITY} and {HIGHEST_PRIORITY}."
    yield from _budget_problems(policy)
    if policy.rate is not None:
        yield from ((f"/rate{where}", what) for where, what in rate_problems(policy.rate))
    if any(size < 1 for size in policy.waves.sizes):
        yield "/waves", "every wave must have 1 operation or more."
    if policy.waves.tolerated < 0:
        yield "/waves/tolerated", "tolerated must be 0 or more."
    for index, period in enumerate(policy.quiet_hours):
        yield from ((f"/quiet_hours/{index}{where}", what) for where, what in quiet_problems(period))


def _budget_problems(policy: Policy) -> Iterator[tuple[str, str]]:
    budget = policy.budget
    if budget.count is not None and budget.count < 0:
        yield "/budget/count", "the tolerated count must be 0 or more."
    if budget.percent is not None and not 0 <= budget.percent <= 100:  # noqa: PLR2004 -- percent
        yield "/budget/percent", "the tolerated percent must lie between 0 and 100."
    if budget.strict and budget.count is None and budget.percent is None and not policy.stop_on_error:
        yield "/budget/strict", "a strict budget needs a count or a percent."
