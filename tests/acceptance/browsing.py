"""A running Fanfold and a real browser before it, for the tests that look at its screens.

`FANFOLD_SCREENSHOTS=1` also writes the pictures under docs/images.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from fanfold.client.connection import Connection

ROOT = Path(__file__).parents[2]
AXE = ROOT / "ui/node_modules/axe-core/axe.min.js"
IMAGES = ROOT / "docs/images"
TAKES_PICTURES = os.environ.get("FANFOLD_SCREENSHOTS") == "1"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}
SOON = 15_000
"""Milliseconds for an answer of the server."""
BATCH = 90_000
"""Milliseconds for a batch over twelve simulated instances."""


@dataclass(frozen=True, slots=True)
class Place:
    """A running Fanfold with its simulator."""

    connection: Connection
    link: str
    """Lets in once."""

    def api(self) -> httpx.AsyncClient:
        """Return a client of the HTTP API, as the admin."""
        headers = {"Authorization": f"Bearer {self.connection.token}"}
        return httpx.AsyncClient(base_url=self.connection.url, headers=headers)

    def simulator(self) -> httpx.AsyncClient:
        """Return a client of the simulator's controls."""
        return httpx.AsyncClient(base_url=self.connection.simulator_url or "")


@pytest_asyncio.fixture(scope="module")
async def place() -> AsyncIterator[Place]:
    """`fanfold up --demo`, as a user starts it."""
    # Not pytest's folder: the database runs as another user, to whom that one is closed.
    with tempfile.TemporaryDirectory(prefix="fanfold-browser-") as folder:
        async with _running_in(Path(folder)) as place:
            yield place


@asynccontextmanager
async def _running_in(folder: Path) -> AsyncIterator[Place]:
    command = [str(Path(sys.executable).with_name("fanfold")), "--data-dir", str(folder)]
    # Wide, so that the link stays on one line.
    environment = {**os.environ, "COLUMNS": "400"}
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            "up",
            "--demo",
            "--port",
            "0",
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            link = await asyncio.wait_for(_announced_link(process), timeout=90)
            connection = Connection.read(folder)
            assert connection is not None
            yield Place(connection, link)
        finally:
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), timeout=60) == 0


async def _announced_link(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        found = re.search(r"Sign in once with (http\S+)", line.decode())
        if found:
            return found.group(1)
    pytest.fail("fanfold up ended without a sign-in link")


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, headless."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("the browser test needs Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module")
async def signed_in(browser: Browser, place: Place) -> AsyncIterator[BrowserContext]:
    """A browser session, entered by the one-time link."""
    context = await browser.new_context(viewport=WIDE, accept_downloads=True, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(place.link)
    await expect(page.get_by_role("heading", name="Batches", exact=True)).to_be_visible(timeout=SOON)
    assert "code=" not in page.url
    await page.close()
    yield context
    await context.close()


@asynccontextmanager
async def quiet_page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page that must not log an error."""
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    try:
        yield page
    finally:
        await page.close()
    assert problems == []


async def assert_accessible(page: Page) -> None:
    """Fail on whatever axe finds, in the light and in the dark theme."""
    for scheme in ("light", "dark"):
        await wear(page, scheme)
        await page.evaluate(AXE.read_text())
        found: dict[str, Any] = await page.evaluate("axe.run()")
        violations = [
            f"{item['id']} ({scheme}): {node['html']}"
            for item in found["violations"]
            for node in item["nodes"]
        ]
        assert violations == []
    await wear(page, "light")


async def wear(page: Page, scheme: str) -> None:
    """Show the page in a theme."""
    await page.emulate_media(color_scheme=scheme)
    await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)


async def photograph(page: Page, name: str) -> None:
    """Write the page's pictures, when they are asked for."""
    if not TAKES_PICTURES:
        return
    IMAGES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=IMAGES / f"ui-{name}.png")
    await wear(page, "dark")
    await page.screenshot(path=IMAGES / f"ui-{name}-dark.png")
    await wear(page, "light")
    await page.set_viewport_size(NARROW)
    await page.screenshot(path=IMAGES / f"ui-{name}-narrow.png")
    await page.set_viewport_size(WIDE)


async def mend_instances(place: Place) -> None:
    """Take all faults away."""
    async with place.simulator() as simulator:
        (await simulator.delete("/_sim/faults")).raise_for_status()
