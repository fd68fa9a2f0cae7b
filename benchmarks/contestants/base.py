"""What every contestant can do, so that one measurement runs them all in the same way."""

from __future__ import annotations

import abc
from enum import StrEnum
from typing import ClassVar

import asyncpg

from benchmarks.stage import Crew, Stage


class Job(StrEnum):
    """What one job does."""

    NOTHING = "nothing"
    STAMP = "stamp"
    """Says on the worker's output when it starts."""
    WAIT = "wait"
    """Waits for WAIT_MS without using the processor."""


class Contestant(abc.ABC):
    """One system with a store of its own, from `open` to `close`."""

    who: ClassVar[str]
    slow: ClassVar[bool] = False
    """Whether 10,000 jobs would take it half a minute, so that it gets fewer."""

    def __init__(self, here: Stage) -> None:
        self.here = here
        self.begun = False

    @abc.abstractmethod
    async def open(self) -> None:
        """Make an empty store."""

    @abc.abstractmethod
    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Store *count* jobs the fastest way that its authors show; they start after `begin`."""

    async def settle(self) -> None:  # noqa: B027 -- many servers have nothing to tidy
        """Let the server tidy up after a submission, so that it does not do so in the race."""

    @abc.abstractmethod
    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start worker processes that are ready to begin; *at_once* jobs each, or as its authors advise."""

    async def begin(self, crew: Crew) -> None:
        """Let the workers have the jobs."""
        self.begun = True
        crew.go()

    @abc.abstractmethod
    async def drained(self, crew: Crew) -> None:
        """Wait until every job has ended."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Remove the store."""


class WithDatabase(Contestant):
    """A contestant with a database of its own on the stage's server."""

    database: ClassVar[str]
    url: str

    async def open(self) -> None:
        """Make the database."""
        self.url = await self.here.database(self.database)

    async def settle(self) -> None:
        """Vacuum and analyze."""
        connection = await asyncpg.connect(self.url)
        await connection.execute("vacuum analyze")
        await connection.close()

    async def close(self) -> None:
        """Drop the database."""
        await self.here.drop(self.database)
