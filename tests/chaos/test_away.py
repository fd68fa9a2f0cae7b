"""The database is away for a minute, a line is dead for half of one, a cable is pulled: the long outages."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.acceptance.running import Running, up
from tests.chaos.figures import figures
from tests.chaos.proxy import before_database, before_host, database_url, pause, proxied
from tests.chaos.stage import Remote, stage
from tests.chaos.test_network import Net, net

__all__ = ["net"]

pytestmark = pytest.mark.long

AWAY_SECONDS = 60
_IP = shutil.which("ip")
DEAD_SECONDS = 35
"""Longer than the 30 seconds for which the AMC client waits for an answer."""


async def test_a_database_that_is_away_for_a_minute_is_waited_for(net: Net, tmp_path: Path, prove):
    settings = {"FANFOLD_DATABASE_URL": net.url, "FANFOLD_AMC_SIMULATOR_URL": net.scene.remote.url}
    async with api(tmp_path / "api", **settings) as running:
        batch = await net.scene.submit(200)
        net.worker()
        await net.scene.until(batch, "completed_count >= 20")
        headers = {"Authorization": f"Bearer {running.ready['token']}"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=30) as http:
            assert (await http.get("/batch/jobs")).status_code == 200
            net.database.cut()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(pause(AWAY_SECONDS))
                tasks.create_task(refused(http))
            net.database.open()
            row = await net.scene.until(batch)
            assert (await http.get("/batch/jobs")).status_code == 200
    assert row["completed_count"] == 200
    prove(await figures(net.scene, batch, f"network, database away for {AWAY_SECONDS} s"))


@asynccontextmanager
async def api(folder: Path, **settings: str) -> AsyncIterator[Running]:
    """Run an API; started beside this loop, for the proxy that it needs lives here."""
    started = up(folder, "--no-worker", **settings)
    running = await asyncio.to_thread(started.__enter__)
    try:
        yield running
    finally:
        await asyncio.to_thread(started.__exit__, None, None, None)


async def refused(http: httpx.AsyncClient) -> None:
    """Ask all the minute long: every answer is a 503 that says when to come again."""
    for _ in range(AWAY_SECONDS // 5 - 1):
        answer = await http.get("/batch/jobs")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_away"), answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert (await http.get("/health/live")).status_code == 200
        await pause(4)


async def test_amc_that_takes_what_is_sent_and_says_nothing_is_asked_again(net: Net, prove):
    batch = await net.scene.submit(40)
    net.worker()
    await net.scene.until(batch, "completed_count >= 10")
    net.amc.hold()
    await pause(DEAD_SECONDS)
    net.amc.open()
    row = await net.scene.until(batch)
    assert row["completed_count"] == 40
    prove(await figures(net.scene, batch, f"network, AMC silent for {DEAD_SECONDS} s"))


@dataclass(frozen=True, slots=True)
class Cable:
    """Two ends of a network of our own; the worker lives at the far one."""

    namespace: str
    link: str
    here: str

    def pull(self) -> None:
        """Let every packet vanish, both ways, and tell nobody."""
        _ip("link", "set", self.link, "down")

    def plug(self) -> None:
        """Let packets pass again."""
        _ip("link", "set", self.link, "up")


def _ip(*words: str) -> None:
    subprocess.run([_IP or "ip", *words], check=True, capture_output=True)


@contextmanager
def cable() -> Iterator[Cable]:
    """Lay a cable into a network namespace. Skips where the machine does not allow that."""
    name, number = f"ff{os.getpid()}", os.getpid() % 250
    here, there = f"10.213.{number}.1", f"10.213.{number}.2"
    if _IP is None:
        pytest.skip("this machine has no command `ip`")
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this machine allows no network namespaces: {error.stderr.decode().strip()}")
    try:
        _ip("link", "add", f"{name}h", "type", "veth", "peer", "name", f"{name}n", "netns", name)
        _ip("addr", "add", f"{here}/24", "dev", f"{name}h")
        _ip("link", "set", f"{name}h", "up")
        for words in (
            ("addr", "add", f"{there}/24", "dev", f"{name}n"),
            ("link", "set", f"{name}n", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", name, *words)
        yield Cable(name, f"{name}h", here)
    finally:
        _ip("netns", "delete", name)


@pytest_asyncio.fixture
async def far(clean_url: str, tmp_path: Path, amc: Remote) -> AsyncIterator[tuple[Net, Cable]]:
    """A stage whose worker reaches database and AMC by a cable alone."""
    amc.clear()
    async with AsyncExitStack() as stack:
        laid = stack.enter_context(cable())
        database, host = before_database(clean_url), before_host(amc.url)
        port = await stack.enter_async_context(proxied(database, host=laid.here))
        amc_port = await stack.enter_async_context(proxied(host, host=laid.here))
        amc_url = f"http://{laid.here}:{amc_port}"
        scene = await stack.enter_async_context(stage(clean_url, tmp_path, amc, amc_url=amc_url))
        yield Net(scene, database, host, database_url(clean_url, port, host=laid.here)), laid


async def test_a_worker_whose_cable_is_pulled_for_longer_than_its_lease_changes_nothing_later(far, prove):
    net, laid = far
    batch = await net.scene.submit(40)
    late = net.scene.worker(url=net.url, within=("ip", "netns", "exec", laid.namespace))
    await net.scene.until(batch, "completed_count >= 5")
    laid.pull()
    net.scene.worker()
    row = await net.scene.until(batch)
    assert row["completed_count"] == 40
    before = await net.scene.everything()
    laid.plug()
    late.signal(signal.SIGTERM)
    assert await late.changed() == 0, late.log.read_text()[-2000:]
    assert await net.scene.everything() == before
    prove(await figures(net.scene, batch, "network, cable pulled beyond the lease"))
