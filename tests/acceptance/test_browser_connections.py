"""Connections in a real browser: checked step by step, and what they reach found and brought in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from tests.acceptance.browsing import (
    SOON,
    Place,
    assert_accessible,
    mend_instances,
    photograph,
    quiet_page,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest_asyncio.fixture(autouse=True)
async def mended(place: Place) -> AsyncIterator[None]:
    """No test inherits another's faults."""
    yield
    await mend_instances(place)


async def test_a_failing_step_is_named_and_a_check_after_the_repair_is_green(
    place: Place, signed_in: BrowserContext
) -> None:
    async with place.simulator() as simulator:
        fault = {"kind": "http_error", "status": 403, "details": "Not yours", "operations": ["listAccounts"]}
        (await simulator.post("/_sim/faults", json=[fault])).raise_for_status()
    async with quiet_page(signed_in) as page:
        await page.goto(f"{place.connection.url}/ui/connections")
        await expect(page.get_by_role("table", name="Connections").get_by_role("row")).to_have_count(
            4, timeout=SOON
        )
        await assert_accessible(page)
        await page.get_by_role("link", name="AMC simulator (eu)").click()
        await page.get_by_role("button", name="Check now").click()
        steps = page.get_by_role("list", name="Steps of the check")
        await expect(steps.get_by_role("img", name="Fails")).to_have_count(1, timeout=SOON)
        await expect(page.get_by_text("at “List the accounts”")).to_be_visible()
        await expect(steps.get_by_text("Not yours")).to_be_visible()
        await assert_accessible(page)
        await mend_instances(place)
        await page.get_by_role("button", name="Check now").press("Enter")
        await expect(page.get_by_text("6 of 6 work")).to_be_visible(timeout=SOON)
        await expect(steps.get_by_role("img", name="Fails")).to_have_count(0)
        await photograph(page, "connection")


async def test_instances_are_found_chosen_and_imported_with_a_tag(
    place: Place, signed_in: BrowserContext
) -> None:
    async with quiet_page(signed_in) as page:
        await page.goto(f"{place.connection.url}/ui/connections")
        await page.get_by_role("link", name="AMC simulator (eu)").click()
        await page.get_by_role("button", name="Find instances").click()
        found = page.get_by_role("table", name="Discovered instances")
        await expect(found.get_by_role("row")).to_have_count(13, timeout=SOON)
        await expect(page.get_by_role("list", name="Accounts").get_by_text("Listed")).to_have_count(4)
        await assert_accessible(page)
        await photograph(page, "discovery")
        await page.get_by_role("combobox", name="Tags to give").fill("agency")
        await page.keyboard.press("Enter")
        await expect(found.get_by_text("+ agency").first).to_be_visible(timeout=SOON)
        await page.get_by_role("searchbox", name="Search instances").fill("alpenglow")
        await expect(found.get_by_role("row")).to_have_count(4, timeout=SOON)
        await page.get_by_role("button", name="Select all 3 matching").click()
        await page.get_by_role("button", name="Import 3 instances").click()
        await expect(page.get_by_text("Imported: 0 added, 3 changed, 0 left alone")).to_be_visible(
            timeout=SOON
        )
        await expect(found.get_by_text("In step")).to_have_count(3, timeout=SOON)
        await assert_accessible(page)
    assert await _instances_tagged(place, "agency") == 3


async def _instances_tagged(place: Place, tag: str) -> int:
    async with place.api() as api:
        return (await api.get("/instances", params={"tag": tag})).json()["total"]
