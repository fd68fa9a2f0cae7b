"""A stored connection made ready: its connector, and both forms filled. What fails says at which step."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from fanfold.catalog.catalog import Catalog
from fanfold.connections.forms import fill
from fanfold.connections.model import Connection, ProbeStep
from fanfold.credentials.errors import CredentialsError
from fanfold.credentials.service import Credentials
from fanfold.db.database import Transaction
from fanfold.sdk.connector import Connector
from fanfold.sdk.errors import Cause, Permanent, Problem

_EDIT = "Edit the connection, test it, and retry."


class NotReady(Permanent):
    """The connection cannot even be tried."""

    def __init__(self, step: ProbeStep, message: str, *, hint: str | None = _EDIT) -> None:
        super().__init__(message, hint=hint)
        self.step = step
        self.cause = Cause.SECRETS if step is ProbeStep.SECRETS else Cause.SETTINGS


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that opening takes."""

    connector: Connector
    config: BaseModel
    secrets: BaseModel = field(repr=False)
    updated_at: datetime

    def open(self) -> AbstractAsyncContextManager[Any]:
        """Let the connector open its client."""
        return self.connector.open(self.config, self.secrets)


async def prepare(
    transaction: Transaction, connection: Connection, *, catalog: Catalog, credentials: Credentials
) -> Prepared:
    """Open the secrets, as the service, and fill the forms. Raises `NotReady`."""
    connector = catalog.connectors.get(connection.connector)
    if connector is None:
        message = (
            f"The connector {connection.connector!r} of connection {connection.name!r} is not installed here."
        )
        raise NotReady(ProbeStep.SETTINGS, message, hint="Install it on every worker.")
    secrets = await _opened(transaction, connection, credentials=credentials)
    return Prepared(
        connector=connector,
        config=_filled(connector.config, connection.config, part="config", of=connection),
        secrets=_filled(connector.secrets, secrets, part="secrets", of=connection),
        updated_at=connection.updated_at,
    )


async def _opened(
    transaction: Transaction, connection: Connection, *, credentials: Credentials
) -> Mapping[str, Any]:
    if connection.secret_id is None:
        return {}
    try:
        return await credentials.open(transaction, connection.secret_id)
    except CredentialsError as error:
        message = f"The secrets of connection {connection.name!r} cannot be opened: {error}"
        raise NotReady(ProbeStep.SECRETS, message) from error


def _filled(form: type[BaseModel], given: Mapping[str, Any], *, part: str, of: Connection) -> BaseModel:
    filled = fill(form, given, part=part)
    if isinstance(filled, BaseModel):
        return filled
    raise NotReady(ProbeStep.SETTINGS, f"Connection {of.name!r} is not complete: {_listed(filled)}")


def _listed(problems: list[Problem]) -> str:
    return "; ".join(problem.message for problem in problems)
