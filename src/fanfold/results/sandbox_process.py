"""What runs in the sandbox: one aggregation, in a process of its own, over the files of one request.

`python -I -m fanfold.results.sandbox_process` reads a job from stdin and writes its end to stdout, both JSON.
The process has no environment, may open the files that it is given and no others, cannot write but to its
answer, and the operating system bounds its memory, its processor time and what it writes.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

import duckdb

from fanfold.results.aggregate_sql import SqlProblem, problem_at, problems_of

_PREFIX = "create temp table answer as\nfrom (\n"
# Threads' stacks, DuckDB's code and what it allocates beside its buffers.
_BESIDE_BUFFERS = 1_500_000_000


def main() -> None:
    """Do one job."""
    job = json.load(sys.stdin)
    _bound(job)
    try:
        end = _end(job)
    except MemoryError:
        end = _refused([SqlProblem(_TOO_LARGE)])
    json.dump(end, sys.stdout)


def _bound(job: Mapping[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        most = int(job["memory_bytes"]) + _BESIDE_BUFFERS
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    seconds = int(job["seconds"]) * int(job["threads"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(job["disk_bytes"]), int(job["disk_bytes"])))


def _end(job: Mapping[str, Any]) -> dict[str, Any]:
    session = duckdb.connect(":memory:", config=_config(job))
    if problems := problems_of(session, job["sql"]):
        return _refused(problems)
    if job.get("view") is None:
        return {"ok": True}
    _shut_off(session, job)
    session.execute(f"create view results as {job['view']}")
    try:
        session.execute(f"{_PREFIX}{job['sql'].rstrip().rstrip(';')}\n) limit {int(job['rows']) + 1:d}")
        (count,) = session.execute("select count(*) from answer").fetchone() or (0,)
        if count > int(job["rows"]):
            many = f"The answer has more than {int(job['rows']):,} rows: aggregate further."
            return _refused([SqlProblem(many)])
        target = job["answer"].replace("'", "''")
        session.execute(
            f"copy (select {_columns(session)} from answer) to '{target}' (format parquet, compression zstd)"  # noqa: S608 -- names are quoted
        )
    except duckdb.Error as error:
        return _refused([_problem(error, job["sql"])])
    return {"ok": True, "rows": count}


def _config(job: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "memory_limit": f"{int(job['memory_bytes'])}B",
        "threads": int(job["threads"]),
        "temp_directory": job["folder"],
        "max_temp_directory_size": f"{int(job['disk_bytes'])}B",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "allow_unsigned_extensions": False,
        "python_enable_replacements": False,
        "errors_as_json": True,
    }


def _shut_off(session: duckdb.DuckDBPyConnection, job: Mapping[str, Any]) -> None:
    session.execute("set global allowed_paths = $1", [[*job["files"], job["answer"]]])
    # In this order: after the last one nothing can be opened again.
    for statement in (
        "set global TimeZone = 'UTC'",
        "set global max_expression_depth = 250",
        "set global enable_external_access = false",
        "set global lock_configuration = true",
    ):
        session.execute(statement)


def _columns(session: duckdb.DuckDBPyConnection) -> str:
    """Return the answer's columns as Parquet keeps them, which has no numbers of 128 bits."""
    found: list[str] = []
    for name, kind, *_ in session.execute("describe answer").fetchall():
        column = '"' + str(name).replace('"', '""') + '"'
        if kind in {"HUGEINT", "UHUGEINT"}:
            asked = f"select coalesce(max(abs({column}::DOUBLE)), 0) < 9e18 from answer"  # noqa: S608 -- quoted
            (fits,) = session.execute(asked).fetchone() or (False,)
            column = f"{column}::{'BIGINT' if fits else 'DECIMAL(38, 0)'} as {column}"
        elif kind in _AS_TEXT:
            column = f"{column}::VARCHAR as {column}"
        found.append(column)
    return ", ".join(found)


def _problem(error: duckdb.Error, text: str) -> SqlProblem:
    if isinstance(error, duckdb.OutOfMemoryException):
        return SqlProblem(_TOO_LARGE)
    told = str(error)
    try:
        said: dict[str, Any] = json.loads(told[told.index("{") :])
    except ValueError:
        return SqlProblem(told.splitlines()[0])
    if said.get("exception_type") in {"IO", "Permission", "Internal", "Fatal"}:
        # What they say may name places of this machine.
        return SqlProblem("This cannot be computed here.")
    position = str(said.get("position", ""))
    offset = int(position) - len(_PREFIX) if position.isdecimal() else None
    return problem_at(text, " ".join(str(said.get("exception_message", "")).split()), offset=offset)


def _refused(problems: list[SqlProblem]) -> dict[str, Any]:
    listed = [{"message": each.message, "line": each.line, "column": each.column} for each in problems]
    return {"ok": False, "problems": listed}


_AS_TEXT = {"INTERVAL", "UUID", "BIT", "TIME", "TIME WITH TIME ZONE", "VARIANT", "JSON", "BIGNUM"}
_TOO_LARGE = "This needs more memory and disk than an aggregation may use: group by less, or filter first."

if __name__ == "__main__":
    main()
