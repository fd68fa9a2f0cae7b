"""The command `amcsim`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from amcsim import __version__
from amcsim.app import create_app
from amcsim.config import SimulatorConfig
from amcsim.server import Server, build_server, listen, serve, url_of

_PARENT_CHECK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        config = _config(chosen)
        listener = listen(chosen.host, chosen.port)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"amcsim: {error}\n")
        return 2
    url = url_of(listener)

    def announce() -> None:
        ready = json.dumps({"url": url, "pid": os.getpid()}) if chosen.json else _welcome(url, config)
        sys.stdout.write(ready + "\n")
        sys.stdout.flush()

    server = build_server(create_app(config), on_ready=announce)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        watcher = asyncio.create_task(_watch_parent(server)) if chosen.exit_with_parent else None
        await serve(server, listener)
        if watcher is not None:
            watcher.cancel()

    asyncio.run(run())
    return 0


async def _watch_parent(server: Server) -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 -- nothing portable tells that a parent is gone
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
    server.stop()


def _welcome(url: str, config: SimulatorConfig) -> str:
    return (
        f"AMC simulator {__version__} ready at {url} ({config.instances} instances, seed {config.seed})\n"
        f"  status page   {url}/_sim/\n"
        f"  credentials   {url}/_sim/instances\n"
        "Ctrl-C stops it."
    )


def _parser() -> argparse.ArgumentParser:
    defaults = SimulatorConfig()
    parser = argparse.ArgumentParser(prog="amcsim", description="A local Amazon Marketing Cloud.")
    parser.add_argument("--version", action="version", version=f"amcsim {__version__}")
    serve_parser = parser.add_subparsers(required=True, metavar="command").add_parser(
        "serve", help="run the simulator"
    )
    add = serve_parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8765, help="0 picks a free one (default %(default)s)")
    add("--instances", type=int, default=defaults.instances, help="how many (default %(default)s)")
    add("--seed", type=int, default=defaults.seed, help="same seed, same data (default %(default)s)")
    add("--speed", type=float, default=defaults.speed, help="divides run times (default %(default)s)")
    add(
        "--execution-seconds",
        type=float,
        default=defaults.execution_seconds,
        help="a usual run (default %(default)s)",
    )
    add(
        "--events",
        type=int,
        default=defaults.events_per_instance,
        help="events per instance (default %(default)s)",
    )
    add("--data-until", type=date.fromisoformat, help="first day without data (default: today)")
    add("--data-folder", type=Path, help="keep generated events here between runs")
    add("--rows-per-file", type=int, help="split results into files of so many rows, five at most")
    add("--compile-mode", choices=("async", "sync"), default=defaults.compile_mode)
    add("--wrapped", action="store_true", help="wrap single items as the published specification does")
    add(
        "--strict-sandbox", action="store_true", help="reject sandbox executions without requireSyntheticData"
    )
    add("--accept-any", action="store_true", help="accept any client and refresh token")
    add("--json", action="store_true", help='print one line {"url", "pid"} when ready')
    add("--exit-with-parent", action="store_true", help="stop when the process that started it is gone")
    return parser


def _config(chosen: argparse.Namespace) -> SimulatorConfig:
    return SimulatorConfig(
        instances=chosen.instances,
        seed=chosen.seed,
        speed=chosen.speed,
        execution_seconds=chosen.execution_seconds,
        events_per_instance=chosen.events,
        data_until=chosen.data_until,
        data_folder=chosen.data_folder,
        rows_per_file=chosen.rows_per_file,
        compile_mode=chosen.compile_mode,
        wrapped_bodies=chosen.wrapped,
        strict_sandbox=chosen.strict_sandbox,
        accept_any_login=chosen.accept_any,
    )
