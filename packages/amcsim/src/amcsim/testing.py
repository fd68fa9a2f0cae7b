"""A real simulator on a free port, in a thread of its own, for tests of clients."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from amcsim.app import create_app
from amcsim.clock import Clock
from amcsim.config import SimulatorConfig
from amcsim.server import build_server, listen, serve, url_of
from amcsim.simulation import Simulation

_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """Where it listens, and its inside; touch the inside only through HTTP unless nothing is running."""

    url: str
    simulation: Simulation


@contextmanager
def running_simulator(
    config: SimulatorConfig | None = None, *, clock: Clock | None = None
) -> Generator[RunningSimulator]:
    """Run a simulator for the length of a `with` block.

    ```python
    with running_simulator(SimulatorConfig(speed=100)) as simulator:
        httpx.get(f"{simulator.url}/_sim/instances")
    ```
    """
    ready = threading.Event()
    app = create_app(config, clock=clock)
    server = build_server(app, on_ready=ready.set)
    listener = listen("127.0.0.1", 0)
    url = url_of(listener)
    thread = threading.Thread(target=lambda: asyncio.run(serve(server, listener)), name="amcsim", daemon=True)
    thread.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise TimeoutError(f"the simulator did not start within {_START_SECONDS} s")
        yield RunningSimulator(url=url, simulation=app.state.simulation)
    finally:
        server.stop()
        thread.join(_START_SECONDS)
