"""`docs/reference/settings.md`: every setting, its variables and its default."""

from __future__ import annotations

from itertools import groupby

from fanfold.settings import Setting, all_settings

_HEAD = """# Settings

Generated from `fanfold.settings` by `make gen`; edit there.

A setting is read from its environment variables; the first that is set and not empty wins.
The command line's flags win over them.
`fanfold config show` prints the values in force, and where each comes from.
"""


def document() -> str:
    """Return the page."""
    return _HEAD + "".join(
        _section(group, list(settings)) for group, settings in groupby(all_settings(), key=_group)
    )


def _group(setting: Setting) -> str:
    return setting.path[0] if len(setting.path) > 1 else ""


def _section(group: str, settings: list[Setting]) -> str:
    title = f"\n## {group}\n" if group else ""
    return f"{title}\n| setting | what it is | variables | default |\n|---|---|---|---|\n" + "".join(
        f"| `{'.'.join(setting.path)}` | {setting.about} | {_variables(setting)} | {_default(setting)} |\n"
        for setting in settings
    )


def _variables(setting: Setting) -> str:
    return ", ".join(f"`{name}`" for name in setting.variables)


def _default(setting: Setting) -> str:
    default = setting.default
    if default is None or default == ():
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
