"""Child processes: deaf to the terminal's signals, told to end in order, started again when they die."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TextIO

from fanfold.cli.exits import CannotStart
from fanfold.kit.backoff import full_jitter
from fanfold.kit.signal import Signal

log = logging.getLogger(__name__)

_START_SECONDS = 60.0
_STEADY_SECONDS = 30.0
"""A child that lived this long starts again at once; one that died sooner waits longer each time."""


class Child:
    """One Python module run as a process; its stdin is a pipe, whose end tells it that we are gone."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        log: TextIO | None = None,
    ) -> None:
        """Make it; *log* takes its stderr instead of ours."""
        self.name = module
        self._command = [sys.executable, "-m", module, *arguments]
        self._log = log
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self, *, announces: bool = False) -> None:
        """Start it; what *announces* itself prints a JSON line when it is ready, see `announcement`."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE if announces else asyncio.subprocess.DEVNULL,
            stderr=self._log,
            env=self._environment,
            # Ctrl-C reaches a whole terminal group at once; our children end in our order.
            start_new_session=True,
        )

    async def announcement(self) -> dict[str, Any]:
        """Wait for the line that says it is ready. Raises `CannotStart`."""
        stream = self._process.stdout if self._process else None
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await stream.readline() if stream else b""
                return json.loads(line)
        except (TimeoutError, ValueError) as error:
            await self.stop(within=1)
            raise CannotStart(f"`{' '.join(self._command[1:])}` did not start; see its messages.") from error

    async def ended(self) -> int:
        """Wait for its end and return its exit code."""
        return await self._process.wait() if self._process else 0

    async def stop(self, *, within: float) -> None:
        """Ask it to end, and kill it when it has not after *within* seconds."""
        if self._process is None or self._process.returncode is not None:
            return
        # Not by the process object, which would reap a child that just died before asyncio can.
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(within):
                await self._process.wait()
        except TimeoutError:
            log.warning("child.killed", extra={"child": self.name})
            os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()


class Supervised:
    """A child that is started again whenever it ends before it is told to."""

    def __init__(self, child: Child, *, grace: float) -> None:
        self._child = child
        self._grace = grace
        self._wanted = True
        self._hurry = Signal()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the child and watch over it."""
        await self._child.start()
        self.watch()

    def watch(self) -> None:
        """Watch over a child that was started before."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End the child, gracefully if it can."""
        self._wanted = False
        self._hurry.set()
        await self._child.stop(within=self._grace)
        if self._task is not None:
            await self._task

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        early_ends = 0
        while self._wanted:
            born = clock()
            code = await self._child.ended()
            if not self._wanted:
                return
            early_ends = 1 if clock() - born > _STEADY_SECONDS else early_ends + 1
            wait = full_jitter(early_ends, base=timedelta(seconds=0.2), cap=timedelta(seconds=10))
            log.warning(
                "child.restarting", extra={"child": self._child.name, "exit_code": code, "after": str(wait)}
            )
            await self._hurry.wait(wait.total_seconds())
            if self._wanted:
                await self._child.start()


async def parent_gone() -> None:
    """Return when stdin ends, which for a `Child` means that its parent is gone."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        continue
