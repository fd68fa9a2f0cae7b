"""P5: status, progress, list and statistics by HTTP, 16 connections against one API process; needs `wrk`."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import time
from collections.abc import AsyncGenerator

from benchmarks.figures import Figure, Measurement, middle, ratios
from benchmarks.form import Form
from benchmarks.server import Served, served

PROMISE = "at least 5× the public ancestor of system B; status of 100 executions p50 < 5 ms"
ANCESTOR = "public ancestor, another machine"
SEEN = {"job": 545, "progress": 350, "list of 100 jobs": 196, "statistics": 248}
"""What the ancestor reached on another two-core machine, in requests a second."""
CREATE, CREATE_SEEN = "create with 5 operations, p50", 36


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Fill a server with 100 batches of 100 operations and read."""
    if shutil.which("wrk") is None:
        sys.exit("P5 needs `wrk` (apt install wrk).")
    seconds = form.of(full=5, short=2, trial=1)
    figures: list[Figure] = []
    async with served("--no-worker") as api:
        await api.register(count=100)
        batch_ids = [await api.submit() for _ in range(form.of(full=100, short=100, trial=3))]
        paths = {
            "nothing (limit)": "/health/live",
            "job": f"/batch/jobs/{batch_ids[0]}",
            "progress": f"/batch/jobs/{batch_ids[0]}/progress",
            "list of 100 jobs": "/batch/jobs?limit=100",
            "statistics": "/batch/statistics",
            "status, 100 executions": f"/workflows/batch/{batch_ids[0]}/status",
        }
        for what, path in paths.items():
            figures += await _read(api, what, path=path, seconds=seconds)
        figures += await _create(api, rounds=form.of(full=40, short=20, trial=3))
        p50 = await _alone(api, paths["status, 100 executions"], seconds=seconds)
        figures.append(Figure("Fanfold", "status, 100 executions, one client, p50", p50, "ms"))
    remark = "The ancestor's figures come from another two-core machine: the ratios tell the order only."
    yield Measurement("P5 status", PROMISE, figures, remark)


async def _read(api: Served, what: str, *, path: str, seconds: int) -> list[Figure]:
    text = await _wrk(api, path, connections=16, seconds=seconds)
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", text)[0])
    if bad := re.findall(r"Non-2xx or 3xx responses: (\d+)", text):
        message = f"{path}: {bad[0]} bad answers"
        raise RuntimeError(message)
    figures = [Figure("Fanfold", what, rate, "requests/s")]
    if what in SEEN:
        figures.append(Figure(ANCESTOR, what, SEEN[what], "requests/s"))
    return ratios(figures, us="Fanfold", more_is_better=True)


async def _create(api: Served, *, rounds: int) -> list[Figure]:
    times: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        await api.submit(count=5)
        times.append((time.perf_counter() - start) * 1000)
    figures = [
        Figure("Fanfold", CREATE, middle(times), "ms"),
        Figure(ANCESTOR, CREATE, CREATE_SEEN, "ms"),
    ]
    return ratios(figures, us="Fanfold", more_is_better=False)


async def _alone(api: Served, path: str, *, seconds: int) -> float:
    text = await _wrk(api, path, connections=1, seconds=seconds)
    value, unit = re.findall(r"50%\s+([\d.]+)(us|ms|s)", text)[0]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


async def _wrk(api: Served, path: str, *, connections: int, seconds: int) -> str:
    process = await asyncio.create_subprocess_exec(
        "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
        "-H", f"Authorization: Bearer {api.token}", api.url + path,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    return output.decode()
