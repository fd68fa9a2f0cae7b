"""Signs and reads tokens: JWT by HS256 alone, whatever a token's own header says.

A bearer token and a browser session differ by audience, so neither can be used as the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import jwt

from fanfold.access.errors import NotSignedIn
from fanfold.kit.clock import Clock

SHORTEST_SECRET = 32
"""Bytes; RFC 7518, section 3.2, asks for a key at least as long as the hash."""
_ALGORITHM = "HS256"
_ISSUER = "fanfold"
_CLOCK_SKEW_SECONDS = 60
_REMEMBERED = 1024
"""Tokens that are not verified again while they are used."""


class Audience(StrEnum):
    """What a token is good for."""

    API = "fanfold-api"
    BROWSER = "fanfold-browser"


class WeakSecret(ValueError):
    """A signing secret must be at least 32 bytes long."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class TokenSigner:
    """The first secret signs, all verify: add a new one in front to rotate."""

    def __init__(self, secrets: Sequence[str], *, clock: Clock) -> None:
        if not secrets or any(len(secret.encode()) < SHORTEST_SECRET for secret in secrets):
            raise WeakSecret
        self._secrets = tuple(secrets)
        self._clock = clock
        # Who wrote a token does not change with time; when it ends is looked at each time.
        self._verified = lru_cache(_REMEMBERED)(self._verify)

    def __repr__(self) -> str:
        return f"TokenSigner({len(self._secrets)} secrets)"

    def sign(self, subject: str, *, audience: Audience, lifetime: timedelta, **claims: str) -> str:
        """Return a token for *subject* that ends after *lifetime*."""
        now = self._clock.now()
        payload = {
            **claims,
            "sub": subject,
            "iss": _ISSUER,
            "aud": audience.value,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        return jwt.encode(payload, self._secrets[0], algorithm=_ALGORITHM)

    def read(self, token: str, *, audience: Audience) -> Mapping[str, Any]:
        """Return the claims of a token of ours for *audience* that has not ended. Raises `NotSignedIn`."""
        claims = self._verified(token, audience)
        now = self._clock.now().timestamp()
        issued, ends = claims["iat"], claims["exp"]
        if not isinstance(issued, int) or not isinstance(ends, int):
            raise NotSignedIn
        if issued > now + _CLOCK_SKEW_SECONDS:
            raise NotSignedIn
        if ends <= now:
            raise NotSignedIn("Your session has ended; sign in again.")
        return claims

    def _verify(self, token: str, audience: Audience) -> Mapping[str, Any]:
        for secret in self._secrets:
            try:
                return jwt.decode(
                    token,
                    secret,
                    algorithms=[_ALGORITHM],
                    audience=audience.value,
                    issuer=_ISSUER,
                    # Time is told by our clock, in `read`.
                    options={
                        "require": ["sub", "iat", "exp", "iss", "aud"],
                        "verify_exp": False,
                        "verify_iat": False,
                    },
                )
            except jwt.InvalidTokenError:
                continue
        raise NotSignedIn
