"""Asks one PostgreSQL database; a connection for each query, so that nothing of one is left for the next."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

import asyncpg

from fanfold.connectors.postgres.addresses import allowed_address
from fanfold.connectors.postgres.config import PostgresConfig, PostgresSecrets
from fanfold.kit.networks import OutboundRules
from fanfold.sdk.capabilities import QueryRows
from fanfold.sdk.errors import Permanent, TargetUnavailable

_CONNECT_SECONDS = 15.0
_GRACE = timedelta(seconds=2)


class PostgresClient:
    """Reads, and only reads."""

    def __init__(self, config: PostgresConfig, secrets: PostgresSecrets, *, rules: OutboundRules) -> None:
        self._config = config
        self._secrets = secrets
        self._rules = rules

    async def query(self, statement: str, *, most_rows: int, within: timedelta) -> QueryRows:
        """Return the rows of one statement that changes nothing. Raises `Permanent`, `TargetUnavailable`."""
        try:
            async with asyncio.timeout((within + _GRACE).total_seconds()), self._session(within) as session:
                columns, rows = await _read(session, statement, most_rows=most_rows + 1)
        except asyncpg.QueryCanceledError:
            raise Permanent(_too_long(within), hint="Narrow the query.") from None
        except TimeoutError:
            raise TargetUnavailable(_too_long(within)) from None
        except asyncpg.PostgresError as error:
            raise Permanent(f"The database says: {error}.") from error
        if len(rows) > most_rows:
            raise Permanent(f"The query returns more than {most_rows:,} rows.", hint="Narrow the query.")
        return QueryRows(columns, [[_plain(value) for value in row] for row in rows])

    @asynccontextmanager
    async def _session(self, within: timedelta) -> AsyncGenerator[Any]:
        config = self._config
        address = await allowed_address(config.host, config.port, rules=self._rules)
        milliseconds = str(int(within.total_seconds() * 1000))
        try:
            session: Any = await asyncpg.connect(
                host=address,
                port=config.port,
                user=config.user,
                password=self._secrets.password.get_secret_value(),
                database=config.database,
                ssl=_tls(config),
                timeout=_CONNECT_SECONDS,
                statement_cache_size=0,
                server_settings={
                    "application_name": "fanfold",
                    "default_transaction_read_only": "on",
                    "statement_timeout": milliseconds,
                },
            )
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise Permanent(f"{config.host} refuses the sign-in: {error}.") from error
        except (OSError, TimeoutError) as error:
            place = f"{config.host}:{config.port}"
            message = f"Nobody answers at {place}, or not as PostgreSQL ({type(error).__name__})."
            raise TargetUnavailable(message, reached=False) from error
        try:
            yield session
        finally:
            session.terminate()


async def _read(session: Any, statement: str, *, most_rows: int) -> tuple[list[str], list[Any]]:
    async with session.transaction(readonly=True):
        prepared = await session.prepare(statement)
        columns = [attribute.name for attribute in prepared.get_attributes()]
        if not columns:
            raise Permanent("The statement returns no rows: write a query.")
        cursor = await prepared.cursor()
        return columns, await cursor.fetch(most_rows)


class _NamedContext(ssl.SSLContext):
    """Checks the certificate for the host's name although its address is dialled."""

    name: str = ""

    def wrap_bio(self, *args: Any, **given: Any) -> ssl.SSLObject:
        return super().wrap_bio(*args, **{**given, "server_hostname": self.name})


def _tls(config: PostgresConfig) -> ssl.SSLContext | bool:
    if config.tls == "off":
        return False
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.name = config.host
    if config.tls == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_default_certs()
    return context


def _too_long(within: timedelta) -> str:
    return f"The query took longer than {within.total_seconds():g} s."


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    return value.hex() if isinstance(value, bytes) else str(value)
