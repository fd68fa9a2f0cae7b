"""What can keep somebody from a live stream; no HTTP here, `web.errors` maps it as `MustWait`."""

from __future__ import annotations

from datetime import timedelta

from fanfold.access.errors import MustWait

_SOON = timedelta(seconds=10)


class TooManyStreams(MustWait):
    """The user has as many live streams open as one user may."""

    code = "too_many_streams"

    def __init__(self, allowed: int) -> None:
        message = f"You have {allowed} live streams open, as many as one user may at once: close one."
        super().__init__(message, after=_SOON)
