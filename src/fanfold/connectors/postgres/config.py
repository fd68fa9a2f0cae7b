"""What a connection to a PostgreSQL database is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class PostgresConfig(BaseModel):
    """What may be shown of a connection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        min_length=1, max_length=253, pattern=r"^[\w.:-]+$", description="Host name or address of the server."
    )
    port: int = Field(default=5432, ge=1, le=65535, description="Port of the server.")
    database: str = Field(min_length=1, max_length=63, description="Name of the database.")
    user: str = Field(min_length=1, max_length=63, description="Who signs in; reading is enough.")
    tls: Literal["verify", "require", "off"] = Field(
        default="verify",
        description="verify: the server must prove its name; require: only encrypt; off: neither.",
    )


class PostgresSecrets(BaseModel):
    """What is sealed at rest; its text never appears in a repr."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    password: SecretStr = Field(max_length=1_000, description="The user's password.")
