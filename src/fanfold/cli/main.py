"""The command `fanfold`: global flags, the commands, and how errors end."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from fanfold import __version__
from fanfold.cli.exits import TOLD, ExitCode, explain, unwrapped
from fanfold.cli.invocation import Invocation, command_of, hoisted
from fanfold.cli.output import Output
from fanfold.settings import load_settings
from fanfold.telemetry.logs import configure_logging

COMMANDS = (
    "up",
    "demo",
    "worker",
    "migrate",
    "batch",
    "workflow",
    "connection",
    "instance",
    "limits",
    "workers",
    "config",
    "doctor",
)
"""One module each; only the one that is called is loaded, for the others cost a second to import."""


def main() -> None:
    """Run the command line and exit with an `ExitCode`."""
    arguments = hoisted(sys.argv[1:])
    output = Output(as_json="--json" in arguments)
    try:
        with unwrapped():
            application(command_of(arguments))(args=arguments, prog_name="fanfold")
    except TOLD as error:
        failing = explain(error)
        output.fail(failing)
        sys.exit(failing.code)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not complain when it flushes.
        sys.stdout = None
        sys.exit(ExitCode.GOOD)


def application(command: str | None = None) -> typer.Typer:
    """Return the application with one command, or with all of them for a name that it does not know."""
    app = typer.Typer(name="fanfold", no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback(epilog=_EPILOG)(_global_flags)
    for name in [command] if command in COMMANDS else COMMANDS:
        import_module(f"fanfold.cli.{name}").register(app)
    return app


_EPILOG = (
    "Global flags may stand anywhere. "
    "Exit codes: 0 all good, 1 partial or failed, 2 bad input, 3 unreachable."
)


def _global_flags(
    context: typer.Context,
    *,
    url: Annotated[
        str | None, typer.Option(help="The server; default: FANFOLD_URL, or the one that runs here.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="Bearer token; default: FANFOLD_TOKEN, or the running one's.")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Data folder; default: FANFOLD_DATA_DIR, or .fanfold/data."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Run one piece of work across many targets at once, and fold the answers back into one."""
    if version:
        sys.stdout.write(f"fanfold {__version__}\n")
        raise typer.Exit
    settings = load_settings(data_dir=data_dir)
    configure_logging(settings.telemetry.log_level, settings.telemetry.log_format)
    context.obj = Invocation(settings, Output(as_json=json), url, token)
