"""Where a server is and who asks: given, from the environment, or left in the data folder by `fanfold up`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from fanfold.client.errors import Unreachable
from fanfold.settings import DEFAULT_DIR, DEMO_DIR, Settings, load_settings

CONNECTION_FILE = "connection.json"
"""In the data folder, while `fanfold up` runs; readable by its owner only."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A server's address and a token for it; the fields that `fanfold up --json` prints."""

    url: str
    token: str
    data_dir: str = ""
    pid: int = 0
    database_url: str = ""
    simulator_url: str | None = None

    @classmethod
    def read(cls, data_dir: Path) -> Connection | None:
        """Return the connection that a running `up` left in *data_dir*, if there is one."""
        try:
            content = json.loads((data_dir / CONNECTION_FILE).read_text())
            found = cls(**content)
        except (OSError, ValueError, TypeError):
            return None
        return found if _is_alive(found.pid) else None


def find_connection(
    url: str | None = None, token: str | None = None, *, settings: Settings | None = None
) -> Connection:
    """Return where to ask: what is given, then FANFOLD_URL and FANFOLD_TOKEN, then the data folder.

    Raises `Unreachable` when nothing names a server.
    """
    settings = settings or load_settings()
    url = url or settings.client.url
    given = settings.client.token.get_secret_value() if settings.client.token else None
    token = token or given
    running = _running(settings.data_dir)
    if url is not None:
        same = running is not None and running.url == url
        return Connection(url, token or (running.token if running and same else ""))
    if running is None:
        message = (
            f"No server runs in {settings.data_dir}: "
            "start one with `fanfold up`, or name one with --url or FANFOLD_URL."
        )
        raise Unreachable(message)
    return replace(running, token=token or running.token)


def _running(data_dir: Path) -> Connection | None:
    places = [data_dir, DEMO_DIR] if data_dir == DEFAULT_DIR else [data_dir]
    return next((found for place in places if (found := Connection.read(place)) is not None), None)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0
