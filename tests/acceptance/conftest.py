"""One `fanfold up --demo` for all tests that only use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.browsing import browser, place, signed_in
from tests.acceptance.running import Running, up

__all__ = ["browser", "fanfold", "healthy", "place", "signed_in"]


@pytest.fixture(scope="session")
def fanfold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running Fanfold with the simulator; a dead worker is noticed within seconds."""
    folder = tmp_path_factory.mktemp("shared") / "data"
    with up(folder, "--demo", FANFOLD_LEASE_SECONDS="3", FANFOLD_SUBMISSIONS_PER_MINUTE="1000") as running:
        yield running


@pytest.fixture
def healthy(fanfold: Running) -> Running:
    """The same, with no fault set in the simulator."""
    with fanfold.simulator() as simulator:
        simulator.delete("/_sim/faults").raise_for_status()
    return fanfold
