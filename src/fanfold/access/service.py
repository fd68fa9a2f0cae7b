"""Users, and the three ways in: password, one-time link, token."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from fanfold.access import store
from fanfold.access.audit import Audit
from fanfold.access.errors import BadCredentials, CsrfMismatch, LinkSpent, NotSignedIn, UsernameTaken
from fanfold.access.model import BrowserSession, Lifetimes, User, UserRole
from fanfold.access.passwords import Passwords
from fanfold.access.throttle import SignInThrottle
from fanfold.access.tokens import Audience, TokenSigner
from fanfold.db.database import Database
from fanfold.kit.ids import uuid7
from fanfold.kit.sharing import Shared

ADMIN = "admin"
_LINK_KEY = "(link)"
"""What the throttle counts one-time codes under; no username has parentheses."""


class AccessService:
    """Lets people in and knows them again."""

    def __init__(
        self,
        database: Database,
        *,
        signer: TokenSigner,
        throttle: SignInThrottle,
        lifetimes: Lifetimes | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self._database = database
        self._signer = signer
        self._throttle = throttle
        self._lifetimes = lifetimes or Lifetimes()
        self._passwords = passwords or Passwords()
        self._users: Shared[User | None] = Shared()
        self.audit = Audit(database)

    async def ensure_admin(self, password: str | None = None) -> User:
        """Return the user `admin`, made on the first start.

        Without a password only links and tokens let them in.
        """
        async with self._database.transaction() as transaction, transaction.as_service():
            found = await store.find_user_by_name(transaction, ADMIN)
        if found is not None:
            return found[0]
        try:
            return await self.add_user(
                ADMIN, display_name="Administrator", role=UserRole.ADMIN, password=password
            )
        except UsernameTaken:  # another process was quicker
            return await self.ensure_admin()

    async def add_user(
        self,
        username: str,
        *,
        display_name: str | None = None,
        role: UserRole = UserRole.MEMBER,
        password: str | None = None,
    ) -> User:
        """Add a user. Raises `UsernameTaken`."""
        name = _folded(username)
        user = User(id=uuid7(), username=name, display_name=display_name or username, role=role)
        stored = None if password is None else await self._passwords.hash(password)
        async with self._database.transaction() as transaction, transaction.as_service():
            added = await store.add_user(transaction, user, password_hash=stored)
        if added is None:
            raise UsernameTaken(f"There is a user {name} already.")
        return added

    async def set_password(self, user_id: UUID, password: str) -> None:
        """Replace a user's password."""
        stored = await self._passwords.hash(password)
        async with self._database.transaction() as transaction, transaction.as_service():
            await store.set_password(transaction, user_id, password_hash=stored)

    async def sign_in(self, username: str, password: str, *, address: str) -> User:
        """Return the user of this name and password. Raises `BadCredentials`, `TooManySignIns`."""
        name = _folded(username)
        self._throttle.admit(name, address=address)
        async with self._database.transaction() as transaction, transaction.as_service():
            found = await store.find_user_by_name(transaction, name)
        user, stored = found or (None, None)
        if not await self._passwords.matches(stored, password) or user is None or stored is None:
            await self._note_refusal(name, user, address=address)
            raise BadCredentials
        self._throttle.forgive(name, address=address)
        if self._passwords.outdated(stored):
            await self.set_password(user.id, password)
        await self._note_sign_in(user, "password", address=address)
        return user

    async def sign_in_by_link(self, code: str, *, address: str) -> User:
        """Return the user of a one-time code and spend it. Raises `LinkSpent`, `TooManySignIns`."""
        self._throttle.admit(_LINK_KEY, address=address)
        async with self._database.transaction() as transaction, transaction.as_service():
            user = await store.use_link(transaction, code)
        if user is None:
            await self._note_refusal(_LINK_KEY, None, address=address)
            raise LinkSpent
        self._throttle.forgive(_LINK_KEY, address=address)
        await self._note_sign_in(user, "link", address=address)
        return user

    async def create_sign_in_link(self, user: User) -> str:
        """Return a code that lets *user* in once, soon; the UI takes it at `/ui/sign-in?code=…`."""
        code = secrets.token_urlsafe(32)
        async with self._database.transaction() as transaction, transaction.as_service():
            await store.add_link(transaction, user.id, code=code, lifetime=self._lifetimes.link)
        return code

    @property
    def token_lifetime(self) -> timedelta:
        """How long a token is good for when nothing else is asked."""
        return self._lifetimes.token

    def issue_token(self, user: User, lifetime: timedelta | None = None) -> str:
        """Return a bearer token for *user*."""
        return self._signer.sign(
            str(user.id), audience=Audience.API, lifetime=lifetime or self._lifetimes.token
        )

    def open_session(self, user: User) -> BrowserSession:
        """Return what the user's browser keeps; the CSRF token is bound to the session by its signature."""
        csrf = secrets.token_urlsafe(24)
        lifetime = self._lifetimes.session
        cookie = self._signer.sign(str(user.id), audience=Audience.BROWSER, lifetime=lifetime, csrf=csrf)
        return BrowserSession(cookie=cookie, csrf=csrf, lifetime=lifetime)

    def named_by_token(self, token: str) -> UUID:
        """Return whom a bearer token names, gone or not. Raises `NotSignedIn`."""
        return _id_in(self._signer.read(token, audience=Audience.API))

    def named_by_session(self, cookie: str) -> UUID:
        """Return whom a session cookie names, gone or not; it may change nothing. Raises `NotSignedIn`."""
        return _id_in(self._signer.read(cookie, audience=Audience.BROWSER))

    async def user_of_session_page(self, cookie: str, *, csrf: str | None) -> User:
        """Return the user of a session whose page proved itself by its token. Raises `CsrfMismatch`."""
        claims = self._signer.read(cookie, audience=Audience.BROWSER)
        user = await self.known(_id_in(claims))
        # Compared as bytes: a header may hold what compare_digest refuses in text.
        if csrf is None or not secrets.compare_digest(csrf.encode(), str(claims.get("csrf", "")).encode()):
            await self.audit.note("access.denied", "csrf", user_id=user.id)
            raise CsrfMismatch
        return user

    async def known(self, user_id: UUID) -> User:
        """Return the user of an id. Raises `NotSignedIn` if they are gone or disabled."""
        user = await self._users.get(user_id, lambda: store.find_user(self._database, user_id))
        if user is None:
            raise NotSignedIn
        return user

    async def _note_sign_in(self, user: User, means: str, *, address: str) -> None:
        detail = {"by": means, "address": address}
        await self.audit.note("access.signed_in", f"user:{user.username}", user_id=user.id, detail=detail)

    async def _note_refusal(self, name: str, user: User | None, *, address: str) -> None:
        user_id = None if user is None else user.id
        detail = {"address": address}
        await self.audit.note("access.sign_in_refused", f"user:{name}", user_id=user_id, detail=detail)


def _id_in(claims: Mapping[str, Any]) -> UUID:
    try:
        return UUID(claims["sub"])
    except ValueError as error:
        raise NotSignedIn from error


def _folded(username: str) -> str:
    return username.strip().lower()
