"""The one table that maps what can go wrong to HTTP; domain code knows nothing of status codes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from fanfold.access.errors import CsrfMismatch, KeyConflict, MustWait, NotSignedIn, UsernameTaken
from fanfold.batches.creation.errors import FillStopped, PreviewStale
from fanfold.batches.errors import BatchNotFound, IllegalTransition, OperationNotFound, TooManyUnfinished
from fanfold.connections.errors import ConnectionInUse, ConnectionNameTaken, ConnectionNotFound
from fanfold.db.errors import UserGone
from fanfold.db.outage import OUTAGE
from fanfold.kit.pointers import pointer_to
from fanfold.limits.errors import LimitDenied, LimitNotFound
from fanfold.results.errors import ResultPartMissing, ResultsPruned, ResultTooLarge
from fanfold.sdk.errors import BadInput, Problem
from fanfold.targets.errors import InstanceExists, InstanceNotFound, InstancesDenied
from fanfold.web.problem import problem_response
from fanfold.workflows.errors import WorkflowKeyTaken, WorkflowNotFound

log = logging.getLogger("fanfold.http")

DATABASE_AWAY = "The database does not answer at the moment; nothing is lost. Try again in a few seconds."
_SHOWN_MESSAGES = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """How one error is answered."""

    status: int
    code: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    detail: str | None = None
    """None says what the error says."""


TABLE: Mapping[type[Exception], Answer] = {
    BadInput: Answer(400, "bad_input"),
    FillStopped: Answer(400, "bad_line"),
    NotSignedIn: Answer(401, "not_signed_in", {"WWW-Authenticate": "Bearer"}),
    UserGone: Answer(401, "not_signed_in", {"WWW-Authenticate": "Bearer"}, str(NotSignedIn())),
    CsrfMismatch: Answer(403, "csrf"),
    InstancesDenied: Answer(403, "instances_denied"),
    LimitDenied: Answer(403, "limit_denied"),
    LimitNotFound: Answer(404, "limit_not_found"),
    ConnectionNotFound: Answer(404, "connection_not_found"),
    WorkflowNotFound: Answer(404, "workflow_not_found"),
    InstanceNotFound: Answer(404, "instance_not_found"),
    BatchNotFound: Answer(404, "batch_not_found"),
    OperationNotFound: Answer(404, "operation_not_found"),
    IllegalTransition: Answer(409, "illegal_transition"),
    PreviewStale: Answer(409, "preview_stale"),
    ConnectionInUse: Answer(409, "connection_in_use"),
    ConnectionNameTaken: Answer(409, "connection_name_taken"),
    WorkflowKeyTaken: Answer(409, "workflow_key_taken"),
    InstanceExists: Answer(409, "instance_exists"),
    ResultPartMissing: Answer(409, "results_lost"),
    ResultsPruned: Answer(410, "results_pruned"),
    ResultTooLarge: Answer(409, "results_too_large"),
    UsernameTaken: Answer(409, "username_taken"),
    KeyConflict: Answer(409, "idempotency_key"),
    MustWait: Answer(429, "too_many_requests"),
    TooManyUnfinished: Answer(429, "too_many_unfinished", {"Retry-After": "30"}),
    **dict.fromkeys(OUTAGE, Answer(503, "database_away", {"Retry-After": "5"}, DATABASE_AWAY)),
}
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
_HTTP_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: "The request is larger than the server accepts.",
}


def add_error_handlers(app: FastAPI) -> None:
    """Answer every known error of *app* as the table says."""
    for error in TABLE:
        app.add_exception_handler(error, _answer_known)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, answer_http)


def answer_unexpected(request: Request) -> Response:
    """Answer what the table does not know: it is our fault, and its cause is for the log alone."""
    detail = (
        f"Something went wrong on the server. Quote {request.scope.get('request_id')} when you report it."
    )
    return problem_response(request, 500, code="internal_error", detail=detail)


async def _answer_known(request: Request, error: Exception) -> Response:
    answer = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    if isinstance(error, OUTAGE):
        log.error(
            "http.database_away",
            extra={"path": request.url.path, "error": f"{type(error).__name__}: {error}"},
        )
    headers = dict(answer.headers)
    seconds: int | None = getattr(error, "after_seconds", None)
    if seconds is not None:
        headers["Retry-After"] = str(seconds)
    problems: Sequence[Problem] = getattr(error, "problems", ())
    return problem_response(
        request,
        answer.status,
        code=getattr(error, "code", answer.code),
        detail=answer.detail or (_sentence(problems) if isinstance(error, BadInput) else str(error)),
        errors=problems,
        headers=headers,
    )


async def _answer_invalid(request: Request, error: Exception) -> Response:
    details: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = [_problem_of(detail) for detail in details]
    return problem_response(request, 400, code="bad_input", detail=_sentence(problems), errors=problems)


async def answer_http(request: Request, error: Exception) -> Response:
    """Answer what is said in the words of HTTP already."""
    if not isinstance(error, HTTPException):
        return answer_unexpected(request)
    status = error.status_code
    return problem_response(
        request,
        status,
        code=_HTTP_CODES.get(status, f"http_{status}"),
        detail=_HTTP_DETAILS.get(status, error.detail),
        headers=error.headers,
    )


def _problem_of(detail: Mapping[str, Any]) -> Problem:
    if detail["type"] == "json_invalid":
        return Problem("", "The request is not valid JSON.")
    # FastAPI names a place as `("body", "items", 3)`.
    pointer = pointer_to(detail["loc"][1:])
    name = pointer.rpartition("/")[2] or "The request"
    # A validator's own sentence arrives with words of Pydantic's before it.
    said = str(detail["msg"]).removeprefix("Value error, ").rstrip(".")
    return Problem(pointer, f"{name}: {said}.")


def _sentence(problems: Sequence[Problem]) -> str:
    shown = [problem.message for problem in problems[:_SHOWN_MESSAGES]]
    more = len(problems) - len(shown)
    return " ".join([*shown, f"And {more} more."] if more > 0 else shown)
