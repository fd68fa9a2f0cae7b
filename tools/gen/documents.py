"""The one list of generated documents: where each lives and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fanfold.cli import reference
from tools.gen import lifecycle, openapi, settings

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "docs/reference/cli.md": reference.document,
    "docs/reference/openapi.json": openapi.document,
    "docs/reference/settings.md": settings.document,
    "docs/reference/states.md": lifecycle.document,
}
