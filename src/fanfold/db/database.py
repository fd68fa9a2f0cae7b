"""The pool and the transaction: one role per pool, one acting user per transaction, maybe a test's clock."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from fanfold.db.errors import Unreachable, UserGone
from fanfold.db.statements import Statement

Row = Mapping[str, Any]
"""One row, by column name."""

SCHEMA = "fanfold"


class Role(StrEnum):
    """Which rows a session may see; see migration 0008."""

    API = "fanfold_api"
    """Only what belongs to the acting user."""
    SERVICE = "fanfold_worker"
    """Everything: the worker, and the few steps of the API that act before a user is known."""


_USER_GONE = "FF401"
"""What `act_for` raises, see migration 0027."""

# A line that dies without a word would be waited on for ever, and its session never come back to the pool.
_LONGEST_STATEMENT_SECONDS = 60

# Who stands still in mid-transaction, or has a dead line, must not keep its locks for ever.
_PATIENCE = {
    Role.SERVICE: {"idle_in_transaction_session_timeout": "5s"},
    # Longer than a worker's: a request may check a hundred thousand items between two statements.
    Role.API: {"idle_in_transaction_session_timeout": "60s"},
}


class _Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        # Every setting is local to its transaction, so there is nothing to reset and a round trip to save.
        return ""


class Transaction:
    """Runs statements; commits when its block ends, rolls back when it raises."""

    def __init__(self, connection: Any, role: Role) -> None:
        self._connection = connection
        self._role = role

    async def fetch(self, statement: Statement, **given: Any) -> list[Row]:
        """Run and return all rows."""
        return await self._connection.fetch(statement.sql, *statement.arguments(given))

    async def fetch_one(self, statement: Statement, **given: Any) -> Row | None:
        """Run and return the first row, if any."""
        return await self._connection.fetchrow(statement.sql, *statement.arguments(given))

    async def value(self, statement: Statement, **given: Any) -> Any:
        """Run and return the first column of the first row; None without a row."""
        return await self._connection.fetchval(statement.sql, *statement.arguments(given))

    async def execute(self, statement: Statement, **given: Any) -> int:
        """Run and return how many rows it touched."""
        status: str = await self._connection.execute(statement.sql, *statement.arguments(given))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def copy(self, table: str, *, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Append rows by COPY, as the tables' owner: row-level security forbids it to everyone else.

        The caller answers for what the policies would have checked: that every row is the acting user's.
        """
        await self._connection.execute("set local role none")
        await self._connection.copy_records_to_table(table, columns=columns, records=rows)
        await self._connection.execute(f"set local role {self._role}")

    @asynccontextmanager
    async def as_service(self) -> AsyncGenerator[None]:
        """Act as the service for a few statements of the same transaction."""
        await self._connection.execute(f"set local role {Role.SERVICE}")
        yield
        await self._connection.execute(f"set local role {self._role}")


class Database:
    """A pool of sessions of one role."""

    def __init__(self, pool: Any, role: Role, *, moment: Callable[[], datetime] | None) -> None:
        self._pool = pool
        self._role = role
        self._moment = moment

    @classmethod
    async def open(
        cls, url: str, role: Role, *, size: int = 10, moment: Callable[[], datetime] | None = None
    ) -> Database:
        """Connect; *moment* replaces the server's clock in tests. Raises `Unreachable`."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=size,
                init=_teach_json,
                connection_class=_Connection,
                command_timeout=_LONGEST_STATEMENT_SECONDS,
                server_settings={
                    "role": role.value,
                    "search_path": SCHEMA,
                    "application_name": f"fanfold {role}",
                    **_PATIENCE[role],
                },
            )
        except (
            OSError,
            asyncpg.CannotConnectNowError,
            asyncpg.InvalidAuthorizationSpecificationError,
        ) as error:
            message = f"The database does not answer: {error}. Check FANFOLD_DATABASE_URL."
            raise Unreachable(message) from error
        return cls(pool, role, moment=moment)

    async def close(self) -> None:
        """Close all sessions after the statements under way."""
        await self._pool.close()

    async def ask_one(self, statement: Statement, **given: Any) -> Row | None:
        """Run one statement that acts for nobody, in one round trip; return the first row, if any."""
        async with self._pool.acquire() as connection:
            return await connection.fetchrow(statement.sql, *statement.arguments(given))

    async def read_for(self, user_id: UUID, statement: Statement, /, **given: Any) -> list[Row]:
        """Run one `select` for a user, in one round trip; return all rows.

        Raises `UserGone`: this is where a user who is known by a token alone is found to be there still.
        """
        arguments = [*statement.arguments(given), user_id]
        if self._moment is not None:
            arguments.append(self._moment().isoformat())
        async with self._pool.acquire() as connection:
            try:
                return await connection.fetch(
                    _acting(statement, has_moment=self._moment is not None), *arguments
                )
            except asyncpg.PostgresError as error:
                if error.sqlstate == _USER_GONE:
                    raise UserGone from error
                raise

    async def read_one_for(self, user_id: UUID, statement: Statement, /, **given: Any) -> Row | None:
        """Do as `read_for`; return the first row, if any."""
        rows = await self.read_for(user_id, statement, **given)
        return rows[0] if rows else None

    @asynccontextmanager
    async def transaction(self, *, user_id: UUID | None = None) -> AsyncGenerator[Transaction]:
        """Open a transaction that acts for *user_id*; to nobody row-level security shows nothing."""
        async with self._pool.acquire() as connection:
            await connection.execute(self._begin(user_id))
            try:
                yield Transaction(connection, self._role)
            except BaseException:
                # On a lost connection there is nothing to roll back, and the first error is the one to tell.
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await connection.execute("rollback")
                raise
            await connection.execute("commit")

    def _begin(self, user_id: UUID | None) -> str:
        """Return the start of a transaction as one message, for every round trip counts on the hot paths."""
        words = ["begin"]
        if user_id is not None:
            words.append(f"set local fanfold.user_id = '{UUID(str(user_id))}'")
        if self._moment is not None:
            words.append(f"set local fanfold.moment = '{self._moment().isoformat()}'")
        return ";".join(words)


@cache
def _acting(statement: Statement, *, has_moment: bool) -> str:
    """Return the statement with its user set before any table is looked at, and forgotten when it ends.

    The lateral reference makes the first part the outer side of a nested loop, whatever the planner prefers;
    were it otherwise, row-level security would show nothing.
    """
    count = len(statement.parameters)
    moment = f", set_config('fanfold.moment', ${count + 2}, true) as moment" if has_moment else ""
    turn = f"select act_for(${count + 1}) as user_id{moment}"
    read = f"select * from ({statement.sql}) as found where turn.user_id is not null offset 0"  # noqa: S608 -- our own text
    return f"select answer.* from ({turn}) as turn cross join lateral ({read}) as answer"  # noqa: S608 -- our own text


async def _teach_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary"
    )


# The binary form, which COPY needs too, is a version byte and the text.
def _encode(value: Any) -> bytes:
    return b"\x01" + orjson.dumps(value, default=str)


def _decode(value: bytes) -> Any:
    return orjson.loads(value[1:])
