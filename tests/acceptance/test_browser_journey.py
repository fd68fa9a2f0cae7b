"""The main job in a real browser: sign in, run, watch, retry what failed, read the table, take it home."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.acceptance.browsing import (
    BATCH,
    SOON,
    Place,
    assert_accessible,
    mend_instances,
    photograph,
    quiet_page,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


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
        await _group_and_draw_them(page)


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


async def _group_and_draw_them(page: Page) -> None:
    await page.get_by_role("tab", name="Groups").click()
    await page.get_by_label("Group by").select_option("_instance_name")
    groups = page.get_by_role("table", name="Groups").get_by_role("row")
    await expect(groups).to_have_count(13, timeout=SOON)
    await assert_accessible(page)
    await page.get_by_role("tab", name="Chart").click()
    await expect(page.get_by_role("img", name=re.compile("12 points")).locator("canvas")).to_be_visible(
        timeout=SOON
    )
    await assert_accessible(page)
    await photograph(page, "chart")


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
