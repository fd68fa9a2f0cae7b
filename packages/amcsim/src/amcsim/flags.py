"""Every option of the simulator as a flag of the command, a variable of the environment and a row of the
README; all three come from the options classes themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from amcsim.choices import Choice, choices
from amcsim.config import SimulatorConfig
from amcsim.limits import Rate
from amcsim.options import ApiOptions
from amcsim.sql.options import SqlOptions

_SHORTER = {"events_per_instance": "events", "wrapped_bodies": "wrapped", "accept_any_login": "accept-any"}
_NESTED = {"api", "sql"}
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_SHOWN: Mapping[Any, str] = {
    int: "whole number",
    float: "number",
    bool: "on, off",
    date: "`2026-01-31`",
    Path: "folder",
}
_PARSED: Mapping[Any, Callable[[str], Any]] = {
    int: int,
    float: float,
    str: str,
    Path: Path,
    date: date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One option; *section* is the field of SimulatorConfig that it belongs to, empty for its own."""

    section: str
    choice: Choice

    @property
    def word(self) -> str:
        """Return its name on the command line, without the dashes."""
        return _SHORTER.get(self.choice.name, self.choice.name.replace("_", "-"))

    @property
    def variable(self) -> str:
        """Return its name in the environment."""
        return "AMCSIM_" + self.word.replace("-", "_").upper()

    @property
    def key(self) -> str:
        """Return a name that no other option has."""
        return f"{self.section}.{self.choice.name}"

    @property
    def switch(self) -> bool:
        """Return whether it is on or off."""
        return self.choice.kind is bool

    @property
    def values(self) -> str:
        """Return what may be given, as a reader sees it."""
        if self.choice.allowed:
            return " \\| ".join(f"`{value}`" for value in self.choice.allowed)
        if self.choice.name in {"rates", "thresholds"}:
            example = "reads=10/20,creates=1/5" if self.choice.name == "rates" else "table.column=HIGH,…"
            return f"`{example}`"
        kind = _bare(self.choice.kind)
        return _SHOWN.get(kind, "text")

    @property
    def default(self) -> str:
        """Return the default, as a reader sees it."""
        default = self.choice.default
        if default is None or default == ():
            return "–"
        if isinstance(default, bool):
            return "on" if default else "off"
        return f"{default:,g}".replace(",", " ") if isinstance(default, float) else f"`{default}`"

    def parse(self, text: str) -> Any:
        """Return the value that *text* means; raises ValueError."""
        if self.choice.allowed:
            for value in self.choice.allowed:
                if str(value) == text:
                    return value
            raise ValueError(f"'{text}' is none of {', '.join(map(str, self.choice.allowed))}")
        if self.switch:
            return _truth(text)
        if self.choice.name == "rates":
            return tuple(Rate.parse(part) for part in text.split(",") if part.strip())
        if self.choice.name == "thresholds":
            return tuple(_threshold(part) for part in text.split(",") if part.strip())
        return _PARSED[_bare(self.choice.kind)](text)


def flags() -> tuple[Flag, ...]:
    """Return every option in its order: the simulator's own, the interface's, SQL's."""
    own = [Flag("", choice) for choice in choices(SimulatorConfig) if choice.name not in _NESTED]
    api = [Flag("api", choice) for choice in choices(ApiOptions)]
    return (*own, *api, *(Flag("sql", choice) for choice in choices(SqlOptions)))


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Let *parser* take every option; what is not given stays out of the result."""
    for flag in flags():
        text = f"{flag.choice.text} (default {_plain(flag.default)})".replace("%", "%%")
        named: dict[str, Any] = {"dest": flag.key, "default": argparse.SUPPRESS, "help": _plain(text)}
        if flag.switch:
            parser.add_argument(f"--{flag.word}", action=argparse.BooleanOptionalAction, **named)
        else:
            metavar = "|".join(map(str, flag.choice.allowed)) or flag.word.rpartition("-")[2].upper()
            parser.add_argument(f"--{flag.word}", type=partial(_argument, flag), metavar=metavar, **named)


def config_of(given: Mapping[str, Any], environment: Mapping[str, str]) -> SimulatorConfig:
    """Return the simulator that flags and the environment ask for, flags first; raises ValueError."""
    sections: dict[str, dict[str, Any]] = {"": {}, "api": {}, "sql": {}}
    for flag in flags():
        if flag.key in given:
            sections[flag.section][flag.choice.name] = given[flag.key]
        elif environment.get(flag.variable):
            try:
                sections[flag.section][flag.choice.name] = flag.parse(environment[flag.variable])
            except ValueError as error:
                raise ValueError(f"{flag.variable}: {error}") from error
    return SimulatorConfig(
        **sections[""], api=ApiOptions(**sections["api"]), sql=SqlOptions(**sections["sql"])
    )


def option_tables() -> dict[str, str]:
    """Return a Markdown table per section: `options`, `api` and `sql`."""
    by_section = {"": "options", "api": "api", "sql": "sql"}
    return {
        title: _table(flag for flag in flags() if flag.section == section)
        for section, title in by_section.items()
    }


def _table(rows: Iterable[Flag]) -> str:
    lines = ["| flag | values | default | meaning |", "|---|---|---|---|"]
    for flag in rows:
        text = flag.choice.text.replace("|", "\\|")
        lines.append(f"| `--{flag.word}` | {flag.values} | {flag.default} | {text} |")
    return "\n".join(lines)


def _argument(flag: Flag, text: str) -> Any:
    try:
        return flag.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _plain(text: str) -> str:
    return text.replace("`", "")


def _bare(kind: Any) -> Any:
    """Return the type of a value that is given: of `int | None` that is int."""
    if isinstance(kind, UnionType):
        return next(part for part in get_args(kind) if part is not type(None))
    return str if get_origin(kind) is Literal else kind


def _truth(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError(f"'{text}' is neither on nor off")
    return text.lower() in _YES


def _threshold(text: str) -> tuple[str, str]:
    column, _, level = text.strip().partition("=")
    levels = ("NONE", "LOW", "MEDIUM", "HIGH", "VERY_HIGH", "INTERNAL")
    if column.count(".") != 1 or level not in levels:
        raise ValueError(f"'{text}' is no threshold: write table.column={'|'.join(levels)}")
    return column, level
