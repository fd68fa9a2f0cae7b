"""The whole application for tests that ask for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tests.api.full_app import Site, SiteKind, open_site


@pytest_asyncio.fixture
async def site(clean_url: str) -> AsyncIterator[Site]:
    """The application over an empty database, with its users ada and mallory."""
    async with open_site(clean_url, SiteKind(), unfinished_batches=100) as site:
        yield site


@pytest_asyncio.fixture
async def as_ada(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's client."""
    async with site.client(site.ada) as client:
        yield client


@pytest_asyncio.fixture
async def as_mallory(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The client of somebody who must see nothing of ada's."""
    async with site.client(site.mallory) as client:
        yield client
