"""A workflow's page in a real browser: the pre-flight check, the check on instances, what is saved on AMC."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.acceptance.browsing import BATCH, SOON, Place, assert_accessible, photograph, quiet_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

SQL = """SELECT
    campaign,
    SUM(impressions) AS impressions
FROM dsp_impressions
WHERE impressions > 0
GROUP BY 1
ORDER BY 2 DESC"""


async def test_findings_lead_to_their_lines(place: Place, signed_in: BrowserContext) -> None:
    async with place.api() as api:
        body = {"key": "by-order", "name": "Campaigns, the largest first", "sql_query": SQL}
        made = (await api.post("/workflows", json=body)).raise_for_status().json()
        checked = (await api.post("/workflows/check", json={"sql_query": SQL})).json()
    first = next(finding for finding in checked["findings"] if finding["line"])
    async with quiet_page(signed_in) as page:
        await page.goto(f"{place.connection.url}/ui/workflows/{made['id']}")
        finding = page.get_by_role("list", name="Findings").get_by_role("listitem").first
        await expect(finding).to_contain_text(first["fix"], timeout=SOON)
        await assert_accessible(page)
        await photograph(page, "preflight")
        await finding.get_by_role("button").press("Enter")
        sql = page.get_by_label("The workflow's SQL")
        await expect(sql).to_be_focused()
        await expect(sql.locator("[data-current]")).to_have_attribute("data-line", str(first["line"]))


async def test_a_workflow_is_checked_on_instances_and_saved_on_amc(
    place: Place, signed_in: BrowserContext
) -> None:
    async with place.api() as api:
        copied = await api.post("/workflows/library/segment-overlap/copy", json={"key": "segments"})
        workflow_id = copied.raise_for_status().json()["id"]
    async with quiet_page(signed_in) as page:
        await page.goto(f"{place.connection.url}/ui/workflows/{workflow_id}")
        await expect(page.get_by_text("Nothing to say against this query.")).to_be_visible(timeout=SOON)
        await page.get_by_role("button", name="Choose all 12").click()
        await page.get_by_role("button", name="Check on instances").click()
        await expect(page.get_by_text("It cannot run on")).to_be_visible(timeout=SOON)
        await expect(page.get_by_text("There is no table audience_segments").first).to_be_visible()
        await assert_accessible(page)
        await _save_it(page)


async def _save_it(page: Page) -> None:
    await expect(page.get_by_text("Nowhere yet.")).to_be_visible()
    await page.get_by_role("button", name="Save on AMC").click()
    await expect(page.get_by_role("link", name="Watch it")).to_be_visible(timeout=SOON)
    rows = page.get_by_role("table", name="Saved on AMC").get_by_role("row")
    await expect(rows).to_have_count(13, timeout=SOON)
    await expect(rows.get_by_text("In step").first).to_be_visible(timeout=BATCH)
    await expect(rows.get_by_text("At work")).to_have_count(0, timeout=BATCH)
    await assert_accessible(page)
