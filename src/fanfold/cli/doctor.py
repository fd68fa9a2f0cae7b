"""`fanfold doctor`: what works, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import typer
from obstore.exceptions import BaseError

from fanfold.cli.exits import TOLD, ExitCode
from fanfold.cli.folder import with_keys
from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.connection import find_connection
from fanfold.client.errors import ClientError
from fanfold.db.errors import DatabaseProblem
from fanfold.db.schema import check, head
from fanfold.kit.ids import uuid7
from fanfold.results.store import ResultStore
from fanfold.settings import BadSettings, Settings
from fanfold.telemetry.sentry import is_installed


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    message: str
    """What was found, and what to do where it is not good."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(context: typer.Context) -> None:
    """Check keys, database, result store, server, worker and AMC; exits 1 when something is wrong."""
    call = invocation(context)
    found = asyncio.run(_examine(call))
    rows = [("ok" if one.ok else "!!", one.name, one.message) for one in found]
    call.output.show(found, table(("", "check", "found"), rows))
    raise typer.Exit(ExitCode.GOOD if all(one.ok for one in found) else ExitCode.NOT_ALL_GOOD)


async def _examine(call: Invocation) -> list[Check]:
    settings = _running_settings(call)
    found = [_keys(settings), await _database(settings), await _result_store(settings)]
    if settings.telemetry.sentry_dsn is not None:
        found.append(_sentry())
    return [*found, *[one async for one in _server(call)]]


def _running_settings(call: Invocation) -> Settings:
    """The settings, with the database that a running `up` of the data folder has embedded."""
    settings = call.settings
    if settings.database.url is None:
        try:
            place = find_connection(call.url, call.token, settings=settings)
        except ClientError:
            return settings
        if place.database_url:
            settings = settings.with_values("database", url=place.database_url)
            settings = settings.model_copy(update={"data_dir": Path(place.data_dir)})
    return settings


def _keys(settings: Settings) -> Check:
    try:
        kept = with_keys(settings, make=False).keys.fernet
    except BadSettings as error:
        return Check("keys", ok=False, message=str(error))
    return Check("keys", ok=True, message=f"{len(kept)} to open credentials with")


async def _database(settings: Settings) -> Check:
    if settings.database.url is None:
        advice = "none runs and none is named: start `fanfold up`, or set FANFOLD_DATABASE_URL"
        return Check("database", ok=False, message=advice)
    try:
        await check(settings.database_url)
    except DatabaseProblem as error:
        return Check("database", ok=False, message=str(error))
    return Check("database", ok=True, message=f"answers, with schema {head()}")


async def _result_store(settings: Settings) -> Check:
    url, name = settings.results_url, f"{uuid7()}/doctor"
    try:
        place = ResultStore.open(url).place
        path = place.path(name)
        await asyncio.to_thread(_write, path)
        await place.publish(name)
        await place.remove([name])
    except (BaseError, OSError, ValueError) as error:
        message = f"{url} cannot be written ({error}); make room or set FANFOLD_RESULT_STORE"
        return Check("result store", ok=False, message=message)
    return Check("result store", ok=True, message=f"{url} can be written")


def _write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Fanfold may write here.")


def _sentry() -> Check:
    if is_installed():
        return Check("sentry", ok=True, message="reports unexpected errors")
    return Check("sentry", ok=False, message="SENTRY_DSN is set: install the package sentry-sdk, or unset it")


async def _server(call: Invocation) -> AsyncIterator[Check]:
    try:
        async with AsyncClient(call.url, call.token, settings=call.settings) as client:
            health = await client.health()
            yield Check("server", ok=True, message=f"{client.transport.url} answers")
            yield _worker(lives=health.checks.worker)
            async for connection in client.connections.list():
                report = await client.connections.test(connection.id)
                advice = f" {report.hint}" if report.hint else ""
                yield Check(
                    f"connection {connection.name}", ok=report.ok, message=f"{report.message}{advice}"
                )
    except TOLD as error:
        yield Check("server", ok=False, message=str(error))


def _worker(*, lives: bool) -> Check:
    if lives:
        return Check("worker", ok=True, message="one lives at least")
    return Check(
        "worker", ok=False, message="none lives: start `fanfold worker`, or `fanfold up` without --no-worker"
    )
