"""P5: status, progress, list and statistics by HTTP, 16 connections against one API process; needs `wrk`."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from collections.abc import AsyncGenerator

from benchmarks.figures import Figure, Measurement
from benchmarks.server import Served, served

PROMISE = "at least 5× the public ancestor of system B; status of 100 executions p50 < 5 ms"
SECONDS = 5
BATCHES = 100
ANCESTOR = {"job": 545, "progress": 350, "list of 100 jobs": 196, "statistics": 248}


async def measure() -> AsyncGenerator[Measurement]:
    """Fill a server with 100 batches of 100 operations and read."""
    if shutil.which("wrk") is None:
        sys.exit("P5 needs `wrk` (apt install wrk).")
    figures: list[Figure] = []
    async with served("--no-worker") as api:
        await api.register(count=100)
        batch_ids = [await api.submit() for _ in range(BATCHES)]
        paths = {
            "nothing (limit)": "/health/live",
            "job": f"/batch/jobs/{batch_ids[0]}",
            "progress": f"/batch/jobs/{batch_ids[0]}/progress",
            "list of 100 jobs": "/batch/jobs?limit=100",
            "statistics": "/batch/statistics",
            "status, 100 executions": f"/workflows/batch/{batch_ids[0]}/status",
        }
        for what, path in paths.items():
            figures += await _read(api, what, path)
        p50 = await _alone(api, paths["status, 100 executions"])
        figures.append(Figure("Fanfold", "status, 100 executions, one client, p50", p50, "ms"))
    remark = (
        "The ratio is against the ancestor's figure from another two-core machine: it tells the order only."
    )
    yield Measurement("P5 status", PROMISE, figures, remark)


async def _read(api: Served, what: str, path: str) -> list[Figure]:
    text = await _wrk(api, path, connections=16)
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", text)[0])
    if bad := re.findall(r"Non-2xx or 3xx responses: (\d+)", text):
        message = f"{path}: {bad[0]} bad answers"
        raise RuntimeError(message)
    ancestor = ANCESTOR.get(what)
    return [Figure("Fanfold", what, rate, "requests/s", rate / ancestor if ancestor else None)]


async def _alone(api: Served, path: str) -> float:
    text = await _wrk(api, path, connections=1)
    value, unit = re.findall(r"50%\s+([\d.]+)(us|ms|s)", text)[0]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


async def _wrk(api: Served, path: str, *, connections: int) -> str:
    process = await asyncio.create_subprocess_exec(
        "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency",
        "-H", f"Authorization: Bearer {api.token}", api.url + path,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    return output.decode()
