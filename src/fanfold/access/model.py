"""The values of access: who acts, and how long what we hand out is good for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID


class UserRole(StrEnum):
    """What a user may do beside their own things."""

    ADMIN = "admin"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may act."""

    id: UUID
    username: str
    display_name: str
    role: UserRole


@dataclass(frozen=True, slots=True)
class Claim:
    """An Idempotency-Key in the hand of one request; whoever takes it over has another id."""

    key: str
    id: UUID
    batch_id: UUID | None = None
    """What a request before this one made, and died before it could say so."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long tokens, browser sessions and sign-in links are good for."""

    token: timedelta = timedelta(hours=24)
    session: timedelta = timedelta(hours=24)
    link: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What a browser is given when its user signs in."""

    cookie: str
    """Signed; the page's scripts cannot read it."""
    csrf: str
    """Readable by the page, which sends it back as a header with every unsafe request."""
    lifetime: timedelta
