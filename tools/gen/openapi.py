"""`docs/reference/openapi.json`: the API of this version; the UI's client is generated from it."""

from __future__ import annotations

from fanfold.web.app import build_app
from fanfold.web.openapi import render


def document() -> str:
    """Return the document."""
    return render(build_app().openapi())
