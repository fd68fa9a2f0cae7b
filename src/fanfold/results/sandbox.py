"""Runs aggregations, which users write, where they can read nothing but the rows that they are about.

Each one gets a process without an environment, bounded by the operating system, that dies with its request.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from fanfold.results.aggregate_sql import SqlProblem
from fanfold.results.outside import outside
from fanfold.sdk.errors import BadInput, Problem

_PROGRAM = ("-I", "-m", "fanfold.results.sandbox_process")


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one aggregation may use."""

    memory_bytes: int = 512_000_000
    """For DuckDB's buffers; beyond them it uses the disk."""
    disk_bytes: int = 4_000_000_000
    threads: int = 2
    seconds: int = 60
    rows: int = 1_000_000
    """Of its answer."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What `results` is: SQL of our own making, and the files that it reads."""

    text: str
    files: Sequence[str]


class AggregateRefused(BadInput):
    """An aggregation was not run, or came to no end."""

    def __init__(self, found: Sequence[SqlProblem]) -> None:
        self.found = tuple(found)
        """With their places."""
        super().__init__([Problem("/aggregate", str(each)) for each in self.found])


class Sandbox:
    """Runs a few aggregations at a time; further ones wait."""

    def __init__(self, limits: SandboxLimits | None = None, *, at_once: int = 2) -> None:
        self.limits = limits or SandboxLimits()
        self._free = asyncio.Semaphore(at_once)

    async def check(self, sql: str) -> list[SqlProblem]:
        """Return what can be said against *sql* without its rows."""
        with TemporaryDirectory(prefix="fanfold-check-") as folder:
            try:
                await self._run({"sql": sql, "view": None}, Path(folder))
            except AggregateRefused as error:
                return list(error.found)
        return []

    async def answer(self, sql: str, relation: Relation, *, folder: Path) -> tuple[Path, int]:
        """Return a Parquet file in *folder* with the answer, and its rows. Raises `AggregateRefused`."""
        path = folder / "answer.parquet"
        job = {"sql": sql, "view": relation.text, "files": list(relation.files), "answer": str(path)}
        end = await self._run(job, folder)
        return path, int(end["rows"])

    async def _run(self, job: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        content = json.dumps({**asdict(self.limits), **job, "folder": str(folder)}).encode()
        async with self._free:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *_PROGRAM, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd=folder,
                start_new_session=True,
            )  # fmt: skip
            said = await self._end(process, content)
        end = await outside(lambda: _read(said))
        if not end["ok"]:
            listed = cast("list[dict[str, Any]]", end["problems"])
            raise AggregateRefused([SqlProblem(**each) for each in listed])
        return end

    async def _end(self, process: Process, content: bytes) -> bytes:
        try:
            async with asyncio.timeout(self.limits.seconds):
                said, _ = await process.communicate(content)
        except TimeoutError as error:
            late = f"This took longer than {self.limits.seconds} seconds: aggregate less, or filter first."
            raise AggregateRefused([SqlProblem(late)]) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return said


def _read(said: bytes) -> dict[str, Any]:
    try:
        return cast("dict[str, Any]", json.loads(said))
    except ValueError:
        # Whatever ended the process, it was this aggregation: memory, processor time, or a fault of DuckDB's.
        return {"ok": False, "problems": [{"message": "This needs more than an aggregation may use."}]}
