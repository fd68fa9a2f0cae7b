"""How a user writes down how a batch runs: whole when it is made, its live part while it runs.

`PolicyChange` is what may change at any time, `PolicyForm` adds what is fixed when the batch starts.
What is left out keeps the value that the policy has already; `null` takes a bound away, where there is one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from fanfold.batches.policy import (
    HIGHEST_PRIORITY,
    AfterStatus,
    FailureBudget,
    LockMode,
    Policy,
    Waves,
)
from fanfold.limits.forms import MOST, QuietHoursForm, RateForm, Seconds

MOST_PARALLEL = 100_000
MOST_ATTEMPTS = 1_000

Priority = Annotated[int, Field(ge=-HIGHEST_PRIORITY, le=HIGHEST_PRIORITY)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BudgetForm(_Form):
    """How many failed operations a batch bears before it stops; the lower of count and percent counts."""

    count: Annotated[int | None, Field(ge=0, le=MOST)] = None
    percent: Annotated[float | None, Field(ge=0, le=100, allow_inf_nan=False)] = None
    strict: Annotated[bool, Field(description="never run more at once than could overshoot it by one")] = (
        False
    )

    def budget(self) -> FailureBudget:
        """Return it as a policy holds it."""
        return FailureBudget(self.count, self.percent, self.strict)

    @classmethod
    def of(cls, budget: FailureBudget) -> BudgetForm:
        """Show *budget*."""
        return cls.model_construct(count=budget.count, percent=budget.percent, strict=budget.strict)


class WavesForm(_Form):
    """The first operations run alone, and the rest only if they pass."""

    sizes: Annotated[
        list[Annotated[int, Field(ge=1, le=MOST)]],
        Field(min_length=1, max_length=100, description="operations in each wave; the rest follows the last"),
    ]
    tolerated: Annotated[int, Field(ge=0, le=MOST, description="failures that a wave bears")] = 0

    def waves(self) -> Waves:
        """Return it as a policy holds it."""
        return Waves(tuple(self.sizes), self.tolerated)

    @classmethod
    def of(cls, waves: Waves) -> WavesForm:
        """Show *waves*."""
        return cls.model_construct(sizes=list(waves.sizes), tolerated=waves.tolerated)


class AfterForm(_Form):
    """The batch that this one waits for."""

    batch: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="`batch_…` or the uuid")]
    status: Annotated[
        AfterStatus, Field(description="`completed`: only its success; `finished`: however it ends")
    ] = AfterStatus.COMPLETED


class PolicyChange(_Form):
    """What may change while a batch runs; it binds at once. What is left out stays as it is."""

    max_parallel: Annotated[
        int | None, Field(ge=1, le=MOST_PARALLEL, description="operations at work at a time")
    ] = None
    priority: Annotated[Priority | None, Field(description="among one's own batches; higher goes first")] = (
        None
    )
    stop_on_error: Annotated[bool | None, Field(description="the first failure stops the batch")] = None
    budget: Annotated[BudgetForm | None, Field(description="null: any number of failures")] = None
    rate: Annotated[RateForm | None, Field(description="null: as fast as the slots allow")] = None
    quiet_hours: Annotated[list[QuietHoursForm] | None, Field(max_length=50, description="null: none")] = None
    batch_timeout_seconds: Annotated[
        Seconds | None, Field(description="of the whole batch, pauses aside; null: none")
    ] = None

    def applied_to(self, policy: Policy) -> Policy:
        """Return *policy* with what is said here over it; `refuse_bad_policy` judges the result."""
        return replace(policy, **self._said())

    def _said(self) -> dict[str, Any]:
        budget, rate, timeout = self.budget, self.rate, self.batch_timeout_seconds
        bounds: dict[str, Any] = {
            "budget": budget.budget() if budget else FailureBudget(),
            "rate": rate.rate() if rate else None,
            "quiet_hours": tuple(form.period() for form in self.quiet_hours or ()),
            "batch_timeout_seconds": None if timeout is None else timedelta(seconds=timeout),
        }
        said = {_FIELDS.get(name, name): bounds[name] for name in bounds if name in self.model_fields_set}
        return said | self._given("max_parallel", "priority", "stop_on_error")

    def _given(self, *names: str) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if value is not None}


class PolicyForm(PolicyChange):
    """How a batch runs; what is left out is as the installation sets it."""

    max_attempts: Annotated[
        int | None, Field(ge=1, le=MOST_ATTEMPTS, description="tries at one operation, the first included")
    ] = None
    max_retries: Annotated[
        int | None, Field(ge=0, lt=MOST_ATTEMPTS, description="`max_attempts` less the first")
    ] = None
    backoff_seconds: Annotated[
        Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None,
        Field(description="before the second try; doubles, with jitter"),
    ] = None
    attempt_timeout_seconds: Seconds | None = None
    operation_timeout_seconds: Annotated[Seconds | None, Field(description="all tries together")] = None
    sequential: Annotated[bool | None, Field(description="one after the other, in their order")] = None
    waves: WavesForm | None = None
    lock: Annotated[
        LockMode | None, Field(description="hold the targets against other batches; null: not")
    ] = None
    after: AfterForm | None = None

    @model_validator(mode="after")
    def _says_attempts_once(self) -> Self:
        if self.max_attempts is not None and self.max_retries is not None:
            raise PydanticCustomError("said_twice", "say either max_attempts or max_retries")
        return self

    def policy(self, defaults: Policy, *, after: UUID | None = None) -> Policy:
        """Return the policy of a new batch; *after* is the uuid of the batch that `after` names."""
        policy = self.applied_to(defaults)
        if after is None or self.after is None:
            return policy
        return replace(policy, after=after, after_status=self.after.status)

    def _said(self) -> dict[str, Any]:
        said = {**super()._said(), **self._given("max_attempts", "sequential", "lock")}
        if self.max_retries is not None:
            said["max_attempts"] = self.max_retries + 1
        if self.waves is not None:
            said["waves"] = self.waves.waves()
        spans = self._given("backoff_seconds", "attempt_timeout_seconds", "operation_timeout_seconds")
        return said | {_FIELDS[name]: timedelta(seconds=seconds) for name, seconds in spans.items()}


_FIELDS = {
    "backoff_seconds": "backoff_base",
    "attempt_timeout_seconds": "attempt_timeout",
    "operation_timeout_seconds": "operation_timeout",
    "batch_timeout_seconds": "batch_timeout",
}
"""What a policy calls that which a user gives in seconds."""

POLICY_POINTERS = {f"/{field}": f"/{name}" for name, field in _FIELDS.items()}
"""Where a form says what `refuse_bad_policy` points at, for the names that differ."""
