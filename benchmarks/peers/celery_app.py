"""Celery's application, for both sides; the broker's URL and the prefetch come from the environment."""

from __future__ import annotations

import os
import sys
import time

from celery import Celery
from celery.signals import worker_ready

from benchmarks.peers.words import QUEUE, WAIT_MS

BROKER, PREFETCH = "BENCH_CELERY_BROKER", "BENCH_CELERY_PREFETCH"


def app_for(broker: str | None, prefetch: int = 4) -> Celery:
    """Return the application: no results and a large prefetch, as its guide advises for many short tasks.

    A task is acknowledged when it has ended, so that one whose worker died is run again.
    """
    made = Celery("bench", broker=broker, set_as_current=False)
    made.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue=QUEUE,
        worker_prefetch_multiplier=prefetch,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        # Each of a hundred green threads acknowledges over a connection of its own.
        broker_transport_options={"max_connections": 1000},
        redis_max_connections=1000,
        broker_pool_limit=1000,
    )
    made.task(_nothing, name="nothing")
    made.task(_stamp, name="stamp")
    made.task(_wait, name="wait")
    return made


def _nothing() -> None:
    pass


def _stamp() -> None:
    sys.stdout.write(f"{time.time()}\n")
    sys.stdout.flush()


def _wait() -> None:
    # In a worker of green threads this waits without a thread.
    time.sleep(WAIT_MS / 1000)


@worker_ready.connect
def say_ready(**_: object) -> None:
    """Say it to the one who started the worker."""
    print("ready", flush=True)


app = app_for(os.environ.get(BROKER), int(os.environ.get(PREFETCH, "4")))
