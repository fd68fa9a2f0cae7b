"""One call of the command line: its global flags, its settings, and the way to the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from fanfold import __version__
from fanfold.cli.output import Output
from fanfold.client.asynchronous import AsyncClient
from fanfold.settings import DEFAULT_DIR, Settings
from fanfold.telemetry.sentry import configure_sentry

T = TypeVar("T")

SWITCHES = frozenset({"--json"})
OPTIONS = frozenset({"--url", "--token", "--data-dir"})


@dataclass(frozen=True, slots=True)
class Invocation:
    """What every command is given as its context's object."""

    settings: Settings
    output: Output
    url: str | None = None
    token: str | None = None

    def ask(self, work: Callable[[AsyncClient], Awaitable[T]]) -> T:
        """Run *work* with a client of the server that the flags, the environment or the data folder name."""

        async def with_client() -> T:
            async with AsyncClient(self.url, self.token, settings=self.settings) as client:
                return await work(client)

        return asyncio.run(with_client())

    def report_errors(self) -> None:
        """Send unexpected errors of this process to Sentry, where a DSN is set."""
        dsn = self.settings.telemetry.sentry_dsn
        if dsn is not None:
            configure_sentry(dsn.get_secret_value(), release=__version__)

    def data_dir(self, default: Path) -> Path:
        """Return the data folder, *default* when none was chosen."""
        chosen = self.settings.data_dir
        return default if chosen == DEFAULT_DIR else chosen


def invocation(context: typer.Context) -> Invocation:
    """Return the call that *context* belongs to."""
    return context.ensure_object(Invocation)


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Return *arguments* with the global flags first, so that they may stand anywhere."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            rest += ["--", *waiting]
        elif argument in SWITCHES or (name in OPTIONS and equals):
            front.append(argument)
        elif argument in OPTIONS:
            front += [argument, *_next(waiting)]
        else:
            rest.append(argument)
    return front + rest


def command_of(arguments: Sequence[str]) -> str | None:
    """Return the first word of *arguments*, which are hoisted, that is not a global flag."""
    waiting = iter(arguments)
    for argument in waiting:
        if argument in OPTIONS:
            next(waiting, None)
        elif not argument.startswith("-"):
            return argument
    return None


def _next(waiting: Iterator[str]) -> list[str]:
    following = next(waiting, None)
    return [] if following is None else [following]
