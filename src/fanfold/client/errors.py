"""What a caller of the client may meet.

ClientError
├── Unreachable          nobody answers at the address
├── NotFinished          the time to wait is over and the batch is not
├── LibraryMissing       a format was asked for whose package is not installed
└── Refused              the server answered with a problem (RFC 9457)
    ├── BadInput         400, 413, 415, 422: `problems` names every bad item
    │   └── FillStopped  a line is wrong; those before it are in the draft
    ├── NotSignedIn      401
    ├── Forbidden        403
    ├── NotFound         404
    ├── Conflict         409
    │   ├── IllegalTransition  the batch's state does not allow the verb
    │   └── PreviewStale       what was previewed is no longer what would run
    ├── TooManyRequests  429
    └── ServerFailed     500 and above
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError


class ClientError(Exception):
    """A request could not be done; the text says why."""


class Unreachable(ClientError):
    """Nobody answers at the address."""


class NotFinished(ClientError):
    """The time to wait is over and the batch is not; it goes on."""


class LibraryMissing(ClientError):
    """A format was asked for whose package is not installed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request."""

    pointer: str
    """JSON pointer (RFC 6901) into the request."""
    message: str


class Refused(ClientError):
    """The server answered with a problem."""

    def __init__(self, status: int, detail: str, *, code: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.problems = tuple(problems)


class BadInput(Refused):
    """The request's content is refused; nothing was changed."""


class NotSignedIn(Refused):
    """The token is missing, wrong or spent."""


class Forbidden(Refused):
    """The user may not do this."""


class NotFound(Refused):
    """There is no such thing, or it belongs to somebody else."""


class Conflict(Refused):
    """The state of things does not allow this now."""


class FillStopped(BadInput):
    """Some lines of a fill are wrong; those before the first of them are in the draft."""


class IllegalTransition(Conflict):
    """The batch's state does not allow the verb."""


class PreviewStale(Conflict):
    """What was previewed is no longer what would run; `problems` names what changed."""


class TooManyRequests(Refused):
    """The user asked for too much in too short a time."""


class ServerFailed(Refused):
    """The server failed; it is not the request's fault."""


_BY_STATUS: Mapping[int, type[Refused]] = {
    400: BadInput,
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: BadInput,
    415: BadInput,
    422: BadInput,
    429: TooManyRequests,
}
_BY_CODE: Mapping[str, type[Refused]] = {
    "bad_line": FillStopped,
    "illegal_transition": IllegalTransition,
    "preview_stale": PreviewStale,
}


def refusal(status: int, body: bytes) -> Refused:
    """Make the error of an answer whose body should be problem+json (RFC 9457)."""
    try:
        problem = _ProblemBody.model_validate_json(body)
    except ValidationError:
        problem = _ProblemBody()
    detail = problem.detail or problem.title or f"The server answered with status {status}."
    known = _BY_CODE.get(problem.code) or _BY_STATUS.get(status, Refused)
    kind = ServerFailed if status >= 500 else known  # noqa: PLR2004 -- RFC 9110
    return kind(status, detail, code=problem.code, problems=problem.errors)


class _ProblemBody(BaseModel):
    model_config = ConfigDict(extra="ignore")

    title: str = ""
    detail: str = ""
    code: str = ""
    errors: tuple[Problem, ...] = ()
