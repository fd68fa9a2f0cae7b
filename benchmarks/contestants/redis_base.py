"""What the two contestants on Redis share: a server of their own."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.contestants.base import Contestant
from benchmarks.redis_server import redis_server


class WithRedis(Contestant):
    """A contestant whose jobs lie in a Redis that ends with it."""

    socket: Path
    redis: Redis
    _session: AsyncExitStack

    async def open(self) -> None:
        """Start Redis."""
        self._session = AsyncExitStack()
        # A socket's path may have a hundred characters, so it lies in a folder with a short name.
        folder = Path(self._session.enter_context(tempfile.TemporaryDirectory(prefix="redis-")))
        self.socket, self.redis = await self._session.enter_async_context(redis_server(folder))

    async def close(self) -> None:
        """End Redis."""
        await self._session.aclose()
