"""Starts the real command in a process of its own, as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from fanfold.client import Client
from fanfold.settings import all_settings

COMMAND = str(Path(sys.executable).with_name("fanfold"))
START_SECONDS = 90
STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Running:
    """A `fanfold up` that said it is ready."""

    process: subprocess.Popen[str]
    ready: Mapping[str, Any]
    log: Path

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def client(self) -> Client:
        return Client(self.url, str(self.ready["token"]))

    def simulator(self) -> httpx.Client:
        return httpx.Client(base_url=str(self.ready["simulator_url"]))

    def child(self, word: str) -> psutil.Process:
        """The one child process whose command has *word*."""
        found = [one for one in psutil.Process(self.process.pid).children() if word in one.cmdline()]
        assert len(found) == 1, found
        return found[0]

    def cli(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"FANFOLD_URL": self.url, "FANFOLD_TOKEN": str(self.ready["token"])}
        return cli(*arguments, **{**given, **environment})

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)


@contextmanager
def up(folder: Path, *flags: str, **environment: str) -> Iterator[Running]:
    """Run `fanfold up --json` for the length of the block."""
    log = folder.with_name(f"{folder.name}.log")
    command = [COMMAND, "up", "--data-dir", str(folder), "--port", "0", "--json", *flags]
    with (
        log.open("a") as errors,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=bare(environment),
            cwd=folder.parent,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, log.read_text()
            yield Running(process, json.loads(line), log)
        finally:
            if process.poll() is None:
                process.terminate()


def cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
        env=bare(environment),
    )


def bare(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without any setting of Fanfold's, and *environment* on top."""
    ours = {variable for setting in all_settings() for variable in setting.variables}
    kept = {name: text for name, text in os.environ.items() if name not in ours}
    return {**kept, **environment}
