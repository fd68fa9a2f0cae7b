"""Who takes part, and who is left out because this machine lacks what they need."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import redis_server
from benchmarks.contestants.base import Contestant
from benchmarks.contestants.celery import Celery
from benchmarks.contestants.crastinate import Procrastinate
from benchmarks.contestants.dbos import Dbos
from benchmarks.contestants.dramatiq import Dramatiq
from benchmarks.contestants.ours import Fanfold
from benchmarks.contestants.queuer import Queuer
from benchmarks.contestants.raw import Raw
from benchmarks.stage import Stage

Entrance = Callable[[Stage], Contestant]

EAGER_POLL = 0.05


def queuer(size: int) -> Entrance:
    """Return PgQueuer with fetches of a size."""
    return lambda here: Queuer(here, size=size)


def eager_dbos(here: Stage) -> Contestant:
    """Return DBOS that looks for jobs twenty times a second."""
    return Dbos(here, poll_seconds=EAGER_POLL)


def on_redis() -> dict[str, Entrance]:
    """Return the contestants that need a Redis; none where there is none."""
    return {each.who: each for each in (Celery, Dramatiq)} if redis_server.installed() else {}


def left_out() -> str:
    """Return a sentence about who is missing."""
    return "" if redis_server.installed() else " Without redis-server: no Celery, no Dramatiq."


def us_and_limit() -> dict[str, Entrance]:
    """Return ourselves and what nobody can beat."""
    return {each.who: each for each in (Fanfold, Raw)}


def durable() -> dict[str, Entrance]:
    """Return the peers whose finished jobs are rows in PostgreSQL."""
    return {Procrastinate.who: Procrastinate, "DBOS": eager_dbos}
