"""Named points at which a chaos test lets this process die or stand still; none unless FANFOLD_INJECT is set.

`FANFOLD_INJECT=after_claim:kill:7` kills the process, as `kill -9` does, when it passes `after_claim` for the
seventh time; `stop` lets it stand still until somebody continues it. Several stand separated by commas.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

VARIABLE: Final = "FANFOLD_INJECT"
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


class Point(StrEnum):
    """The step boundaries of an operation, in the order in which it passes them, and the loops beside it.

    The last ones are the API's: those of the request that makes a batch.
    """

    BEFORE_CLAIM_COMMIT = "before_claim_commit"
    AFTER_CLAIM = "after_claim"
    BEFORE_RUN = "before_run"
    BEFORE_SAVE = "before_save"
    AFTER_SAVE = "after_save"
    """A state was stored: of a remote run, the intent."""
    BEFORE_REMOTE_ID = "before_remote_id"
    """The remote side has the run, and only this process knows its id."""
    AFTER_REMOTE_ID = "after_remote_id"
    AFTER_ADOPT = "after_adopt"
    BEFORE_SNOOZE = "before_snooze"
    BEFORE_SNOOZE_COMMIT = "before_snooze_commit"
    AFTER_SNOOZE = "after_snooze"
    BEFORE_SINK_CLOSE = "before_sink_close"
    AFTER_SINK_CLOSE = "after_sink_close"
    BEFORE_COMPLETION = "before_completion"
    BEFORE_COMPLETION_COMMIT = "before_completion_commit"
    AFTER_COMPLETION = "after_completion"
    BEFORE_FAILURE = "before_failure"
    BEFORE_FAILURE_COMMIT = "before_failure_commit"
    AFTER_FAILURE = "after_failure"
    BEFORE_REMOTE_CANCEL = "before_remote_cancel"
    AFTER_REMOTE_CANCEL = "after_remote_cancel"
    BEFORE_BEAT = "before_beat"
    AFTER_BEAT = "after_beat"
    BEFORE_RESCUE_COMMIT = "before_rescue_commit"
    AFTER_RESCUE = "after_rescue"
    """Operations of a lost worker were taken back; a rescue that finds none passes no point."""
    AFTER_KEY_CLAIM = "after_key_claim"
    """A request holds its idempotency key, and has done nothing yet."""
    BEFORE_SUBMIT_COMMIT = "before_submit_commit"
    AFTER_SUBMIT = "after_submit"


class BadInjection(ValueError):
    """FANFOLD_INJECT is not `point:kill|stop:number`."""


class Injections:
    """Counts passages, and strikes at those that were asked for."""

    def __init__(self, plan: Mapping[tuple[Point, int], signal.Signals]) -> None:
        self._plan = plan
        self._passages: Counter[Point] = Counter()

    @classmethod
    def parse(cls, text: str) -> Injections:
        """Read the variable's text. Raises `BadInjection`, for a plan that never strikes proves nothing."""
        plan: dict[tuple[Point, int], signal.Signals] = {}
        for part in filter(None, text.split(",")):
            try:
                point, action, number = part.strip().split(":")
                plan[Point(point), int(number)] = _SIGNALS[action]
            except (ValueError, KeyError) as error:
                raise BadInjection(f"{VARIABLE}: {part!r} is not `point:kill|stop:number`.") from error
        return cls(plan)

    def reach(self, point: Point) -> None:
        """Count a passage of *point* and send this process the signal that is planned for it."""
        self._passages[point] += 1
        planned = self._plan.get((point, self._passages[point]))
        if planned is not None:
            os.kill(os.getpid(), planned)


ARMED: Final = bool(os.environ.get(VARIABLE))
_INJECTIONS: Final = Injections.parse(os.environ.get(VARIABLE, ""))


def reach(point: Point) -> None:
    """Pass *point*."""
    if ARMED:
        _INJECTIONS.reach(point)
