"""Reports unexpected errors to Sentry, where its package is installed and a DSN is set."""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fanfold.telemetry.redaction import clean

log = logging.getLogger(__name__)


def is_installed() -> bool:
    """Whether the package sentry-sdk is there."""
    return find_spec("sentry_sdk") is not None


def configure_sentry(dsn: str, *, release: str) -> bool:
    """Start reporting; return False, and say so in the log, when the package is missing."""
    if not is_installed():
        log.warning(
            "sentry.not_installed", extra={"hint": "install the package sentry-sdk, or unset SENTRY_DSN"}
        )
        return False
    # Optional, so it is looked up when it is asked for.
    sentry: Any = import_module("sentry_sdk")
    sentry.init(dsn=dsn, release=release, send_default_pii=False, before_send=_without_secrets)
    return True


def _without_secrets(event: Any, _hint: Any) -> Any:
    return clean(event)
