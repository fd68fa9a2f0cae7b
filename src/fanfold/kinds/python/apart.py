"""Runs a function in another process. What crosses between the two is plain and can be pickled.

An exception that cannot be unpickled would break the worker's whole pool, so none crosses unexamined.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fanfold.kinds.python.functions import Functions
from fanfold.kinds.python.returned import batches_now, outcome_of
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Failure
from fanfold.sdk.outcome import Outcome


class FunctionCrashed(Exception):
    """The function raised something that cannot leave its process; the text says what."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a function ended in another process."""

    outcome: Outcome | None = None
    batches: tuple[pa.RecordBatch, ...] = ()
    failure: tuple[type[Failure], tuple[Any, ...], dict[str, Any]] | None = None

    def unwrap(self) -> Outcome | tuple[pa.RecordBatch, ...]:
        """Return the outcome or the rows; raise the failure that the function raised."""
        if self.failure is not None:
            family, arguments, attributes = self.failure
            # Not by its constructor: families ask for different things there.
            error = family.__new__(family, *arguments)
            error.args = arguments
            error.__dict__.update(attributes)
            raise error
        return self.batches if self.outcome is None else self.outcome


def run_apart(name: str, target: Target, *, parameters: Mapping[str, Any], functions: Functions) -> Ended:
    """Run the installed function *name* here and return how it ended."""
    function = functions.find(name)
    if function is None:
        raise FunctionCrashed(f"{name} is not installed in this process")
    try:
        value = function.call(**function.arguments({"target": target, "parameters": parameters}))
        outcome = outcome_of(value)
        if outcome is not None:
            return Ended(outcome)
        return Ended(batches=tuple(batches_now(value)))
    except Failure as error:
        return Ended(failure=(type(error), error.args, dict(vars(error))))
    except Exception as error:
        if _crosses(error):
            raise
        raise FunctionCrashed(f"{type(error).__name__}: {error}") from None


def _crosses(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own bytes
    except Exception:  # noqa: BLE001 -- whatever a stranger's exception does when it is copied
        return False
    return True
