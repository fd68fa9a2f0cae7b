"""Two functions that run once per shop: one computes rows, one only answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, Field

from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed, Outcome, Skipped


class ForecastParameters(BaseModel):
    """Checked before anything runs; the form of the user interface is made of it."""

    first_day: date = Field(description="The first day of the forecast.")
    days: int = Field(default=7, ge=1, le=365, description="How many days.")
    growth: float = Field(default=1.0, gt=0, description="Factor per day.")


def forecast(target: Target, parameters: ForecastParameters) -> Iterator[dict[str, Any]]:
    """Yield one row per day. It is not async, so it runs in a process of its own."""
    visitors = target.attributes.get("visitors")
    if visitors is None:
        raise Permanent(f"Nobody counted the visitors of {target.name}.", hint="Count them and retry.")
    for number in range(parameters.days):
        day = parameters.first_day + timedelta(days=number)
        yield {"day": day, "visitors": round(visitors * parameters.growth**number, 1)}


async def opening_hours(target: Target) -> Outcome:
    """Answer in the event loop; what it returns becomes the summary."""
    hours = target.attributes.get("hours")
    return Completed({"hours": hours}) if hours else Skipped(f"{target.name} is closed for good.")
