"""Runs Alembic on asyncpg; apart, because its import costs half a second that only a migration needs."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine

from fanfold.db.database import SCHEMA


async def run(url: str, *, to: str, backwards: bool) -> None:
    """Bring the schema to the revision *to*, in one transaction."""

    async def connect() -> Any:
        return await asyncpg.connect(url, server_settings={"search_path": SCHEMA})

    step = partial(command.downgrade if backwards else command.upgrade, revision=to)
    config = Config()
    config.set_main_option("script_location", str(files("fanfold.db") / "migrations"))

    def on(connection: Any) -> None:
        config.attributes["connection"] = connection
        step(config)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(on)
    finally:
        await engine.dispose()
