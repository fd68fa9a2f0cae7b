"""How the command line ends: one exit code and a few plain lines per sort of failure."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum

from fanfold.client.errors import ClientError, Problem, Refused, ServerFailed, Unreachable
from fanfold.client.models import Status
from fanfold.db.errors import DatabaseProblem
from fanfold.settings import BadSettings


class ExitCode(IntEnum):
    """What a script learns from the exit status."""

    GOOD = 0
    """Everything asked for was done."""
    NOT_ALL_GOOD = 1
    """A batch ended partial, failed or cancelled, or a check found something wrong."""
    BAD_INPUT = 2
    """The request or a setting is wrong, or the server refused it; nothing was changed."""
    UNREACHABLE = 3
    """The server or the database does not answer, cannot be used, or failed."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""


class CannotStart(Exception):
    """A part of Fanfold could not be started; the message says what to do."""


class AlreadyRunning(Exception):
    """Another `fanfold up` has the data folder."""


@dataclass(frozen=True, slots=True)
class Failing:
    """How a failure is told."""

    code: ExitCode
    message: str
    problems: Sequence[Problem] = ()


TOLD = (ClientError, BadSettings, DatabaseProblem, CannotStart, AlreadyRunning)
"""What is a plain sentence for the user; anything else is a fault of ours and keeps its traceback."""


@contextmanager
def unwrapped() -> Generator[None]:
    """Raise what a task group wrapped, when it is the only thing that went wrong."""
    try:
        yield
    except BaseExceptionGroup as group:
        errors = _leaves(group)
        if len(errors) == 1:
            raise errors[0] from errors[0].__cause__
        raise


def _leaves(error: BaseException) -> list[BaseException]:
    inner: Sequence[BaseException] = getattr(error, "exceptions", ())
    return [leaf for one in inner for leaf in _leaves(one)] or [error]


def explain(error: Exception) -> Failing:
    """Return how one of the errors in `TOLD` is told."""
    problems = error.problems if isinstance(error, Refused) else ()
    if isinstance(error, Unreachable | ServerFailed | DatabaseProblem | CannotStart):
        return Failing(ExitCode.UNREACHABLE, str(error), problems)
    return Failing(ExitCode.BAD_INPUT, str(error), problems)


def exit_code_of(status: Status) -> ExitCode:
    """Return how a command ends that waited for a batch."""
    return ExitCode.GOOD if status is Status.COMPLETED else ExitCode.NOT_ALL_GOOD
