"""P6: the results of 100 operations of 10,000 rows and 8 columns, beside DuckDB on the same files."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.figures import Figure, Measurement, middle, ratios
from benchmarks.form import Form
from benchmarks.server import Served, served
from benchmarks.stage import Stage, joined, stage
from fanfold.batches.model import Batch
from fanfold.db.database import Database, Role
from fanfold.results import manifest
from fanfold.results.asking import Rows
from fanfold.results.exporting import FileFormat
from fanfold.results.filters import Filter, Op
from fanfold.results.grouping import Grouping
from fanfold.results.reader import ResultReader
from fanfold.results.store import ResultStore

OPERATIONS, ROWS, LONG = 100, 10_000, 10
PROMISE = (
    "first page < 50 ms; CSV of 1,000,000 rows < 1.5 s and at most 1.3× DuckDB alone; memory flat, < 300 MB"
)
_HEAVY: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("a first page", "", {}),
    (
        "a filtered and sorted page",
        "",
        {"filter": '[{"column": "clicks", "op": "ge", "value": 500}]', "sort": "-cost"},
    ),
    ("a group-by", "/groups", {"group_by": "campaign", "aggregate": "count,sum:cost"}),
    ("CSV", "", {"format": "csv"}),
    ("Parquet", "", {"format": "parquet"}),
    ("XLSX", "", {"format": "xlsx"}),
)
_WHERE = "clicks >= 500 and contains(lower(campaign), 'campaign 7')"
_FILTERS = (Filter("clicks", Op.GE, 500), Filter("campaign", Op.CONTAINS, "Campaign 7"))


@dataclass(frozen=True, slots=True)
class Table:
    """A batch with its rows, and the files that hold them."""

    batch: Batch
    store: ResultStore
    reader: ResultReader
    files: list[str]


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Time each question ten times, ours and DuckDB's in turn, and take the medians."""
    async with stage() as here:
        table = await _filled(here)
        figures: list[Figure] = []
        for question in _questions(table):
            figures += await _race(question, rounds=min(question.rounds, form.of(full=20, short=5, trial=1)))
        table.reader.close()
    if form is Form.FULL:
        figures += await _memory()
    remark = (
        "DuckDB alone: the bare question over the list of files, without manifest, access rules, instance "
        "columns, stable order, JSON values and formula guard; its files go to /dev/null by COPY. "
        "It writes no sheet: there the limit is reading all rows."
    )
    yield Measurement("P6 results", PROMISE, ratios(figures, us="Fanfold", more_is_better=False), remark)


@dataclass(frozen=True, slots=True)
class Question:
    """The same question to us and to DuckDB."""

    what: str
    rounds: int
    ours: Callable[[], Awaitable[object]]
    limit: Callable[[], object]


def _questions(table: Table) -> list[Question]:
    def page(**asked: Any) -> Callable[[], Awaitable[object]]:
        def read() -> Awaitable[object]:
            return table.reader.page(table.batch.id, user_id=table.batch.user_id, limit=100, **asked)

        return read

    alone = _Alone(table.files)
    last = OPERATIONS * ROWS - 100
    ordered = page(rows=Rows(sort="-cost"))
    grouping = Grouping(("campaign",), ("count", "sum:cost", "approx_distinct:creative"), sort="-sum:cost")

    def grouped() -> Awaitable[object]:
        return table.reader.groups(table.batch.id, grouping, user_id=table.batch.user_id)

    searched = page(rows=Rows(_FILTERS, "-cost"))
    return [
        Question("first page", 20, page(), lambda: alone.rows("limit 100")),
        Question("last page", 20, page(offset=last), lambda: alone.rows(f"limit 100 offset {last}")),
        Question("sorted page", 10, ordered, lambda: alone.rows("order by cost desc limit 100")),
        Question("filtered and sorted page, with its count", 10, searched, alone.search),
        Question("group-by of 500 groups, three aggregates", 10, grouped, alone.groups),
        Question("CSV of all", 5, lambda: _drained(table), alone.csv),
        Question("Parquet of all", 5, lambda: _drained(table, FileFormat.PARQUET), alone.parquet),
        # DuckDB alone writes no sheet: what it takes to read every row is the limit.
        Question("XLSX of all", 1, lambda: _drained(table, FileFormat.XLSX), alone.read),
    ]


class _Alone:
    """DuckDB over the list of files."""

    def __init__(self, files: list[str]) -> None:
        self._files = files
        self._session = duckdb.connect(config={"threads": 2})

    def rows(self, tail: str, what: str = "*") -> object:
        text = f"select {what} from read_parquet($files) {tail}"  # noqa: S608 -- our own text
        return self._session.sql(text, params={"files": self._files}).to_arrow_table()

    def search(self) -> object:
        return self.rows(f"where {_WHERE}", "count(*)"), self.rows(
            f"where {_WHERE} order by cost desc limit 100"
        )

    def groups(self) -> object:
        what = "campaign, count(*), sum(cost), approx_count_distinct(creative)"
        return self.rows("group by campaign order by sum(cost) desc", what)

    def csv(self) -> object:
        return self._copy("format csv")

    def parquet(self) -> object:
        return self._copy("format parquet, compression zstd")

    def read(self) -> object:
        rows = self._session.sql(f"select * from read_parquet({self._files!r})")  # noqa: S608 -- our own files
        return sum(batch.num_rows for batch in rows.to_arrow_reader(8_192))

    def _copy(self, form: str) -> object:
        rows = f"select * from read_parquet({self._files!r})"  # noqa: S608 -- our own files
        return self._session.execute(f"copy ({rows}) to '/dev/null' ({form})")


async def _race(question: Question, *, rounds: int) -> list[Figure]:
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        await question.ours()
        mine.append(time.perf_counter() - start)
        start = time.perf_counter()
        question.limit()
        theirs.append(time.perf_counter() - start)
    return [
        Figure("Fanfold", question.what, middle(mine) * 1000, "ms"),
        Figure("DuckDB alone (limit)", question.what, middle(theirs) * 1000, "ms"),
    ]


async def _drained(table: Table, form: FileFormat = FileFormat.CSV) -> int:
    file = await table.reader.file(table.batch.id, form, user_id=table.batch.user_id)
    return sum([len(chunk) async for chunk in file.chunks])


async def _memory() -> list[Figure]:
    """Ask a server of its own for ever more rows, and look how much memory its process takes."""
    async with served("--no-worker") as api, joined(api.database_url) as here:
        batch, written = await _written(here, ResultStore.open(str(api.folder / "results")))
        long = await here.submit(OPERATIONS * LONG)
        parts = [written[number % OPERATIONS] for number in range(OPERATIONS * LONG)]
        await _complete(here, long, written=parts)
        figures = [
            Figure("Fanfold", "memory of the API's process before the first question", _used(api.pid), "MB")
        ]
        for asked, rows in ((batch, OPERATIONS * ROWS), (long, OPERATIONS * LONG * ROWS)):
            for what, path, given in _HEAVY:
                _forget_peak(api.pid)
                await _taken(api, f"/batch/jobs/{asked.batch_id}/results{path}", given)
                figures.append(
                    Figure(
                        "Fanfold", f"its peak during {what} of {rows:,} rows", _used(api.pid, "VmHWM"), "MB"
                    )
                )
        figures.append(Figure("Fanfold", "its memory after all of that", _used(api.pid), "MB"))
    return figures


async def _taken(api: Served, path: str, given: Mapping[str, str]) -> None:
    async with api.client.stream("GET", path, params=dict(given)) as answer:
        answer.raise_for_status()
        async for _ in answer.aiter_raw():
            pass


def _used(pid: int, which: str = "VmRSS") -> float:
    found = re.search(rf"{which}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _forget_peak(pid: int) -> None:
    # Linux: what is counted as the peak begins anew.
    Path(f"/proc/{pid}/clear_refs").write_text("5")


async def _filled(here: Stage) -> Table:
    store = ResultStore.open(str(here.folder / "results"))
    batch, written = await _written(here, store)
    reader = ResultReader(store, await Database.open(here.url, Role.API), threads=2)
    files = [str(here.folder / "results" / each.parts[0].uri) for each in written]
    return Table(batch, store, reader, files)


async def _written(here: Stage, store: ResultStore) -> tuple[Batch, list[manifest.Manifest]]:
    batch = await here.submit(OPERATIONS)
    random = np.random.default_rng(6)
    written: list[manifest.Manifest] = []
    for number, identifier in enumerate(await _operations(here, batch), start=1):
        sink = store.sink(batch_id=batch.id, operation_id=identifier, attempt_id=number)
        await sink.write(_rows(random))
        done = await sink.finish()
        if done is not None:
            written.append(done)
    await _complete(here, batch, written=written)
    return batch, written


async def _operations(here: Stage, batch: Batch) -> list[Any]:
    found = await here.admin.fetch("select id from operations where batch_id = $1 order by ordinal", batch.id)
    return [row["id"] for row in found]


async def _complete(here: Stage, batch: Batch, *, written: Sequence[manifest.Manifest]) -> None:
    database = await Database.open(here.url, Role.SERVICE, size=1)
    async with database.transaction() as transaction:
        for identifier, each in zip(await _operations(here, batch), written, strict=True):
            await manifest.record(
                transaction, batch_id=batch.id, operation_id=identifier, user_id=batch.user_id, manifest=each
            )
    await database.close()
    done = "update operations set status = 'completed', finished_at = moment() where batch_id = $1"
    await here.admin.execute(done, batch.id)
    await here.admin.execute("vacuum analyze")


def _rows(random: np.random.Generator) -> pa.RecordBatch:
    day = random.integers(19_000, 20_000, ROWS, dtype=np.int32)
    moment = random.integers(1_700_000_000_000_000, 1_730_000_000_000_000, ROWS)
    columns: dict[str, Any] = {
        "campaign": [f"Campaign {number}" for number in random.integers(0, 500, ROWS)],
        "day": pa.array(day).cast(pa.date32()),
        "seen_at": pa.array(moment, pa.timestamp("us", "UTC")),
        "impressions": random.integers(0, 10**6, ROWS),
        "clicks": random.integers(0, 1000, ROWS),
        "cost": random.random(ROWS) * 100,
        "ratio": random.random(ROWS),
        "creative": [f"cr-{number:08d}" for number in random.integers(0, 10**8, ROWS)],
    }
    return pa.RecordBatch.from_pydict(columns)
