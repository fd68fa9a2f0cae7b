"""The routers under test in a bare application: what `fanfold.web` composes, without middleware and UI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from fanfold.access.errors import CsrfMismatch, KeyConflict, MustWait, NotSignedIn
from fanfold.access.model import Lifetimes
from fanfold.access.passwords import Passwords
from fanfold.access.service import AccessService
from fanfold.access.throttle import SignInThrottle
from fanfold.access.tokens import TokenSigner
from fanfold.db.database import Database
from fanfold.kit.clock import Clock
from fanfold.sdk.errors import BadInput

ACCESS_STATUSES: Mapping[type[Exception], int] = {
    NotSignedIn: 401,
    CsrfMismatch: 403,
    MustWait: 429,
    KeyConflict: 409,
}
SECRET = "a test's secret of more than 32 bytes"


def access_over(database: Database, clock: Clock, *, lifetimes: Lifetimes | None = None) -> AccessService:
    """A service with cheap hashes."""
    return AccessService(
        database,
        signer=TokenSigner([SECRET], clock=clock),
        throttle=SignInThrottle(clock),
        lifetimes=lifetimes,
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
    )


def bare_app(
    routers: Iterable[APIRouter], statuses: Mapping[type[Exception], int], **services: Any
) -> FastAPI:
    """An application of these routers; *statuses* says which error answers with what."""
    app = FastAPI()
    app.state.services = SimpleNamespace(**services)
    for router in routers:
        app.include_router(router)
    for error, status in {BadInput: 400, **statuses}.items():
        app.add_exception_handler(error, _answer_with(status))
    app.add_exception_handler(RequestValidationError, _answer_with(400))
    return app


def client_of(app: FastAPI, *, token: str | None = None) -> httpx.AsyncClient:
    """A client inside this process; exceptions that nobody maps reach the test."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://fanfold.test", headers=headers
    )


def _answer_with(status: int) -> Any:
    async def answer(_request: Request, error: Exception) -> JSONResponse:
        problems = getattr(error, "problems", ())
        content = {
            "code": getattr(error, "code", "bad_input"),
            "detail": str(error) if not isinstance(error, RequestValidationError) else "invalid",
            "errors": [{"pointer": problem.pointer, "message": problem.message} for problem in problems],
        }
        wait = getattr(error, "after_seconds", None)
        return JSONResponse(content, status, {} if wait is None else {"Retry-After": str(wait)})

    return answer
