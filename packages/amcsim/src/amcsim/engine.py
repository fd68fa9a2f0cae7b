"""Compiles and computes executions: DuckDB over the instance's world, thin rows dropped, CSV as AMC writes
it.

Called from worker threads; every call has its own cursor, and a world is built once however many ask for it.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import duckdb

from amcsim.audiences.sizing import compile_audience, refuse_size, size_query
from amcsim.catalogue import available
from amcsim.catalogue.twins import for_audiences
from amcsim.clock import Clock
from amcsim.config import SimulatorConfig
from amcsim.executions.model import Computed, ExecutionRequest
from amcsim.output import csv_options, described, refuse_other_columns, shown
from amcsim.roster import Instance
from amcsim.sql.binding import MixedKeys, bound_types, first_line
from amcsim.sql.compile import compile_query
from amcsim.sql.compiled import Compiled, Prepared
from amcsim.sql.holes import Bindings
from amcsim.sql.overlap import OverlapBudget
from amcsim.sql.patterns import install_patterns
from amcsim.sql.privacy import PrivacyRequest, refuse_taken_names, visible
from amcsim.sql.problem import SqlProblem
from amcsim.workflows import InputParameter, Workflow
from amcsim.world.build import build_schema, build_world
from amcsim.world.profile import build_profile
from amcsim.world.world import World

_MAX_FILES = 5
_REMEMBERED = 256


class DuckdbEngine:
    """The only module that runs SQL on behalf of a caller."""

    def __init__(self, config: SimulatorConfig, clock: Clock, *, results: Path) -> None:
        self._config = config
        self._clock = clock
        self._results = results
        self._until = config.data_until or clock.now().date()
        self._schema = build_schema()
        self._worlds: dict[str, World] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._computing: dict[str, duckdb.DuckDBPyConnection] = {}
        self._abandoned: set[str] = set()
        self._overlap = OverlapBudget(config.sql.overlap_budget)
        self._prepared = lru_cache(_REMEMBERED)(self._compile)

    def compile(self, request: ExecutionRequest) -> Compiled:
        """Return the query of *request*, checked against tables and types; raises SqlProblem."""
        self._refuse_sandbox(request)
        controls = not (request.disable_aggregation_controls and request.instance.sandbox)
        prepared = self._prepare(
            request.sql_query,
            request.input_parameters,
            request.instance,
            controls=controls,
            audience_for=request.audience_for,
        )
        bindings = Bindings(
            values=_values(request.input_parameters, request.parameter_values),
            window=(_naive(request.window.start), _naive(request.window.end)),
            now=self._clock.now(),
        )
        compiled = prepared.bind(bindings, controls=controls)
        refuse_taken_names(compiled, _privacy(request))
        if request.output_columns is not None:
            refuse_other_columns(compiled.prepared, request.output_columns)
        return compiled

    def check(self, workflow: Workflow, instance: Instance) -> None:
        """Raise SqlProblem when *workflow* would be refused on *instance*; parameters may still lack
        values.
        """
        parameters = tuple(workflow.input_parameters)
        prepared = self._prepare(workflow.sql_query, parameters, instance, controls=True)
        now = self._clock.now()
        prepared.bind(
            Bindings(
                values=_values(parameters, {}),
                window=(_naive(now), _naive(now)),
                now=now,
                values_required=False,
            )
        )

    def _prepare(
        self,
        text: str,
        parameters: tuple[InputParameter, ...],
        instance: Instance,
        *,
        controls: bool,
        audience_for: str | None = None,
    ) -> Prepared:
        declared = tuple((parameter.name, parameter.amc_type) for parameter in parameters)
        return self._prepared(
            text,
            declared,
            subscriptions=instance.subscriptions,
            has_dsp=not instance.sponsored_only,
            controls=controls,
            audience_for=audience_for,
        )

    def _compile(
        self,
        text: str,
        declared: tuple[tuple[str, str], ...],
        *,
        subscriptions: tuple[str, ...],
        has_dsp: bool,
        controls: bool,
        audience_for: str | None,
    ) -> Prepared:
        options, types = self._config.sql, dict(declared)
        if audience_for is not None:
            readable = for_audiences(subscriptions, audience_for, has_dsp=has_dsp)
            return self._typed(compile_audience(text, readable, types=types, options=options), text)
        tables = available(subscriptions, options.thresholds, has_dsp=has_dsp)
        compiled = partial(compile_query, text, tables, types=types, options=options, controls=controls)
        try:
            return self._typed(compiled(), text)
        except MixedKeys:
            return self._typed(compiled(keys_as_text=True), text)

    def _typed(self, prepared: Prepared, text: str) -> Prepared:
        # any moment does, because types do not depend on values
        some = datetime(2000, 1, 1)  # noqa: DTZ001 -- windows are UTC without saying so
        empty = Bindings(values={}, window=(some, some), now=some, values_required=False)
        sql = prepared.bind(empty).sql
        with self._guard:
            install_patterns(self._schema, sql)
        cursor = self._schema.cursor()
        cursor.execute("SET schema = 'amc'")
        return replace(prepared, types=bound_types(cursor, sql, text=text))

    def compute(self, execution_id: str, request: ExecutionRequest, *, compiled: Compiled) -> Computed:
        """Run the query and write its result files; no file when the result is not to be published.

        For an audience its people are counted, and `row_count` is how many there are.
        """
        if request.audience_for is None:
            self._spend(execution_id, request, compiled)
        world = self.world(request.instance)
        with self._guard:
            install_patterns(world.connection, compiled.sql)
        cursor = world.cursor(compiled.prepared.tables)
        cursor.execute("SET schema = 'amc'")
        self._begin(execution_id, cursor)
        result = f'temp."r{execution_id}"'
        try:
            if request.audience_for is not None:
                return self._size(cursor, request, compiled)
            rows = visible(compiled, _privacy(request))
            cursor.execute(f"CREATE TEMP TABLE {result.removeprefix('temp.')} AS {rows}")
            columns = described(cursor, result, compiled=compiled)
            row_count = _count(cursor, result)
            files = self._write(cursor, result, row_count, execution_id, request)
            cursor.execute(f"DROP TABLE {result}")
        except duckdb.Error as error:
            raise RuntimeError(f"Workflow execution failed: {first_line(error)}") from error
        finally:
            self._computing.pop(execution_id, None)
            cursor.close()
        return Computed(files=files, columns=columns, row_count=row_count)

    def _size(
        self, cursor: duckdb.DuckDBPyConnection, request: ExecutionRequest, compiled: Compiled
    ) -> Computed:
        people = int(cursor.execute(size_query(compiled)).fetchall()[0][0])
        refuse_size(people, is_seed=request.is_seed, minimum=self._config.api.audience_minimum)
        return Computed(files=(), columns=(), row_count=people)

    def abandon(self, execution_id: str) -> None:
        """Stop computing an execution that nobody waits for any more."""
        with self._guard:
            self._abandoned.add(execution_id)
            cursor = self._computing.get(execution_id)
        if cursor is not None:
            cursor.interrupt()

    def _spend(self, execution_id: str, request: ExecutionRequest, compiled: Compiled) -> None:
        window = (request.window.start, request.window.end)
        if not self._overlap.spend(
            request.instance.instance_id,
            request.workflow_id,
            tables=compiled.prepared.tables,
            window=window,
        ):
            raise RuntimeError(
                f'Execution "{execution_id}" of workflow "{request.workflow_id}" could not be run '
                "because too many workflows have already been run against the same input data sources "
                "in the same or overlapping time windows."
            )

    def _begin(self, execution_id: str, cursor: duckdb.DuckDBPyConnection) -> None:
        with self._guard:
            if execution_id in self._abandoned:
                raise RuntimeError("The execution was abandoned before it began")
            self._computing[execution_id] = cursor

    def _write(
        self,
        cursor: duckdb.DuckDBPyConnection,
        result: str,
        row_count: int,
        execution_id: str,
        request: ExecutionRequest,
    ) -> tuple[Path, ...]:
        hidden = request.disable_aggregation_controls and not request.instance.sandbox
        if request.skip_publish or hidden:
            return ()
        wanted = self._config.rows_per_file or max(row_count, 1)
        parts = min(_MAX_FILES, max(1, -(-row_count // wanted)))
        rows_each = max(1, -(-row_count // parts))
        folder = self._results / execution_id
        folder.mkdir()
        files: list[Path] = []
        for part in range(parts):
            suffix = f"-part{part + 1}" if parts > 1 else ""
            path = folder / f"{request.file_stem or request.workflow_id}{suffix}.csv"
            bounds = f"rowid >= {part * rows_each} AND rowid < {(part + 1) * rows_each}"
            columns = shown(cursor, result, options=self._config.sql)
            cursor.execute(
                f"COPY (SELECT {columns} FROM {result} WHERE {bounds} ORDER BY rowid) "
                f"TO '{path}' ({csv_options(self._config.sql, request.output_format)})"
            )
            files.append(path)
        return tuple(files)

    def world(self, instance: Instance) -> World:
        """Return the database of *instance*, built on first use."""
        with self._guard:
            lock = self._locks.setdefault(instance.instance_id, threading.Lock())
        with lock:
            world = self._worlds.get(instance.instance_id)
            if world is None:
                config = self._config
                profile = build_profile(
                    instance, seed=config.seed, events=config.events_per_instance, until=self._until
                )
                world = self._worlds[instance.instance_id] = build_world(profile, folder=config.data_folder)
            return world

    def _refuse_sandbox(self, request: ExecutionRequest) -> None:
        if not self._config.strict_sandbox or request.instance.sandbox is request.synthetic_data:
            return
        if request.instance.sandbox:
            raise SqlProblem("requireSyntheticData must be true for executions in a sandbox instance")
        raise SqlProblem("requireSyntheticData allows only data sets that contain nothing but synthetic data")


def _privacy(request: ExecutionRequest) -> PrivacyRequest:
    return PrivacyRequest(
        filtering=request.privacy_filtering_behavior,
        discriminator_column=request.filtered_metrics_discriminator_column,
        user_count_column=request.distinct_user_count_column,
        reason_column=request.filtered_reason_column,
    )


def _count(cursor: duckdb.DuckDBPyConnection, result: str) -> int:
    row: tuple[Any, ...] | None = cursor.execute(f"SELECT count(*) FROM {result}").fetchone()
    return int(row[0]) if row else 0


def _values(declared: tuple[InputParameter, ...], given: dict[str, Any]) -> dict[str, Any]:
    defaults = {parameter.name: parameter.default_value for parameter in declared}
    return defaults | {name: value for name, value in given.items() if value is not None}


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
