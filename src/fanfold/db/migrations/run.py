"""Lets a revision be its two SQL files."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from alembic import op

_VERSIONS = files("fanfold.db.migrations") / "versions"


def script(name: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return upgrade and downgrade, which run `<name>.up.sql` and `<name>.down.sql` whole."""
    return lambda: _run(f"{name}.up.sql"), lambda: _run(f"{name}.down.sql")


def _run(file: str) -> None:
    text = (_VERSIONS / file).read_text()
    # The driver opens the transaction at the first statement that goes through SQLAlchemy, and a file of many
    # statements has to go past it.
    op.execute("select 1")
    driver: Any = op.get_bind().connection.dbapi_connection

    async def execute(connection: Any) -> None:
        await connection.execute(text)

    driver.run_async(execute)
