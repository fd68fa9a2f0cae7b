"""The values of connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured system; its secrets are elsewhere, sealed."""

    id: UUID
    connector: str
    name: str
    config: Mapping[str, Any]
    secret_id: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection as its user wants it."""

    name: str
    config: Mapping[str, Any]
    secrets: Mapping[str, Any] | None = field(default=None, repr=False)
    """None leaves the stored ones as they are."""


class ProbeStep(StrEnum):
    """How far a probe came."""

    SECRETS = "secrets"
    """Opening what is sealed."""
    SETTINGS = "settings"
    """Checking configuration and secrets against what the connector asks for."""
    CONNECT = "connect"
    CALL = "call"
    """The cheapest call that proves the connection."""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a probe found."""

    failed_step: ProbeStep | None
    """None when the connection works."""
    message: str
    hint: str | None = None
