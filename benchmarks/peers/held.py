"""A kind that blocks itself: one operation holds the only slot of a key, and the rest of its batch waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel

from fanfold.sdk.context import Context, Target
from fanfold.sdk.kind import Kind, Limit
from fanfold.sdk.outcome import Outcome, Snoozed


class Held(Kind):
    """Keeps its slot."""

    name = "held"
    title = "Held"
    parameters = BaseModel

    async def run(self, context: Context) -> Outcome:
        """Snooze for as long as the attempt may take."""
        del context
        return Snoozed(timedelta(days=1), {"held": True})

    def limits(self, target: Target) -> Sequence[Limit]:
        """One at a time, whatever the target."""
        del target
        return [Limit("bench.held", 1)]
