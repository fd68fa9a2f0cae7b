"""Prometheus metrics, read from the database when asked for: right after a restart, and in every process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, BatchState, OperationState
from fanfold.db.database import Database, Row
from fanfold.db.statements import Statements

sql = Statements("fanfold.web")

DURATION_BOUNDS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds; the buckets of seed 000."""

_WORKER_GAUGES = (
    ("fanfold_worker_running_attempts", "running_count", 1, "Attempts at work in a worker"),
    (
        "fanfold_worker_cpu_ratio",
        "cpu_percent",
        0.01,
        "Processor use of a worker since its last beat, in cores",
    ),
    ("fanfold_worker_memory_bytes", "memory_bytes", 1, "Resident memory of a worker with its helpers"),
    ("fanfold_worker_loop_lag_seconds", "loop_lag_ms", 0.001, "Worst lateness of a worker's event loop"),
)


class Metrics:
    """Reads all users' totals; names nobody and nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def render(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        async with self._database.transaction() as transaction, transaction.as_service():
            batches = await transaction.fetch(sql("get_batch_totals"), bounds=list(DURATION_BOUNDS))
            operations = await transaction.fetch_one(sql("get_operation_totals"))
            workers = await transaction.fetch(sql("get_worker_resources"))
        families = [_batch_counter(batches), _duration_histogram(batches), *_workers(workers)]
        if operations is not None:
            families.append(_operations(operations))
        registry = CollectorRegistry()
        registry.register(_Reading(families))
        return generate_latest(registry)


class _Reading(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _batch_counter(rows: Sequence[Row]) -> Metric:
    counts = dict.fromkeys(BatchState, 0)
    for row in rows:
        counts[BatchState(row["status"])] += row["batch_count"]
    family = CounterMetricFamily(
        "batch_executions", "Total number of batch executions by where they stand", labels=["status"]
    )
    for status, count in counts.items():
        family.add_metric([status], count)
    return family


def _duration_histogram(rows: Sequence[Row]) -> Metric:
    counts = [0] * (len(DURATION_BOUNDS) + 1)
    seconds = 0.0
    for row in rows:
        if row["bucket"] is not None and row["status"] in TERMINAL_BATCH_STATES:
            counts[row["bucket"]] += row["batch_count"]
            seconds += row["run_seconds"]
    names = [*(str(bound) for bound in DURATION_BOUNDS), "+Inf"]
    return HistogramMetricFamily(
        "batch_execution_duration_seconds",
        "Batch execution duration in seconds",
        buckets=list(zip(names, accumulate(counts), strict=True)),
        sum_value=seconds,
    )


def _operations(row: Row) -> Metric:
    family = GaugeMetricFamily("fanfold_operations", "Operations of all batches by state", labels=["status"])
    for state in OperationState:
        family.add_metric([state], row[state.value])
    return family


def _workers(rows: Sequence[Row]) -> Iterable[Metric]:
    yield GaugeMetricFamily("fanfold_workers", "Workers that show signs of life", value=len(rows))
    for name, column, factor, about in _WORKER_GAUGES:
        family = GaugeMetricFamily(name, about, labels=["worker"])
        for row in rows:
            if row[column] is not None:
                family.add_metric([row["name"]], row[column] * factor)
        yield family
