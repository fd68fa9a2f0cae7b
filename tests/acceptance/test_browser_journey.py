"""The main job in a real browser: sign in, run, watch, retry what failed, read the one table, take it home.

`FANFOLD_SCREENSHOTS=1` also writes the pictures under docs/images.
"""

from __future__ import annotations

import asyncio
import csv
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

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


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


async def break_one_instance(place: Place) -> str:
    """Let AMC reject whatever is submitted to one instance; return the instance's name."""
    async with place.api() as api, place.simulator() as simulator:
        chosen = (await api.get("/instances", params={"limit": 1, "offset": 4})).json()["items"][0]
        faults = [
            {
                "kind": "reject",
                "instance_ids": [chosen["instance_id"]],
                "reason": "Object is not available here",
            },
        ]
        (await simulator.post("/_sim/faults", json=faults)).raise_for_status()
        return chosen["name"]


@pytest_asyncio.fixture(autouse=True)
async def mended(place: Place) -> AsyncIterator[None]:
    """No test inherits another's faults."""
    yield
    await mend_instances(place)


async def mend_instances(place: Place) -> None:
    """Take all faults away."""
    async with place.simulator() as simulator:
        (await simulator.delete("/_sim/faults")).raise_for_status()


async def test_a_batch_is_run_watched_repaired_and_taken_home(
    place: Place, signed_in: BrowserContext, tmp_path: Path
) -> None:
    broken = await break_one_instance(place)
    async with quiet_page(signed_in) as page:
        await _choose_workflow(page, place)
        await _fill_the_dialog(page, broken)
        await _watch_until_one_failed(page, broken)
        await mend_instances(place)
        await _retry_the_failed_one(page)
        await _read_the_results(page, tmp_path)


async def _choose_workflow(page: Page, place: Place) -> None:
    await page.goto(f"{place.connection.url}/ui/workflows")
    await page.get_by_role("link", name="Daily performance by ad product", exact=True).click()
    await expect(page.get_by_label("The workflow's SQL")).to_contain_text("FROM sponsored_ads_traffic")
    await expect(page.get_by_text("This workflow has not run yet.")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("link", name="Run on instances").click()
    await expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)


async def _fill_the_dialog(page: Page, broken: str) -> None:
    dialog = page.get_by_role("dialog")
    options = dialog.get_by_role("listbox", name="Instances")
    await dialog.get_by_role("searchbox", name="Search instances").fill(broken)
    await expect(options.get_by_role("option")).to_have_count(1)
    await options.press(" ")
    await expect(dialog.get_by_text("1 instance selected")).to_be_visible()
    await dialog.get_by_role("searchbox", name="Search instances").fill("")
    await dialog.get_by_role("button", name="Select all 12").click()
    await expect(dialog.get_by_text("12 instances selected")).to_be_visible()
    await assert_accessible(page)
    await photograph(page, "dialog")

    await dialog.get_by_role("button", name="Next").click()
    await dialog.get_by_label("Window", exact=True).select_option("EXPLICIT")
    await dialog.get_by_role("button", name="Review").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("2 things to put right")
    await dialog.get_by_role("button", name="startDate: Choose the first day.").click()
    await expect(dialog.get_by_label("First day")).to_be_focused()
    await dialog.get_by_label("Window", exact=True).select_option("PREVIOUS_MONTH")
    await assert_accessible(page)

    await dialog.get_by_role("button", name="Next").click()
    await assert_accessible(page)
    await dialog.get_by_role("button", name="Next").click()
    await expect(dialog.get_by_text("12 instances will run")).to_be_visible(timeout=SOON)
    await dialog.get_by_label("Name of the batch").fill("Ad products of the last month")
    await expect(dialog.get_by_role("button", name="Run on 12 instances")).to_be_enabled(timeout=SOON)
    await assert_accessible(page)
    await dialog.get_by_role("button", name="Run on 12 instances").click()
    await page.wait_for_url("**/ui/batches/batch_*", timeout=SOON)


async def _watch_until_one_failed(page: Page, broken: str) -> None:
    await expect(page.get_by_role("heading", name="Ad products of the last month")).to_be_visible(
        timeout=SOON
    )
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("button", name=re.compile(r"^[1-9]\d* Completed"))).to_be_visible(
        timeout=BATCH
    )
    await assert_accessible(page)
    await photograph(page, "live")
    await expect(page.get_by_text("Partial", exact=True)).to_be_visible(timeout=BATCH)
    await expect(page.get_by_role("button", name="11 Completed", exact=True)).to_be_visible()
    await assert_accessible(page)

    await page.get_by_role("button", name="1 Failed", exact=True).click()
    failed = page.get_by_role("listitem").filter(has_text=broken)
    await expect(page.get_by_role("list").get_by_role("link")).to_have_count(1)
    await failed.get_by_role("link").click()
    drawer = page.get_by_role("dialog")
    await expect(drawer).to_contain_text("Object is not available here")
    await expect(drawer).to_contain_text("Attempt 1")
    assert "/operations/" in page.url
    await assert_accessible(page)
    await page.keyboard.press("Escape")
    await expect(drawer).to_have_count(0)


async def _retry_the_failed_one(page: Page) -> None:
    await page.get_by_role("button", name="1 Failed", exact=True).click()
    await page.get_by_role("button", name="Retry 1 failed").click()
    await expect(page.get_by_role("button", name="12 Completed", exact=True)).to_be_visible(timeout=BATCH)
    await expect(page).to_have_title(re.compile("^Completed: "), timeout=SOON)
    await expect(page.get_by_role("button", name="Retry 1 failed")).to_have_count(0)


async def _read_the_results(page: Page, folder: Path) -> None:
    await page.get_by_role("link", name="Results", exact=True).click()
    grid = page.get_by_role("grid")
    await expect(grid).to_be_visible(timeout=SOON)
    total = int(await grid.get_attribute("aria-rowcount") or 0) - 1
    assert total > 12
    await expect(grid.get_by_role("gridcell").first).not_to_be_empty()
    await photograph(page, "results")
    await assert_accessible(page)

    await page.get_by_label("Row number").fill(str(total))
    await page.get_by_role("button", name="Go", exact=True).click()
    await expect(grid.get_by_role("rowheader", name=f"{total:,}", exact=True)).to_be_visible(timeout=SOON)
    await grid.get_by_role("button", name="_instance_name", exact=True).click()
    await expect(grid.get_by_role("columnheader", name="_instance_name")).to_have_attribute(
        "aria-sort", "ascending"
    )

    async with page.expect_download(timeout=SOON) as started:
        await page.get_by_role("link", name="Export CSV").click()
    path = folder / "result.csv"
    await (await started.value).save_as(path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == total
    assert len({row["_instance_name"] for row in rows}) == 12

    await page.get_by_role("tab", name="Instances (12)").click()
    await expect(page.get_by_role("table").get_by_role("row")).to_have_count(13)
    await assert_accessible(page)
    await page.get_by_role("tab", name="Raw JSON").click()
    await expect(page.get_by_label("Raw JSON").last).to_contain_text('"instance_results"')
    await assert_accessible(page)


@pytest.mark.usefixtures("signed_in")
async def test_a_used_link_says_so_and_leads_to_the_password(browser: Browser, place: Place) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(place.link)
    await expect(page.get_by_role("alert")).to_contain_text("This link does not work", timeout=SOON)
    await assert_accessible(page)
    await page.get_by_role("link", name="Sign in with a password instead").click()
    await page.get_by_label("User name").fill("admin")
    await page.locator("input[name=password]").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible(timeout=SOON)
    await expect(page.get_by_label("User name")).to_have_value("admin")
    await assert_accessible(page)
    await context.close()


async def test_a_cut_stream_is_said_and_polling_takes_over_until_it_is_back(
    place: Place, signed_in: BrowserContext
) -> None:
    async with place.simulator() as simulator, place.api() as api:
        (await simulator.post("/_sim/faults", json=[{"kind": "slow", "factor": 30}])).raise_for_status()
        instances = (await api.get("/instances", params={"limit": 2})).json()["items"]
        body = {
            "instance_ids": [item["id"] for item in instances],
            "parameters": {},
            "name": "Time to purchase, two instances",
        }
        answer = (await api.post("/workflows/time-to-purchase/batch-execute", json=body)).raise_for_status()
        batch_id = answer.json()["batch"]["batch_id"]
    page = await signed_in.new_page()
    await page.route("**/events", lambda route: route.abort())
    await page.goto(f"{place.connection.url}/ui/batches/{batch_id}")
    await expect(page.get_by_text("The live stream is cut.")).to_be_visible(timeout=SOON)
    async with page.expect_response(
        lambda answer: answer.url.endswith(f"/batch/jobs/{batch_id}"), timeout=SOON
    ):
        await assert_accessible(page)
    await page.unroute("**/events")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SOON + 10_000)
    await expect(page.get_by_text("The live stream is cut.")).to_have_count(0)

    await page.get_by_role("button", name="Cancel", exact=True).click()
    await assert_accessible(page)
    await page.get_by_role("button", name=re.compile("^Cancel 2 operations")).click()
    await expect(page).to_have_title(re.compile("^Cancelled: "), timeout=BATCH)
    await page.close()


async def test_the_list_of_batches_filters_on_the_server_and_names_what_emptied_it(
    place: Place, signed_in: BrowserContext
) -> None:
    async with quiet_page(signed_in) as page:
        await page.goto(f"{place.connection.url}/ui/")
        await expect(page.get_by_role("heading", name="Batches", exact=True)).to_be_visible(timeout=SOON)
        await assert_accessible(page)
        await photograph(page, "batches")
        await page.get_by_role("searchbox", name="Search batches by name").fill("no such batch")
        await expect(page.get_by_text("Nothing fits the text “no such batch”.")).to_be_visible(timeout=SOON)
        await assert_accessible(page)
        await page.get_by_role("button", name="Clear filters").click()
        await expect(page.get_by_text("Nothing fits")).to_have_count(0)
        await page.goto(f"{place.connection.url}/ui/no/such/page")
        await expect(page.get_by_text("There is no such page")).to_be_visible(timeout=SOON)
        await assert_accessible(page)
