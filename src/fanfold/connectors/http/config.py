"""What a connection to a web API is made of: its address, and how requests prove who asks."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class HttpConfig(BaseModel):
    """What may be shown of a connection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(
        min_length=1, max_length=2000, pattern=r"^(?i:https?)://[^/?#\s@]+(/[^?#\s]*)?$",
        description="Address that all requests begin with, e.g. https://api.example.com/v1.",
    )  # fmt: skip
    auth: Literal["none", "bearer", "basic", "header", "query"] = Field(
        default="bearer", description="Where the secret goes: a token, a password, a header or the query."
    )
    username: str = Field(default="", max_length=200, description="User name, for basic.")
    name: str = Field(
        default="", max_length=100, pattern=r"^[\w.-]*$",
        description="Name of the header or of the query parameter that carries the secret.",
    )  # fmt: skip
    probe_path: str = Field(
        default="/",
        max_length=500,
        pattern=r"^/[^\s#]*$",
        description="What a test of the connection asks for.",
    )

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.auth == "basic" and not self.username:
            raise ValueError("basic needs a username")
        if self.auth in {"header", "query"} and not self.name:
            raise ValueError(f"{self.auth} needs the name that carries the secret")
        return self


class HttpSecrets(BaseModel):
    """What is sealed at rest; its text never appears in a repr."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: SecretStr = Field(
        default=SecretStr(""), max_length=10_000, description="The token, the password or the value."
    )

    @field_validator("secret")
    @classmethod
    def _is_one_line(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if not text.isprintable() or not text.isascii():
            raise ValueError("a secret is one line of ASCII letters")
        return value
