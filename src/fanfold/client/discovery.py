"""What a connection reaches and how it fares, as the server tells it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from fanfold.client.answer import Answer


class Trouble(Answer):
    """Why something does not work."""

    cause: str
    message: str
    hint: str | None = None
    request_id: str | None = None


class CheckedStep(Answer):
    """One step of a check."""

    step: str
    subject: str = ""
    ok: bool
    detail: str = ""
    trouble: Trouble | None = None
    duration_ms: int = 0


class ConnectionHealth(Answer):
    """What a check of a connection found, step by step."""

    ok: bool
    failed_step: str | None = None
    steps: tuple[CheckedStep, ...] = ()
    instances_checked: int = 0
    instances_total: int = 0


class AskedAccount(Answer):
    """An account and what it answered: `listed`, `no_access`, `fault`, `not_asked`."""

    account_id: str
    account_name: str = ""
    marketplace_id: str = ""
    access: str
    instance_count: int = 0
    trouble: Trouble | None = None


class Change(Answer):
    """What a field is, and what it becomes."""

    before: Any = None
    after: Any = None


class Sighting(Answer):
    """An instance, and how it stands: `new`, `changed`, `unchanged`, `elsewhere`, `gone`, `unseen`."""

    standing: str
    done: str | None = None
    """What an import did: `created`, `updated`, `removed`, `kept`."""
    id: UUID | None = None
    instance_id: str
    name: str
    region: str = ""
    account_id: str = ""
    account_name: str = ""
    marketplace_id: str = ""
    sandbox: bool = False
    tags: tuple[str, ...] = ()
    changes: dict[str, Change] = Field(default_factory=dict[str, Change])
    accounts: tuple[str, ...] = ()
    connection_id: UUID | None = None


class Discovery(Answer):
    """What a connection reaches, beside the instances that the user has."""

    complete: bool
    failed_step: str | None = None
    trouble: Trouble | None = None
    accounts: tuple[AskedAccount, ...] = ()
    instances: tuple[Sighting, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict[str, int])
