"""Download links: unguessable, good for ten minutes, good for one file."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from amcsim.clock import Clock
from amcsim.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Link:
    """What one link leads to."""

    path: Path
    instance_id: str
    expires_at: datetime


class LinkBook:
    """Issues links and follows them."""

    def __init__(self, clock: Clock, *, lifetime_seconds: int) -> None:
        self._clock = clock
        self._lifetime = timedelta(seconds=lifetime_seconds)
        self._links: dict[str, Link] = {}

    def issue(self, path: Path, instance_id: str) -> str:
        """Return the path of a new link to *path*."""
        now = self._clock.now()
        self._links = {
            token: link for token, link in self._links.items() if link.expires_at > now - self._lifetime
        }
        token = secrets.token_urlsafe(24)
        self._links[token] = Link(path, instance_id, now + self._lifetime)
        return f"/_downloads/{token}/{path.name}"

    def find(self, token: str) -> Link:
        """Return the link of *token*, expired or not; raises NotFound."""
        if token not in self._links:
            raise NotFound("The specified key does not exist.")
        return self._links[token]

    def instance_of(self, token: str) -> str | None:
        """Return the instance behind *token*, None for an unknown one."""
        return self._links[token].instance_id if token in self._links else None

    def follow(self, link: Link) -> Path:
        """Return the file of *link*; raises Forbidden when its time is over."""
        if link.expires_at <= self._clock.now():
            raise Forbidden("Request has expired")
        return link.path
