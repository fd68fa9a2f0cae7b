"""`docs/reference/cli.md`, from the commands themselves; `python -m fanfold.cli.reference` prints it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from fanfold.cli.exits import ExitCode
from fanfold.cli.main import application

_HEAD = """# The command line

Generated from `fanfold.cli` by `make gen`; edit there.

Results go to stdout: tables for people, one JSON document with `--json`.
Everything else, errors included, goes to stderr; with `--json` an error is one line of JSON too.
Commands that ask a server find it by `--url` and `--token`, by `FANFOLD_URL` and `FANFOLD_TOKEN`,
or by what a running `fanfold up` or `fanfold demo` left in its data folder.

## Exit codes

| code | when |
|---|---|
"""
_CODES = {
    ExitCode.GOOD: "everything asked for was done",
    ExitCode.NOT_ALL_GOOD: "a batch ended partial, failed or cancelled; a check found something wrong",
    ExitCode.BAD_INPUT: "the request or a setting is wrong, or the server refused it; nothing was changed",
    ExitCode.UNREACHABLE: "the server or the database does not answer, cannot be used, or failed",
    ExitCode.INTERRUPTED: "stopped by Ctrl-C",
}


def document() -> str:
    """Return the page."""
    codes = "".join(f"| {code.value} | {meaning} |\n" for code, meaning in _CODES.items())
    root: Any = get_command(application())
    flags = _options(root)
    sections = "".join(_sections(root, "fanfold"))
    return f"{_HEAD}{codes}\n## Global flags\n\nThey may stand anywhere.\n{flags}{sections}"


def _sections(group: Any, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        full = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from _sections(command, full)
        else:
            yield f"\n## {full}\n\n{command.help}\n\n```\n{_usage(full, command)}\n```\n{_options(command)}"


def _usage(path: str, command: Any) -> str:
    arguments = [one.metavar or one.name.upper() for one in command.params if _is_argument(one)]
    options = ["[OPTIONS]"] if _shown(command) else []
    return " ".join([path, *options, *arguments])


def _options(command: Any) -> str:
    rows = [f"| `{_names(one)}` | {one.help or ''} |\n" for one in _shown(command)]
    return "".join(["\n| option | what it does |\n|---|---|\n", *rows]) if rows else ""


def _shown(command: Any) -> list[Any]:
    return [one for one in command.params if not _is_argument(one) and not one.hidden]


def _names(option: Any) -> str:
    names = ", ".join(option.opts)
    if option.secondary_opts:
        return f"{names} / {', '.join(option.secondary_opts)}"
    return names if option.is_flag else f"{names} {option.metavar or option.name.upper()}"


def _is_argument(parameter: Any) -> bool:
    return parameter.param_type_name == "argument"


if __name__ == "__main__":
    sys.stdout.write(document())
