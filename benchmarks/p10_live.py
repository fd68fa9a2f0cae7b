"""P10: from a change in the database to the message in the browser, by server-sent events over real HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import psutil

from benchmarks.figures import Figure, Measurement, middle, percentile, ratios
from benchmarks.form import Form
from benchmarks.peers.bare_stream import CHANNEL
from benchmarks.peers.viewers import TOKEN
from benchmarks.race import LONGEST
from benchmarks.server import Served, served
from benchmarks.stage import Crew, Stage, joined

PROMISE = "p95 < 300 ms for a change after silence; 500 viewers of one batch < 25 % of a core"
FIRST, STEADY = "a change after silence", "a change under steady load"
SILENCE_MS = 2_200
"""Between two changes: a message may follow the one before after a second, and a claim follows each end."""
STEADY_MS, STEADY_AT_ONCE = 50, 2
POLLS = (2.0, 10.0)
"""How often the seeds' browsers ask, in seconds."""
NOTIFY_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Show:
    """A batch to look at: how many changes, how far apart, and how many viewers."""

    what: str
    viewers: int
    changes: int
    wait_ms: int
    at_once: int

    @property
    def title(self) -> str:
        """What is shown, to how many."""
        return f"{self.what}, {self.viewers} viewer{'s' if self.viewers > 1 else ''}"

    def figures(self, who: str, late: list[float]) -> list[Figure]:
        """Return p50 and p95, which are given in seconds."""
        return [
            Figure(who, f"{self.title}, {share}", value * 1000, "ms")
            for share, value in zip(("p50", "p95"), late, strict=True)
        ]


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Show each batch to one viewer and to many, polling beside the one; then the bare stream."""
    crowd = form.of(full=500, short=500, trial=20)
    silent = form.of(full=20, short=8, trial=3)
    steady = form.of(full=600, short=200, trial=60)
    figures: list[Figure] = []
    async with served("--no-worker") as api, joined(api.database_url) as here:
        for viewers in (1, crowd):
            first = Show(FIRST, viewers, silent, SILENCE_MS, 1)
            figures += await _ours(api, here, show=first)
            figures += await _bare(here, first)
            figures += await _ours(api, here, show=Show(STEADY, viewers, steady, STEADY_MS, STEADY_AT_ONCE))
    remark = (
        "A change is the end of an operation; its time is the one that the message itself tells, the start "
        "of the transaction that ended it, so that the commit is in the figure. By design a stream says at "
        "most one thing a second: a change after silence is told at once, and under steady load (about 40 "
        f"changes a second) one waits half a second on average. All {crowd} viewers are one process on the "
        "same machine. The bare stream sends each NOTIFY as it comes: no access rules, no reading."
    )
    yield Measurement("P10 live", PROMISE, ratios(figures, us="Fanfold", more_is_better=False), remark)


async def _ours(api: Served, here: Stage, *, show: Show) -> list[Figure]:
    parameters = {"wait_ms": show.wait_ms}
    batch = await here.submit(show.changes, max_parallel=show.at_once, parameters=parameters)
    path = f"/batch/jobs/{batch.batch_id}"
    worker = await Crew.ready("benchmarks.peers.ours", here.url, "10", str(here.folder / "results"))
    viewers = await _viewers(api.url, f"{path}/events", count=show.viewers, token=api.token)
    asked = show.what == FIRST and show.viewers == 1
    try:
        before, start = _processor(api), time.perf_counter()
        worker.go()
        async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as tasks:
            pollers = [tasks.create_task(_poll(api, path, every=every)) for every in POLLS if asked]
            said = json.loads(await viewers.line())
        share = (_processor(api) - before) / (time.perf_counter() - start) * 100
    finally:
        await viewers.dismiss()
        await worker.dismiss()
    if said["count"] != show.changes * show.viewers:
        raise RuntimeError(f"{said['count']} changes were seen, not {show.changes} by {show.viewers}")
    figures = show.figures("Fanfold", [said["p50"], said["p95"]])
    for every, poller in zip(POLLS, pollers, strict=False):
        late = poller.result()
        figures += show.figures(f"polling every {every:g} s", [middle(late), percentile(late, 0.95)])
    return [*figures, Figure("Fanfold", f"{show.title}: API process", share, "% of a core")]


async def _poll(api: Served, path: str, *, every: float) -> list[float]:
    """Ask as the seeds' browsers do, until all has ended; return how late each change was seen."""
    late: dict[str, float] = {}
    ended = False
    while not ended:
        operations = (await api.client.get(f"{path}/operations?limit=200")).json()["items"]
        now = time.time()
        for each in operations:
            if each["finished_at"] and each["id"] not in late:
                late[each["id"]] = now - datetime.fromisoformat(each["finished_at"]).timestamp()
        ended = len(late) == len(operations)
        await asyncio.sleep(0 if ended else every)
    return list(late.values())


async def _bare(here: Stage, show: Show) -> list[Figure]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tower = await Crew.ready("benchmarks.peers.bare_stream", here.url, str(port))
    viewers = await _viewers(f"http://127.0.0.1:{port}", "/", count=show.viewers, token="")
    try:
        for _ in range(show.changes):
            await here.admin.execute("select pg_notify($1, $2)", CHANNEL, str(time.time()))
            await asyncio.sleep(NOTIFY_EVERY)
        await here.admin.execute("select pg_notify($1, 'end')", CHANNEL)
        said = json.loads(await viewers.line())
    finally:
        await viewers.dismiss()
        await tower.dismiss()
    return show.figures("bare NOTIFY to SSE (limit)", [said["p50"], said["p95"]])


async def _viewers(url: str, path: str, *, count: int, token: str) -> Crew:
    place = urlsplit(url)
    arguments = [str(place.hostname), str(place.port), path, str(count)]
    return await Crew.ready("benchmarks.peers.viewers", *arguments, environment={TOKEN: token})


def _processor(api: Served) -> float:
    return sum(psutil.Process(api.pid).cpu_times()[:2])
