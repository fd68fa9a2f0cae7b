"""What can stand between a caller and what they ask for; no HTTP here, `web.errors` maps them.

AccessError
├── NotSignedIn             no token, a bad one, an old one, or a user who is gone
│   ├── BadCredentials
│   └── LinkSpent
├── CsrfMismatch
├── UsernameTaken
├── MustWait                carries how long
│   ├── TooManySignIns
│   └── TooManySubmissions
└── KeyConflict             an Idempotency-Key that cannot be honoured
    ├── KeyReused
    ├── KeyTakenOver
    └── KeyUnfinished       carries how long until it may be taken over
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import ClassVar


class AccessError(Exception):
    """The request may not go on."""

    code: ClassVar[str] = "access"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)


class NotSignedIn(AccessError):
    """Sign in first: the request carries no valid token or session."""

    code = "not_signed_in"


class BadCredentials(NotSignedIn):
    """The username or the password is wrong."""

    code = "bad_credentials"


class LinkSpent(NotSignedIn):
    """This sign-in link was used already or has expired; ask for a new one."""

    code = "link_used"


class CsrfMismatch(AccessError):
    """The request lacks the page's own token: send the cookie fanfold_csrf as the header X-CSRF-Token."""

    code = "csrf"


class UsernameTaken(AccessError):
    """There is a user of this name already."""

    code = "username_taken"


class MustWait(AccessError):
    """Too many requests."""

    code = "too_many_requests"

    def __init__(self, message: str, *, after: timedelta) -> None:
        self.after_seconds = max(1, ceil(after.total_seconds()))
        """How long to wait, in whole seconds, at least one."""
        super().__init__(f"{message} Try again in {self.after_seconds} s.")


class TooManySignIns(MustWait):
    """Too many attempts to sign in."""

    code = "too_many_sign_ins"


class TooManySubmissions(MustWait):
    """Too many batches submitted in a minute."""

    code = "too_many_submissions"


class KeyConflict(AccessError):
    """The Idempotency-Key cannot be used for this request."""

    code = "idempotency_key"


class KeyReused(KeyConflict):
    """This Idempotency-Key came with another request before; use a new key for a new request."""

    code = "idempotency_key_reused"


class KeyTakenOver(KeyConflict):
    """This request took so long that another one with its Idempotency-Key does the work; nothing was done."""

    code = "idempotency_key_taken_over"


class KeyUnfinished(KeyConflict):
    """The first request with this key has not ended."""

    code = "idempotency_key_unfinished"

    def __init__(self, *, after: timedelta) -> None:
        self.after_seconds = max(1, ceil(after.total_seconds()))
        """How long until it is taken for lost, in whole seconds, at least one."""
        super().__init__(
            "The first request with this Idempotency-Key has not ended. "
            f"If it is lost, send the same again in {self.after_seconds} s: then it is done, once."
        )
