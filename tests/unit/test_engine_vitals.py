from __future__ import annotations

import os

import pytest

from fanfold.engine.vitals import Vitals


class Machine:
    """A clock and a meter that the test moves."""

    def __init__(self) -> None:
        self.time = 100.0
        self.seconds = 5.0
        self.size = 1_000

    def now(self) -> float:
        return self.time

    def used(self) -> tuple[float, int]:
        return self.seconds, self.size


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def vitals(machine: Machine) -> Vitals:
    return Vitals(used=machine.used, now=machine.now)


def test_processor_use_counts_from_one_reading_to_the_next(machine: Machine, vitals: Vitals):
    machine.time, machine.seconds, machine.size = 110.0, 10.0, 2_000
    first = vitals.read()
    assert (first.cpu_percent, first.memory_bytes) == (50.0, 2_000)
    machine.time = 120.0
    assert vitals.read().cpu_percent == 0.0


def test_a_helper_that_ended_takes_its_seconds_along_and_nothing_is_negative(
    machine: Machine, vitals: Vitals
):
    machine.time, machine.seconds = 110.0, 1.0
    assert vitals.read().cpu_percent == 0.0


def test_two_readings_at_once_do_not_divide_by_nothing(vitals: Vitals):
    assert vitals.read().cpu_percent == 0.0


async def test_the_worst_lateness_since_the_last_reading_is_told(machine: Machine, vitals: Vitals):
    for late in (0.0, 0.25, 0.05):
        await vitals.run_once()
        machine.time += vitals.interval + late
    await vitals.run_once()
    assert vitals.read().loop_lag_ms == pytest.approx(250)
    assert vitals.read().loop_lag_ms == 0.0


def test_this_process_is_measured():
    reading = Vitals().read()
    assert reading.memory_bytes > 1_000_000, os.getpid()
    assert reading.cpu_percent >= 0
