"""The command `amcsim`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence

from amcsim import __version__
from amcsim.app import create_app
from amcsim.config import SimulatorConfig
from amcsim.flags import add_flags, config_of, option_tables
from amcsim.scenarios.library import load_scenario, shipped
from amcsim.server import Server, build_server, listen, serve, url_of

_PARENT_CHECK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    match chosen.command:
        case "options":
            return _print_options()
        case "scenarios":
            return _print_scenarios()
        case _:
            return _serve(chosen)


def _serve(chosen: argparse.Namespace) -> int:
    try:
        config = config_of(vars(chosen), os.environ)
        if config.scenario is not None:
            load_scenario(config.scenario)
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
    parser = argparse.ArgumentParser(prog="amcsim", description="A local Amazon Marketing Cloud.")
    parser.add_argument("--version", action="version", version=f"amcsim {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")
    serve_parser = commands.add_parser(
        "serve",
        help="run the simulator",
        epilog="Every option is also a variable: --compile-mode is AMCSIM_COMPILE_MODE. Flags win.",
    )
    add = serve_parser.add_argument
    add("--host", default="127.0.0.1", help="where it listens (default %(default)s)")
    add("--port", type=int, default=8765, help="0 picks a free one (default %(default)s)")
    add("--json", action="store_true", help='print one line {"url", "pid"} when ready')
    add("--exit-with-parent", action="store_true", help="stop when the process that started it is gone")
    add_flags(serve_parser)
    commands.add_parser("options", help="print every option with its default and why, as Markdown")
    commands.add_parser("scenarios", help="list the scenarios that are shipped")
    return parser


def _print_options() -> int:
    return _print("\n\n".join(option_tables().values()))


def _print_scenarios() -> int:
    return _print("\n".join(f"{scenario.name:18} {scenario.description}" for scenario in shipped()))


def _print(text: str) -> int:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads a part of it, as `head` does, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
