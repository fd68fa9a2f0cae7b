"""A race: the jobs are stored, the workers stand ready, the clock runs from `begin` to the last end."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from benchmarks.contestants.base import Contestant, Job

LONGEST = 300.0
"""Seconds after which a race is broken off, because somebody is stuck."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is run."""

    count: int
    workers: int = 1
    job: Job = Job.NOTHING
    at_once: int | None = None


async def race(contestant: Contestant, course: Course) -> float:
    """Return how many seconds the contestant took."""
    await contestant.open()
    try:
        # Most store before any worker runs; those whose workers cannot be held back park the jobs.
        await contestant.submit(course.count, course.job)
        await contestant.settle()
        crew = await contestant.crew(course.workers, at_once=course.at_once, job=course.job)
        try:
            start = time.perf_counter()
            async with asyncio.timeout(LONGEST):
                await contestant.begin(crew)
                await contestant.drained(crew)
            return time.perf_counter() - start
        finally:
            await crew.dismiss()
    finally:
        await contestant.close()
