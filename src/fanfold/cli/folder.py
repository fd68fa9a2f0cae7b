"""The data folder: one `fanfold up` at a time, and the keys that are made once."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from fanfold.access.tokens import SHORTEST_SECRET
from fanfold.cli.exits import AlreadyRunning, CannotStart
from fanfold.client.connection import Connection
from fanfold.credentials.errors import BadKey
from fanfold.credentials.keyring import KeyRing
from fanfold.settings import BadSettings, Settings

_LOCK_FILE = "up.lock"
_KEY_FILE = "keys.json"


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    fernet: tuple[str, ...]
    jwt: str


@contextmanager
def held(data_dir: Path) -> Generator[None]:
    """Hold the folder, made if need be, for one `fanfold up`. Raises `AlreadyRunning`, `CannotStart`."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / _LOCK_FILE).open("a")
    except OSError as error:
        raise CannotStart(f"The data folder {data_dir} cannot be used: {error.strerror}.") from error
    with file:
        try:
            # The lock dies with its process, so a kill leaves nothing to clean up.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(_who_runs(data_dir)) from error
        yield


def with_keys(settings: Settings, *, make: bool) -> Settings:
    """Return *settings* with the keys of the data folder where none are given, made if *make* is set.

    A worker must not make keys of its own, for it could not open what the API sealed, and it signs nothing.
    Raises `BadSettings`.
    """
    given = settings.keys
    _refuse_bad_keys(settings)
    if given.fernet and (given.jwt is not None or not make):
        return settings
    kept = _read(settings.data_dir) or (_make(settings.data_dir) if make else None)
    if kept is None:
        raise BadSettings(
            f"There are no keys in {settings.data_dir}: name the data folder of `fanfold up`, "
            "or set FANFOLD_FERNET_KEYS to the keys that it has."
        )
    return settings.with_values(
        "keys",
        fernet=given.fernet or kept.fernet,
        jwt=kept.jwt if given.jwt is None else given.jwt,
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, complete or not at all."""
    partial = path.with_name(f"{path.name}.part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.replace(path)


def _refuse_bad_keys(settings: Settings) -> None:
    jwt = settings.keys.jwt
    if jwt is not None and len(jwt.get_secret_value().encode()) < SHORTEST_SECRET:
        raise BadSettings(f"FANFOLD_JWT_SECRET: at least {SHORTEST_SECRET} bytes are needed.")
    try:
        if settings.keys.fernet:
            KeyRing([key.get_secret_value() for key in settings.keys.fernet])
    except BadKey as error:
        raise BadSettings(str(error)) from error


def _who_runs(data_dir: Path) -> str:
    running = Connection.read(data_dir)
    where = f" at {running.url} (process {running.pid})" if running else ""
    return f"Fanfold runs already in {data_dir}{where}: use that one, stop it, or choose another --data-dir."


def _read(data_dir: Path) -> _Keys | None:
    path = data_dir / _KEY_FILE
    try:
        return _Keys.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise BadSettings(f"The keys in {path} cannot be read; restore the file from your backup.") from error


def _make(data_dir: Path) -> _Keys:
    keys = _Keys(fernet=(KeyRing.generate_key(),), jwt=secrets.token_urlsafe(48))
    write_private(data_dir / _KEY_FILE, json.dumps(keys.model_dump()))
    return keys
