"""The local web server that kinds and connectors are tried against."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.conformance.web import Web, running_web


@pytest_asyncio.fixture
async def web() -> AsyncIterator[Web]:
    """A server of this test's own."""
    async with running_web() as server:
        yield server
