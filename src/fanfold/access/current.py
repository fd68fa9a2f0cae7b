"""The acting user of a request: a bearer token, or the browser's session.

With a session, an unsafe method needs the page's own token beside the cookie.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from fanfold.access.errors import NotSignedIn
from fanfold.access.model import User
from fanfold.access.service import AccessService

SESSION_COOKIE = "fanfold_session"
CSRF_COOKIE = "fanfold_csrf"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def access_service(request: Request) -> AccessService:
    """Return the application's service."""
    return request.app.state.services.access


async def current_user(request: Request) -> User:
    """Return who acts. Raises `NotSignedIn`, `CsrfMismatch`.

    A request with an Authorization header is judged by it alone, so a bad token never falls back on a cookie.
    """
    access: AccessService = request.app.state.services.access
    if request.method not in _SAFE and "Authorization" not in request.headers:
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie is None:
            raise NotSignedIn
        return await access.user_of_session_page(cookie, csrf=request.headers.get(CSRF_HEADER))
    return await access.known(await named_user(request))


async def named_user(request: Request) -> UUID:
    """Return whom the token or the session of a request names; by a session it may only read.

    Nobody has looked whether they are still there: `Database.read_for` does. Raises `NotSignedIn`.
    """
    access: AccessService = request.app.state.services.access
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        return access.named_by_token(_bearer(authorization))
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None or request.method not in _SAFE:
        raise NotSignedIn
    return access.named_by_session(cookie)


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn
    return token.strip()


CurrentUser = Annotated[User, Depends(current_user)]
NamedUser = Annotated[UUID, Depends(named_user)]
Access = Annotated[AccessService, Depends(access_service)]
