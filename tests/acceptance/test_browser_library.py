"""The workflow library in a real browser: found, read, added, and run over instances."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.acceptance.browsing import SOON, Place, assert_accessible, photograph, quiet_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


async def test_a_library_workflow_is_found_added_and_run(place: Place, signed_in: BrowserContext) -> None:
    async with quiet_page(signed_in) as page:
        await _find_it(page, place)
        await _add_it(page)
        await page.get_by_role("link", name="Run over instances").click()
        dialog = page.get_by_role("dialog", name="Run “Frequency and purchase rate”")
        await expect(dialog.get_by_role("button", name="Select all 12")).to_be_visible(timeout=SOON)
        await assert_accessible(page)


async def _find_it(page: Page, place: Place) -> None:
    await page.goto(f"{place.connection.url}/ui/library")
    await expect(page.get_by_text("71 workflows")).to_be_visible(timeout=SOON)
    await assert_accessible(page)
    await photograph(page, "library")
    await page.get_by_role("button", name="Reach and frequency").click()
    await expect(page.get_by_role("heading", level=2)).to_have_text(["Reach and frequency"], timeout=SOON)
    await page.get_by_role("searchbox", name="Search the library").fill("no such words")
    await expect(
        page.get_by_text("Nothing fits the text “no such words” and the theme Reach and frequency.")
    ).to_be_visible(timeout=SOON)
    await assert_accessible(page)
    await page.get_by_role("button", name="Clear filters").click()
    await page.get_by_role("searchbox", name="Search the library").fill("frequency purchase rate")
    await expect(page.get_by_text("1 workflow", exact=True)).to_be_visible(timeout=SOON)
    await page.get_by_role("link", name="Frequency and purchase rate").press("Enter")


async def _add_it(page: Page) -> None:
    returned = page.get_by_role("region", name="What it returns")
    await expect(returned.get_by_role("listitem")).to_have_text(
        ["campaign", "frequency", "reach", "buyers", "purchase_rate", "purchases", "sales"], timeout=SOON
    )
    await expect(page.get_by_label("The workflow's SQL")).to_contain_text("LEFT JOIN buyers")
    await assert_accessible(page)
    await photograph(page, "library-workflow")
    await page.get_by_role("button", name="Add to my workflows").click()
    own = page.get_by_role("link", name="Frequency and purchase rate frequency-and-purchase-rate")
    await expect(own).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("button", name="Add to my workflows")).to_have_count(0)
    await assert_accessible(page)
