"""Where parts live: a local folder, or a remote store with a local copy of what is read.

The seam of `ResultStore`; a place knows paths and bytes, not operations.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import obstore
from obstore.store import ObjectStore

from fanfold.results.checksum import DAMAGED, MISSING, damage
from fanfold.results.manifest import Part
from fanfold.results.outside import outside

_FETCHES_AT_ONCE = 8
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Held:
    """Parts as local files, kept until their reader is done."""

    paths: dict[str, str] = field(default_factory=dict[str, str])
    """By uri."""
    lost: dict[str, str] = field(default_factory=dict[str, str])
    """By uri, why it cannot be read."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """By what a file that was not touched is known again."""

    size: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> _Stamp:
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


class Place(Protocol):
    """Keeps parts by uri."""

    folder: Path
    """The local folder that readers look into."""

    def path(self, uri: str) -> Path:
        """Return where a part is written."""
        ...

    async def publish(self, uri: str) -> None:
        """Put a written part where every process finds it."""
        ...

    def held(self, parts: Sequence[Part]) -> AbstractAsyncContextManager[Held]:
        """Give local files for *parts*."""
        ...

    async def names(self, prefix: str) -> list[str]:
        """Return the uris below the folder *prefix*."""
        ...

    async def remove(self, uris: Iterable[str]) -> None:
        """Remove parts; one that is not there is removed already."""
        ...


class LocalFolder:
    """Parts in a folder that every process of the installation sees."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole: dict[str, _Stamp] = {}

    def __str__(self) -> str:
        return str(self.folder)

    def path(self, uri: str) -> Path:
        """Return the part's own file."""
        return self.folder / uri

    async def publish(self, uri: str) -> None:
        """Do nothing: a part is written where it stays."""

    @asynccontextmanager
    async def held(self, parts: Sequence[Part]) -> AsyncGenerator[Held]:
        """Look that every part is there, and at its first reading here that it holds what was written."""
        held, unread = await outside(lambda: self._look(parts))
        for part in unread:
            # One by one: who goes away waits for one part at most.
            await outside(partial(self._read, part, held))
        yield held

    async def names(self, prefix: str) -> list[str]:
        """List files."""
        return await outside(lambda: self._names(prefix))

    async def remove(self, uris: Iterable[str]) -> None:
        """Unlink files and the folders that they leave empty."""
        await outside(lambda: self._remove(list(uris)))

    def _look(self, parts: Sequence[Part]) -> tuple[Held, list[Part]]:
        held = Held()
        unread: list[Part] = []
        for part in parts:
            path = self.folder / part.uri
            try:
                stamp = _Stamp.of(path)
            except OSError:
                held.lost[part.uri] = MISSING
                continue
            if stamp.size != part.bytes:
                held.lost[part.uri] = DAMAGED
            elif self._whole.get(part.uri) == stamp:
                held.paths[part.uri] = str(path)
            else:
                unread.append(part)
        return held, unread

    def _read(self, part: Part, held: Held) -> None:
        path = self.folder / part.uri
        try:
            # Before the reading: what is written meanwhile has another stamp.
            stamp = _Stamp.of(path)
            reason = damage(path, part)
        except OSError:
            held.lost[part.uri] = MISSING
            return
        if reason is not None:
            held.lost[part.uri] = reason
            return
        held.paths[part.uri] = str(path)
        self._whole[part.uri] = stamp
        while len(self._whole) > _REMEMBERED:
            self._whole.pop(next(iter(self._whole)), None)

    def _names(self, prefix: str) -> list[str]:
        files = (path for path in (self.folder / prefix).rglob("*") if not path.is_dir())
        return sorted(path.relative_to(self.folder).as_posix() for path in files)

    def _remove(self, uris: list[str]) -> None:
        for uri in uris:
            self._whole.pop(uri, None)
            path = self.folder / uri
            path.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()
                path.parent.parent.rmdir()


class RemoteStore:
    """Parts in an object store; written through a spool, read through a copy that was checked."""

    def __init__(self, objects: ObjectStore, url: str, *, spool: Path, copy_bytes: int) -> None:
        self._objects = objects
        self._url = url
        self._written = spool / "written"
        self._copy_bytes = copy_bytes
        self._in_use: Counter[str] = Counter()
        self._copies: dict[str, int] = {}
        self._fetching: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(_FETCHES_AT_ONCE)
        self.folder = spool / "copies"
        self.folder.mkdir(parents=True, exist_ok=True)

    def __str__(self) -> str:
        return self._url

    def path(self, uri: str) -> Path:
        """Return the part's place in the spool."""
        return self._written / uri

    async def publish(self, uri: str) -> None:
        """Upload, whole or not at all, and clear the spool."""
        path = self.path(uri)
        await obstore.put_async(self._objects, uri, path)
        await outside(path.unlink)

    @asynccontextmanager
    async def held(self, parts: Sequence[Part]) -> AsyncGenerator[Held]:
        """Fetch what is not here yet, and keep it until the block ends."""
        held = Held()
        uris = [part.uri for part in parts]
        self._in_use.update(uris)
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in parts:
                    tasks.create_task(self._fetch_into(held, part))
            yield held
        finally:
            self._in_use.subtract(uris)
            await self._make_room()

    async def names(self, prefix: str) -> list[str]:
        """List objects."""
        objects: Any = self._objects
        found = objects.list(prefix=prefix)
        return [meta["path"] async for chunk in found for meta in chunk]

    async def remove(self, uris: Iterable[str]) -> None:
        """Delete objects, and what is left of them in the spool."""
        for uri in uris:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._objects, uri)
            self._drop_copy(uri)
            self.path(uri).unlink(missing_ok=True)

    async def _fetch_into(self, held: Held, part: Part) -> None:
        async with self._fetching.setdefault(part.uri, asyncio.Lock()), self._slots:
            reason = None if part.uri in self._copies else await self._fetch(part)
        if reason is None:
            # Last in, last out: the copies are dropped in the order of their last use.
            self._copies[part.uri] = self._copies.pop(part.uri, part.bytes)
            held.paths[part.uri] = str(self.folder / part.uri)
        else:
            held.lost[part.uri] = reason

    async def _fetch(self, part: Part) -> str | None:
        path = self.folder / part.uri
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            found = await obstore.get_async(self._objects, part.uri)
            with path.open("wb") as copy:
                async for chunk in found.stream():
                    digest.update(chunk)
                    copy.write(chunk)
        except FileNotFoundError:
            return MISSING
        return None if digest.hexdigest() == part.sha256 else DAMAGED

    async def _make_room(self) -> None:
        idle = [uri for uri in self._copies if self._in_use[uri] <= 0]
        surplus = sum(self._copies.values()) - self._copy_bytes
        for uri in idle:
            if surplus <= 0:
                break
            surplus -= self._copies[uri]
            self._drop_copy(uri)

    def _drop_copy(self, uri: str) -> None:
        if self._copies.pop(uri, None) is not None:
            (self.folder / uri).unlink(missing_ok=True)
