"""`fanfold config show`: the settings in force, and where each comes from."""

from __future__ import annotations

from typing import Any

import typer
from pydantic import SecretStr

from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.settings import Setting, Settings, all_settings
from fanfold.telemetry.redaction import clean

_MASK = "••••••"


def register(app: typer.Typer) -> None:
    """Add the command."""
    config = typer.Typer(no_args_is_help=True, help="Look at the settings.")
    # One command under a name of its own needs the callback, or typer would drop the name.
    config.callback()(_group)
    config.command("show")(show)
    app.add_typer(config, name="config")


def show(context: typer.Context) -> None:
    """Print every setting in force, secrets masked, and where it comes from."""
    call = invocation(context)
    rows = [
        (".".join(setting.path), _shown(value_of(call.settings, setting)), source_of(call.settings, setting))
        for setting in all_settings()
    ]
    as_json = {name: {"value": value, "source": source} for name, value, source in rows}
    call.output.show(as_json, table(("setting", "value", "source"), rows))


def value_of(settings: Settings, setting: Setting) -> Any:
    """Return the value in force."""
    value: Any = settings
    for step in setting.path:
        value = getattr(value, step)
    return value


def source_of(settings: Settings, setting: Setting) -> str:
    """Return where the value comes from: a variable, a flag, or the default."""
    if setting.path == ("data_dir",) and str(settings.data_dir) != (setting.given or str(setting.default)):
        return "--data-dir"
    return setting.variable or "default"


def _shown(value: Any) -> str | None:
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        # An address is worth seeing, its password is not.
        return str(clean(text)) if "://" in text else _MASK
    if isinstance(value, tuple):
        return _MASK if value else None
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _group() -> None:
    return
