"""How a batch is to run, and how it runs: the same words in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, cast

from pydantic import BaseModel, ConfigDict

from fanfold.client.answer import Answer


class Asked(BaseModel):
    """What a request says; what is left out stays as the server has it. Refuses unknown words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def body(self) -> dict[str, Any]:
        """Return what was said, as JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


class Budget(Asked):
    """How many failed operations a batch bears before it stops; the lower of the two counts."""

    count: int | None = None
    percent: float | None = None
    strict: bool = False
    """Never run more at once than could overshoot the budget by one."""


class Rate(Asked):
    """How many operations may start per time."""

    count: int
    per_seconds: float = 1


class QuietHours(Asked):
    """When nothing may start, as "22:00"; a period may pass midnight."""

    start: str
    end: str
    timezone: str = "UTC"
    days: tuple[int, ...] = ()
    """On which it begins, Monday is 1; empty: on all."""


class Waves(Asked):
    """The first operations run alone, and the rest only if they pass."""

    sizes: tuple[int, ...]
    tolerated: int = 0


class After(Asked):
    """The batch that this one waits for."""

    batch: str
    status: Literal["completed", "finished"] = "completed"


class Policy(Asked):
    """How a batch is to run; what is left out is as the installation sets it.

    Policy(max_parallel=4, rate=Rate(count=60, per_seconds=60), budget=Budget(percent=5))
    """

    max_parallel: int | None = None
    priority: int | None = None
    stop_on_error: bool | None = None
    budget: Budget | None = None
    rate: Rate | None = None
    quiet_hours: tuple[QuietHours, ...] | None = None
    max_attempts: int | None = None
    backoff_seconds: float | None = None
    attempt_timeout_seconds: float | None = None
    operation_timeout_seconds: float | None = None
    batch_timeout_seconds: float | None = None
    sequential: bool | None = None
    waves: Waves | None = None
    lock: Literal["shared", "exclusive"] | None = None
    after: After | None = None


class LiveChange(TypedDict, total=False):
    """What may change of a batch at any time; None takes a bound away, where there is one."""

    max_parallel: int
    priority: int
    stop_on_error: bool
    budget: Budget | None
    rate: Rate | None
    quiet_hours: Sequence[QuietHours] | None
    batch_timeout_seconds: float | None
    name: str
    description: str
    tags: Sequence[str]


class BudgetInForce(Budget):
    """A budget as the server tells it."""

    model_config = ConfigDict(extra="ignore")


class RateInForce(Rate):
    """A rate as the server tells it."""

    model_config = ConfigDict(extra="ignore")


class QuietHoursInForce(QuietHours):
    """Quiet hours as the server tells them."""

    model_config = ConfigDict(extra="ignore")


class WavesInForce(Waves):
    """Waves as the server tells them."""

    model_config = ConfigDict(extra="ignore")


class PolicyInForce(Answer):
    """How a batch runs."""

    max_parallel: int
    max_attempts: int
    backoff_seconds: float
    attempt_timeout_seconds: float
    operation_timeout_seconds: float
    batch_timeout_seconds: float | None = None
    priority: int = 0
    stop_on_error: bool = False
    budget: BudgetInForce | None = None
    rate: RateInForce | None = None
    sequential: bool = False
    waves: WavesInForce | None = None
    lock: str | None = None
    quiet_hours: tuple[QuietHoursInForce, ...] = ()


def spoken(value: Any) -> Any:
    """Return *value* as JSON, whatever of the words above it is made of."""
    if isinstance(value, Asked):
        return value.body()
    if isinstance(value, list | tuple):
        return [spoken(one) for one in cast("Sequence[Any]", value)]
    return value
