"""Chaos tests end with figures; the summary prints them as one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.figures import Figures, table
from tests.chaos.stage import Remote, remote, stage

_PROVEN: list[Figures] = []


@pytest.fixture
def prove(request: pytest.FixtureRequest) -> Callable[[Figures], None]:
    """Take the figures of a run into the summary, and insist that every promise was kept."""
    plugins = request.config.pluginmanager
    terminal, capture = plugins.getplugin("terminalreporter"), plugins.getplugin("capturemanager")
    is_long = request.node.get_closest_marker("long") is not None

    def check(found: Figures) -> None:
        _PROVEN.append(found)
        if is_long and terminal is not None and capture is not None:
            # The long form takes its time; whoever waits sees how far it has come.
            with capture.global_and_fixture_disabled():
                terminal.ensure_newline()
                terminal.write_line(table([found]).splitlines()[-1], flush=True)
        assert [str(finding) for finding in found.findings] == []
        assert (found.lost, found.duplicated, found.over_limit) == (0, 0, 0), found

    return check


@pytest.fixture(scope="package")
def amc() -> Iterator[Remote]:
    """One simulator, quick and small of data; batches are told apart by their workflows."""
    with remote() as running:
        yield running


@pytest_asyncio.fixture
async def scene(clean_url: str, tmp_path: Path, amc: Remote):
    """A stage on the session's database, with a simulator that does no wrong."""
    amc.clear()
    async with stage(clean_url, tmp_path, amc) as set_stage:
        yield set_stage
    amc.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures."""
    if _PROVEN:
        terminalreporter.section("chaos")
        terminalreporter.write_line(table(_PROVEN))
