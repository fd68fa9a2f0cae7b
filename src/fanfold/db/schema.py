"""Brings a database to this version's schema, and says in one line why it cannot."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import asyncpg

from fanfold.db.database import SCHEMA, Role
from fanfold.db.errors import RightsMissing, TooOld, Unreachable, WrongSchema

OLDEST_SERVER = 15
_VERSIONS = files("fanfold.db.migrations") / "versions"


def revisions() -> list[str]:
    """Return the revisions that this version knows, oldest first."""
    return sorted(
        file.name.partition("_")[0] for file in _VERSIONS.iterdir() if file.name.endswith(".up.sql")
    )


def head() -> str:
    """Return the newest revision that this version knows."""
    return revisions()[-1]


async def migrate(url: str, *, to: str = "head") -> None:
    """Make the roles and the schema and run what is missing, or roll back down to the revision *to*.

    Raises `DatabaseProblem`s that say what to do.
    """
    connection = await _connect(url)
    try:
        await _prepare(connection)
        current = await _current(connection)
    finally:
        await connection.close()
    _refuse_unknown(current)
    if to == "head" and current == head():
        return
    from fanfold.db.migrations.runner import run  # noqa: PLC0415 -- see there

    known = revisions()
    backwards = to == "base" or (to in known and current in known and known.index(to) < known.index(current))
    await run(url, to=to, backwards=backwards)


async def check(url: str) -> None:
    """Raise a `DatabaseProblem` unless the database holds exactly this version's schema."""
    connection = await _connect(url)
    try:
        current = await _current(connection)
    finally:
        await connection.close()
    _refuse_unknown(current)
    if current != head():
        found = current or "nothing"
        message = f"The database's schema is at {found}, this version needs {head()}: run `fanfold migrate`."
        raise WrongSchema(message)


async def _connect(url: str) -> Any:
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        message = (
            f"The database does not answer ({error or type(error).__name__}); check FANFOLD_DATABASE_URL."
        )
        raise Unreachable(message) from error
    version = connection.get_server_version().major
    if version < OLDEST_SERVER:
        await connection.close()
        message = f"The database server is PostgreSQL {version}; Fanfold needs {OLDEST_SERVER} or newer."
        raise TooOld(message)
    return connection


async def _prepare(connection: Any) -> None:
    # Since 16 the creator of a role is its member without the right to act as it.
    right = "set" if connection.get_server_version().major > OLDEST_SERVER else "member"
    try:
        for role in Role:
            if await connection.fetchval("select 1 from pg_roles where rolname = $1", role) is None:
                await connection.execute(f"create role {role} nologin")
            if not await connection.fetchval("select pg_has_role(current_user, $1, $2)", role, right):
                await connection.execute(f"grant {role} to current_user")
        await connection.execute(f"create schema if not exists {SCHEMA}")
    except asyncpg.InsufficientPrivilegeError as error:
        user, database = await connection.fetchrow("select current_user, current_database()")
        message = (
            f"The database user {user} lacks a right ({error}). Let an administrator run: "
            f"alter role {user} createrole; grant create on database {database} to {user};"
        )
        raise RightsMissing(message) from error


async def _current(connection: Any) -> str | None:
    if await connection.fetchval(f"select to_regclass('{SCHEMA}.alembic_version')") is None:
        return None
    return await connection.fetchval(f"select version_num from {SCHEMA}.alembic_version")  # noqa: S608 -- a constant


def _refuse_unknown(current: str | None) -> None:
    if current is not None and current not in revisions():
        message = (
            f"The database's schema is at {current}, which this version does not know: "
            "install a newer Fanfold."
        )
        raise WrongSchema(message)
