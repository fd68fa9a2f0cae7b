"""SQL lives in `.sql` files, one statement each; this reads them and turns `:name` into PostgreSQL's `$1`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

# A name after one colon: not a cast (`::text`), not inside a word, not in a time literal.
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_COMMENT = re.compile(r"--[^\n]*")


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement and the names of its parameters in the order of their numbers."""

    name: str
    purpose: str
    """The file's first line."""
    sql: str
    parameters: tuple[str, ...]

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        """Order *given* by number; a missing or an unknown name is a programmer's error."""
        if set(given) != set(self.parameters):
            wrong = sorted(set(given) ^ set(self.parameters))
            message = f"{self.name}: parameters do not match: {', '.join(wrong)}"
            raise TypeError(message)
        return [given[name] for name in self.parameters]


def parse(name: str, text: str) -> Statement:
    """Read one file's text; its first line must be a comment that says its purpose."""
    first, _, _ = text.partition("\n")
    if not first.startswith("--"):
        message = f"{name}: the first line must say the purpose"
        raise ValueError(message)
    body = _COMMENT.sub("", text).strip().rstrip(";").rstrip()
    order: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${order.setdefault(match[1], len(order) + 1)}"

    sql = _PARAMETER.sub(number, body)
    return Statement(name, first.removeprefix("--").strip(), sql, tuple(order))


class Statements:
    """The statements of one package, by file name: `sql("claim")` is `<package>/sql/claim.sql`."""

    def __init__(self, package: str) -> None:
        self._folder = files(package) / "sql"
        self._package = package
        self._read_once = cache(self._read)

    def __call__(self, name: str) -> Statement:
        """Return the statement; the file is read once."""
        return self._read_once(name)

    def names(self) -> list[str]:
        """Return all file names of the package, without their ending."""
        return sorted(entry.name[:-4] for entry in self._folder.iterdir() if entry.name.endswith(".sql"))

    def _read(self, name: str) -> Statement:
        return parse(f"{self._package}/{name}", (self._folder / f"{name}.sql").read_text())
