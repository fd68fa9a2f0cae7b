"""Puts a browser session into cookies, and takes it out again."""

from __future__ import annotations

from fastapi import Request, Response

from fanfold.access.current import CSRF_COOKIE, SESSION_COOKIE
from fanfold.access.model import BrowserSession


def set_session(request: Request, response: Response, *, session: BrowserSession) -> None:
    """Give the browser its session, and its page the CSRF token; over https they never leave it."""
    seconds = int(session.lifetime.total_seconds())
    secure = request.url.scheme == "https"
    response.set_cookie(
        SESSION_COOKIE,
        session.cookie,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    response.set_cookie(CSRF_COOKIE, session.csrf, max_age=seconds, path="/", secure=secure, samesite="lax")


def clear_session(response: Response) -> None:
    """Take session and CSRF token from the browser."""
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    response.delete_cookie(CSRF_COOKIE, path="/", samesite="lax")
