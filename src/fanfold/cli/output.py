"""What the command line prints: tables for people, JSON for scripts, errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.table import Table

from fanfold.cli.exits import Failing

_PIPE_WIDTH = 240


class Output:
    """Writes results to stdout, once per command, and everything else to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = _console(stderr=False)
        self.errors = _console(stderr=True)

    def show(self, value: Any, human: RenderableType) -> None:
        """Print *value* as one JSON document, or *human* for people."""
        if self.as_json:
            self.json(value)
        else:
            self.console.print(human)

    def json(self, value: Any) -> None:
        """Print *value* as one line of JSON."""
        sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def say(self, text: RenderableType = "") -> None:
        """Tell people something that scripts do not need."""
        if not self.as_json:
            self.console.print(text, soft_wrap=isinstance(text, str))

    def note(self, text: str) -> None:
        """Tell how things go, beside the result."""
        self.errors.print(text, soft_wrap=True)

    def progress(self, text: str) -> None:
        """Tell people at a terminal what they wait for."""
        if self.errors.is_terminal:
            self.errors.print(text, style="dim")

    def fail(self, failing: Failing) -> None:
        """Tell what went wrong: one line, and one for each wrong item."""
        if self.as_json:
            body = {"error": failing.message, "exit_code": failing.code, "errors": failing.problems}
            sys.stderr.write(json.dumps(body, default=_plain, ensure_ascii=False) + "\n")
            return
        self.errors.print(f"[red]fanfold:[/red] {_escaped(failing.message)}", soft_wrap=True)
        for problem in failing.problems:
            place = f"{problem.pointer}: " if problem.pointer else ""
            self.errors.print(f"  {_escaped(place + problem.message)}", soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> Table:
    """Return a plain table; the columns in *numbers* are set to the right."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in numbers else "left")
    for row in rows:
        made.add_row(*("–" if cell is None else _escaped(str(cell)) for cell in row))
    return made


def _console(*, stderr: bool) -> Console:
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        # Whoever reads a file or a pipe wants whole lines.
        made.width = _PIPE_WIDTH
    return made


def _escaped(text: str) -> str:
    # Square brackets are mark-up to rich, and ARRAY[1] must stay what it is.
    return text.replace("[", r"\[")


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if hasattr(value, "__slots__"):
        return {name: getattr(value, name) for name in value.__slots__}
    return str(value)
