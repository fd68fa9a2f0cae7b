"""What the access endpoints take and give."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from fanfold.access.model import User, UserRole
from fanfold.access.text import Line


class Credentials(BaseModel):
    """A name and a password; anything may be tried, and only a match lets in."""

    model_config = ConfigDict(extra="forbid")

    username: Line
    password: Annotated[SecretStr, Field(max_length=1_000)]


class LinkCode(BaseModel):
    """The code of a one-time link."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[SecretStr, Field(min_length=1, max_length=200)]


class UserView(BaseModel):
    """A user as everybody may see themselves."""

    id: UUID
    username: str
    display_name: str
    role: UserRole

    @classmethod
    def of(cls, user: User) -> UserView:
        """Show *user*."""
        return cls(id=user.id, username=user.username, display_name=user.display_name, role=user.role)


class SignedIn(BaseModel):
    """The answer to a sign-in; the session comes as cookies."""

    user: UserView

    @classmethod
    def of(cls, user: User) -> SignedIn:
        """Show who was let in."""
        return cls(user=UserView.of(user))


class Token(BaseModel):
    """A bearer token (RFC 6750)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- the scheme's name
    expires_in: Annotated[int, Field(description="seconds")]
