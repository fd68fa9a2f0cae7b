"""CPU-heavy functions run in other processes; one that dies takes nothing else with it for long."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest

from fanfold.engine.computing import Computing
from fanfold.sdk.errors import Retryable


@pytest.fixture
def computing():
    made = Computing()
    yield made
    made.close()


async def test_a_function_runs_in_another_process(computing):
    assert await computing.run(os.getpid) != os.getpid()


async def test_after_a_process_died_the_next_function_runs_in_a_new_one(computing):
    with pytest.raises(Retryable, match="died"):
        await computing.run(partial(signal.raise_signal, signal.SIGKILL))
    assert await computing.run(partial(pow, 2, 10)) == 1024


async def test_what_a_function_raises_comes_back(computing):
    with pytest.raises(ValueError, match="invalid literal"):
        await computing.run(partial(int, "no number"))
