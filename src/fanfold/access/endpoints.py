"""Sign in, sign out, and who am I."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status

from fanfold.access.cookies import clear_session, set_session
from fanfold.access.current import Access, CurrentUser
from fanfold.access.schemas import Credentials, LinkCode, SignedIn, Token, UserView

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/login")
async def sign_in(*, body: Credentials, request: Request, response: Response, access: Access) -> SignedIn:
    """Open a browser session by username and password."""
    user = await access.sign_in(body.username, body.password.get_secret_value(), address=_address(request))
    set_session(request, response, session=access.open_session(user))
    return SignedIn.of(user)


@router.post("/link")
async def sign_in_by_link(
    *, body: LinkCode, request: Request, response: Response, access: Access
) -> SignedIn:
    """Open a browser session by the code of a one-time link."""
    user = await access.sign_in_by_link(body.code.get_secret_value(), address=_address(request))
    set_session(request, response, session=access.open_session(user))
    return SignedIn.of(user)


@router.post("/token")
async def issue_token(*, body: Credentials, request: Request, access: Access) -> Token:
    """Give a bearer token for scripts."""
    user = await access.sign_in(body.username, body.password.get_secret_value(), address=_address(request))
    seconds = int(access.token_lifetime.total_seconds())
    return Token(access_token=access.issue_token(user), expires_in=seconds)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(response: Response) -> None:
    """Close the browser session; legal without one."""
    clear_session(response)


@router.get("/me")
async def show_me(user: CurrentUser) -> UserView:
    """Tell who acts."""
    return UserView.of(user)


def _address(request: Request) -> str:
    return request.client.host if request.client else "local"
