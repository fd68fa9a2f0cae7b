"""Says on its output when a job starts, for the measurement of P3."""

from __future__ import annotations

import sys
import time

from pydantic import BaseModel

from fanfold.sdk.context import Context
from fanfold.sdk.kind import Kind
from fanfold.sdk.outcome import Completed, Outcome


def stamp() -> None:
    """Print the present time, in seconds since the epoch."""
    sys.stdout.write(f"{time.time()}\n")
    sys.stdout.flush()


class Stamp(Kind):
    """A kind that says when it starts."""

    name = "noop"
    title = "Stamp"
    parameters = BaseModel

    async def run(self, context: Context) -> Outcome:
        """Say it."""
        del context
        stamp()
        return Completed()
