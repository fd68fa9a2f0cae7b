"""What a scenario says: at which moments or after how many calls which faults are set where, and which
limits and speed hold. The models are the documentation of their fields.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from amcsim.faults.model import FAULTS, Fault, Operation
from amcsim.limits import Rate


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _is_rate(text: str) -> str:
    Rate.parse(text)
    return text


RateText = Annotated[str, AfterValidator(_is_rate)]


class Chosen(_Strict):
    """Which instances: those that fit everything that is said; nothing said means all."""

    ids: list[str] | None = Field(None, min_length=1, description="Instance ids.")
    ordinals: list[int] | None = Field(
        default=None,
        min_length=1,
        description="Places in the list of instances, from 0; beyond it is nothing.",
    )
    regions: list[str] | None = Field(None, min_length=1, description="na, eu, fe.")
    sandbox: bool | None = None
    share: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="A part of those that fit, drawn by the seed; at least one of them.",
    )

    @property
    def everything(self) -> bool:
        """Return whether it leaves nothing out."""
        return not self.model_dump(exclude_none=True)


class LimitsChange(_Strict):
    """Limits that are put in force; what is not named stays."""

    running_per_instance: int | None = Field(None, ge=1)
    running_per_account: int | None = Field(None, ge=1)
    rates: list[RateText] | None = Field(None, description="Such as `reads=10/20`; an empty list lifts them.")

    def parsed_rates(self) -> tuple[Rate, ...] | None:
        """Return the rates, None when they stay as they are."""
        return None if self.rates is None else tuple(Rate.parse(text) for text in self.rates)


class Step(_Strict):
    """One thing that happens once both its moment and its number of calls have come."""

    at_seconds: float = Field(0, ge=0, description="Seconds of the simulator's clock since the start.")
    after_calls: int = Field(0, ge=0, description="Calls since the start, of `operations` if there are any.")
    operations: list[Operation] | None = Field(None, min_length=1, description="Which calls are counted.")
    every_seconds: float | None = Field(None, gt=0, description="Again and again; instances are drawn anew.")
    rounds: int | None = Field(None, ge=1, description="How often; null with `every_seconds` means always.")
    lasts_seconds: float | None = Field(None, gt=0, description="After that it is undone.")
    instances: Chosen = Field(default_factory=lambda: Chosen.model_validate({}))
    faults: list[Fault] = Field(default_factory=list[Fault], description="Without `instance_ids`.")
    limits: LimitsChange | None = None
    speed: float | None = Field(None, gt=0, description="The speed from then on.")
    clear: bool = Field(default=False, description="First undo what earlier steps did.")

    @field_validator("faults", mode="before")
    @classmethod
    def _read_faults(cls, given: Any) -> Any:
        return FAULTS.validate_python(given) if isinstance(given, list) else given

    @model_validator(mode="after")
    def _refuse_what_does_not_fit(self) -> Self:
        if any(fault.instance_ids is not None for fault in self.faults):
            raise ValueError("name instances in the step, not in its faults")
        if self.rounds is not None and self.every_seconds is None:
            raise ValueError("rounds needs every_seconds")
        if not (self.faults or self.limits or self.speed or self.clear):
            raise ValueError("a step has to do something: faults, limits, speed or clear")
        return self


class Scenario(_Strict):
    """A named script; the same seed and the same calls meet the same faults."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    description: str = ""
    seed: int | None = Field(None, description="Of the instances that are drawn; null takes the simulator's.")
    steps: list[Step] = Field(min_length=1)
