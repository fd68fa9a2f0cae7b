"""How work fails. A kind raises one of four families; anything else counts as retryable.

Failure
├── Retryable            worth another attempt, after a backoff or after `after`
├── Throttled            the key must wait; burns no attempt
├── TargetUnavailable    the target does not answer; another attempt, and counts against the target
└── Permanent            another attempt would fail the same way
BadInput                 refuses a batch before anything runs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Cause(StrEnum):
    """Why a call to a remote side failed, in words that a program can tell apart."""

    SECRETS = "secrets"
    """What is sealed cannot be opened."""
    SETTINGS = "settings"
    """The connection does not say all that is asked for."""
    CREDENTIALS = "credentials"
    """The remote side knows no such login, or it was revoked."""
    NO_ACCESS = "no_access"
    """The login is good and may not see this; ordinary where one login reaches some of many accounts."""
    TERMS = "terms"
    """Somebody has to accept the remote side's terms first."""
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    """Nobody answered."""
    REMOTE_FAULT = "remote_fault"
    """The remote side failed, or its answer cannot be read."""
    REFUSED = "refused"
    """The remote side does not take the request."""
    TIMEOUT = "timeout"


class Failure(Exception):
    """The attempt failed."""

    cause: Cause | None = None
    """Told where a connector knows it."""
    request_id: str | None = None
    """What the remote side's support finds the call by."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        """A sentence for the user; never a secret, never a stack."""
        self.hint = hint
        """What the user may do about it."""


class Retryable(Failure):
    """The attempt failed, and the next may succeed."""

    def __init__(self, message: str, *, hint: str | None = None, after: timedelta | None = None) -> None:
        super().__init__(message, hint=hint)
        self.after = after
        """The least time to wait; None leaves it to the backoff."""


class Throttled(Failure):
    """The remote side asked for a pause: the key waits for everyone and no attempt is burnt."""

    def __init__(
        self, message: str, *, key: str, after: timedelta | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.key = key
        """The limit key that must wait, as in `Kind.limits`."""
        self.after = after
        """The pause that the remote side named, if it did."""


class TargetUnavailable(Retryable):
    """The target did not answer, or not as it should."""

    def __init__(
        self, message: str, *, hint: str | None = None, after: timedelta | None = None, reached: bool = True
    ) -> None:
        super().__init__(message, hint=hint, after=after)
        self.reached = reached
        """False when nobody was there at all: nothing has begun, so no attempt is burnt."""


class Permanent(Failure):
    """Another attempt would fail the same way."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input."""

    pointer: str
    """A JSON pointer (RFC 6901) into the request."""
    message: str


class BadInput(Exception):
    """The input is refused; every bad item is named, and nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))
