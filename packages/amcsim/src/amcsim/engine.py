"""Compiles and computes executions: DuckDB over the instance's world, thin rows dropped, CSV as AMC writes
it.

Called from worker threads; every call has its own cursor, and a world is built once however many ask for it.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from amcsim.catalogue import available
from amcsim.clock import Clock
from amcsim.config import SimulatorConfig
from amcsim.executions.model import Computed, ExecutionRequest
from amcsim.executions.window import WindowType, resolve_window
from amcsim.output import csv_options, described, quoted, shown
from amcsim.roster import Instance
from amcsim.sql.compile import CompileOptions, compile_query
from amcsim.sql.compiled import Compiled
from amcsim.sql.parameters import Parameters
from amcsim.sql.problem import SqlProblem
from amcsim.sql.relations import USERS
from amcsim.workflows import InputParameter, Workflow
from amcsim.world.build import build_schema, build_world
from amcsim.world.profile import build_profile

_MAX_FILES = 5


class DuckdbEngine:
    """The only module that runs SQL on behalf of a caller."""

    def __init__(self, config: SimulatorConfig, clock: Clock, *, results: Path) -> None:
        self._config = config
        self._clock = clock
        self._results = results
        self._until = config.data_until or clock.now().date()
        self._schema = build_schema()
        self._worlds: dict[str, duckdb.DuckDBPyConnection] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._computing: dict[str, duckdb.DuckDBPyConnection] = {}
        self._abandoned: set[str] = set()

    def compile(self, request: ExecutionRequest) -> Compiled:
        """Return the query of *request*, checked against tables and types; raises SqlProblem."""
        self._refuse_sandbox(request)
        window = request.window
        parameters = Parameters(
            types={parameter.name: parameter.amc_type for parameter in request.input_parameters},
            values=_values(request.input_parameters, request.parameter_values),
            window=(_naive(window.start), _naive(window.end)),
        )
        controls_off = request.disable_aggregation_controls and request.instance.sandbox
        options = CompileOptions(
            now=self._clock.now(),
            trailing_semicolon=self._config.trailing_semicolon,
            aggregation_controls=not controls_off,
            user_count_column=request.distinct_user_count_column,
        )
        compiled = compile_query(
            request.sql_query,
            available(request.instance.subscriptions),
            parameters=parameters,
            options=options,
        )
        try:
            _cursor(self._schema).execute(f"EXPLAIN {compiled.sql}")
        except duckdb.Error as error:
            raise SqlProblem(_first_line(error)) from error
        return compiled

    def check(self, workflow: Workflow, instance: Instance) -> None:
        """Raise SqlProblem when *workflow* would be refused on *instance*; parameters may still lack
        values.
        """
        values = {parameter.name: parameter.default_value for parameter in workflow.input_parameters}
        window = resolve_window(
            WindowType.MOST_RECENT_DAY, start=None, end=None, timezone="UTC", now=self._clock.now()
        )
        parameters = Parameters(
            types={parameter.name: parameter.amc_type for parameter in workflow.input_parameters},
            values=values,
            window=(_naive(window.start), _naive(window.end)),
            values_required=False,
        )
        options = CompileOptions(now=self._clock.now())
        compile_query(
            workflow.sql_query, available(instance.subscriptions), parameters=parameters, options=options
        )

    def compute(self, execution_id: str, request: ExecutionRequest, *, compiled: Compiled) -> Computed:
        """Run the query and write its result files; no file when the result is not to be published."""
        cursor = _cursor(self.world(request.instance))
        self._begin(execution_id, cursor)
        result = f'temp."r{execution_id}"'
        try:
            cursor.execute(f"CREATE TEMP TABLE {result.removeprefix('temp.')} AS {_visible(compiled)}")
            columns = described(cursor, result, compiled=compiled)
            row_count = _count(cursor, result)
            files = self._write(cursor, result, row_count, execution_id, request)
            cursor.execute(f"DROP TABLE {result}")
        except duckdb.Error as error:
            raise RuntimeError(f"Workflow execution failed: {_first_line(error)}") from error
        finally:
            self._computing.pop(execution_id, None)
            cursor.close()
        return Computed(files=files, columns=columns, row_count=row_count)

    def abandon(self, execution_id: str) -> None:
        """Stop computing an execution that nobody waits for any more."""
        with self._guard:
            self._abandoned.add(execution_id)
            cursor = self._computing.get(execution_id)
        if cursor is not None:
            cursor.interrupt()

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
            path = folder / f"{request.workflow_id}{suffix}.csv"
            bounds = f"rowid >= {part * rows_each} AND rowid < {(part + 1) * rows_each}"
            cursor.execute(
                f"COPY (SELECT {shown(cursor, result)} FROM {result} WHERE {bounds} ORDER BY rowid) "
                f"TO '{path}' ({csv_options()})"
            )
            files.append(path)
        return tuple(files)

    def world(self, instance: Instance) -> duckdb.DuckDBPyConnection:
        """Return the database of *instance*, built on first use; AMC's tables are in its schema `amc`."""
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
        if self._config.strict_sandbox and request.instance.sandbox and not request.synthetic_data:
            raise SqlProblem("requireSyntheticData must be true for executions in a sandbox instance")


def _cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    cursor = connection.cursor()
    cursor.execute("SET schema = 'amc'")
    return cursor


def _visible(compiled: Compiled) -> str:
    """Return the query whose rows may be seen: the ones that enough users stand behind."""
    names = [quoted(column.name) for column in compiled.columns]
    users = f'len(list_distinct("{USERS}"))'
    if compiled.user_count_column is not None and compiled.has_users:
        names.append(
            f"least({users}, {max(compiled.users_needed, 2)}) AS {quoted(compiled.user_count_column)}"
        )
    rows = "TRUE" if compiled.shows_rows else "FALSE"
    enough = f"AND coalesce({users}, 0) >= {compiled.users_needed}" if compiled.has_users else ""
    order = "" if compiled.ordered else "ORDER BY ALL"
    return f"SELECT {', '.join(names)} FROM ({compiled.sql}) WHERE {rows} {enough} {order}"


def _count(cursor: duckdb.DuckDBPyConnection, result: str) -> int:
    row: tuple[Any, ...] | None = cursor.execute(f"SELECT count(*) FROM {result}").fetchone()
    return int(row[0]) if row else 0


def _values(declared: tuple[InputParameter, ...], given: dict[str, Any]) -> dict[str, Any]:
    defaults = {parameter.name: parameter.default_value for parameter in declared}
    return defaults | {name: value for name, value in given.items() if value is not None}


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _first_line(error: duckdb.Error) -> str:
    _, _, message = str(error).splitlines()[0].partition(" Error: ")
    return message or str(error)
