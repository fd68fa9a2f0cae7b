"""Login with Amazon, as far as an API client sees it: refresh tokens in, opaque access tokens out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from amcsim.clock import Clock
from amcsim.errors import TokenExpired, Unauthorized
from amcsim.roster import Login, Roster

_SWEEP_AT = 1_000
_CODE_SECONDS = 300
SCOPE = "advertising::campaign_management"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One issued token; `serial` orders tokens even when the clock stands still."""

    value: str
    client_id: str
    login: Login | None
    serial: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Code:
    login: Login
    redirect_uri: str
    expires_at: datetime


class TokenRefused(Exception):
    """A token request that OAuth refuses (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class TokenIssuer:
    """Issues and checks access tokens; `login` of a token is None when any login is accepted."""

    def __init__(self, roster: Roster, clock: Clock, *, lifetime_seconds: int, accept_any: bool) -> None:
        self._roster = roster
        self._clock = clock
        self._lifetime = timedelta(seconds=lifetime_seconds)
        self._accept_any = accept_any
        self._tokens: dict[str, AccessToken] = {}
        self._codes: dict[str, _Code] = {}
        self.last_serial = 0

    @property
    def lifetime_seconds(self) -> int:
        """How long a token is valid."""
        return int(self._lifetime.total_seconds())

    def refresh(self, *, client_id: str, client_secret: str, refresh_token: str) -> AccessToken:
        """Return a new access token; raises TokenRefused."""
        login = self._login_of(client_id, client_secret, refresh_token)
        return self._issue(client_id, login)

    def consent(self, *, client_id: str, redirect_uri: str, scope: str, response_type: str) -> str:
        """Return a code that is good once, for five minutes; raises TokenRefused."""
        if response_type != "code":
            raise TokenRefused("unsupported_response_type", "The response_type must be code")
        if SCOPE not in scope.split():
            raise TokenRefused("invalid_scope", f"The scope must contain {SCOPE}")
        if not redirect_uri.startswith(("http://", "https://")):
            raise TokenRefused("invalid_request", "The redirect_uri is missing or no web address")
        code = secrets.token_urlsafe(15)
        expires_at = self._clock.now() + timedelta(seconds=_CODE_SECONDS)
        self._codes[code] = _Code(self._client(client_id)[0], redirect_uri, expires_at)
        return code

    def redeem(
        self, *, client_id: str, client_secret: str, code: str, redirect_uri: str
    ) -> tuple[AccessToken, str]:
        """Return an access token and the refresh token for *code*; raises TokenRefused."""
        self._refuse_secret(self._client(client_id), client_secret)
        given = self._codes.pop(code, None)
        wrong = (
            given is None
            or given.expires_at <= self._clock.now()
            or (given.login.client_id, given.redirect_uri) != (client_id, redirect_uri)
        )
        if given is None or wrong:
            raise TokenRefused("invalid_grant", "The request has an invalid grant parameter : code")
        return self._issue(client_id, given.login), given.login.refresh_token

    def login_of(self, authorization: str | None) -> str:
        """Return the client id behind an Authorization header, empty for what is no token of ours."""
        token = self._tokens.get((authorization or "").partition(" ")[2].strip())
        return "" if token is None else token.client_id

    def _issue(self, client_id: str, login: Login | None) -> AccessToken:
        self.last_serial += 1
        token = AccessToken(
            value=f"Atza|{secrets.token_urlsafe(48)}",
            client_id=client_id,
            login=login,
            serial=self.last_serial,
            expires_at=self._clock.now() + self._lifetime,
        )
        self._sweep()
        self._tokens[token.value] = token
        return token

    def check(self, authorization: str | None) -> AccessToken:
        """Return the token of an Authorization header; raises Unauthorized."""
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not value:
            raise Unauthorized("Missing or malformed Authorization header.")
        token = self._tokens.get(value.strip())
        if token is None:
            raise Unauthorized("Invalid access token.")
        if token.expires_at <= self._clock.now():
            raise TokenExpired
        return token

    def _login_of(self, client_id: str, client_secret: str, refresh_token: str) -> Login | None:
        if self._accept_any and client_id and refresh_token:
            return None
        logins = self._client(client_id)
        self._refuse_secret(logins, client_secret)
        for login in logins:
            if login.refresh_token == refresh_token:
                return login
        raise TokenRefused("invalid_grant", "The request has an invalid grant parameter : refresh_token")

    def _client(self, client_id: str) -> list[Login]:
        logins = [login for login in self._roster.logins if login.client_id == client_id]
        if not logins:
            raise TokenRefused("invalid_client", "Client authentication failed", status=401)
        return logins

    def _refuse_secret(self, logins: list[Login], client_secret: str) -> None:
        if logins[0].client_secret != client_secret:
            raise TokenRefused("invalid_client", "Client authentication failed", status=401)

    def _sweep(self) -> None:
        if len(self._tokens) >= _SWEEP_AT:
            now = self._clock.now()
            self._tokens = {value: token for value, token in self._tokens.items() if token.expires_at > now}
