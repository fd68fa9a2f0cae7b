"""Lets blocking code use the async core: an event loop in a thread, and descriptors that call into it.

The signatures are those of the async methods; nothing is written twice.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
Core = TypeVar("Core")
Face = TypeVar("Face")


class Portal:
    """An event loop in a thread of its own, until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fanfold client", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run *work* in the loop and return its result; an interrupted caller cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Yield what *items* yields; who stops early leaves no connection open."""
        end = object()
        try:
            while (item := self.call(_following(items, end))) is not end:
                yield cast("T", item)
        finally:
            if self._may_wait():
                self.call(_closing(items))

    def _may_wait(self) -> bool:
        # A generator may be finalised after the portal was closed, or by the collector in the loop's thread.
        return not self._loop.is_closed() and threading.current_thread() is not self._thread

    def close(self) -> None:
        """Stop the loop; legal twice."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


class HasPortal(Protocol):
    """A blocking face: the core that it speaks for, and the way there."""

    @property
    def core(self) -> Any:
        """What it speaks for."""
        ...

    @property
    def portal(self) -> Portal:
        """The way there."""
        ...


class Blocking(Generic[P, T]):
    """Makes an async method of the core a blocking one of the face."""

    def __init__(self, method: Callable[Concatenate[Any, P], Awaitable[T]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, face: HasPortal, owner: type[Any]) -> Callable[P, T]:
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return face.portal.call(_awaiting(self._method(face.core, *args, **kwargs)))

        call.__doc__ = self.__doc__
        return call


class Returning(Generic[P, Core, Face]):
    """Like `Blocking`, for a method that returns another core: the caller gets that one's face."""

    def __init__(
        self, face: Callable[[Core, Portal], Face], method: Callable[Concatenate[Any, P], Awaitable[Core]]
    ) -> None:
        self._face = face
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, face: HasPortal, owner: type[Any]) -> Callable[P, Face]:
        def call(*args: P.args, **kwargs: P.kwargs) -> Face:
            core = face.portal.call(_awaiting(self._method(face.core, *args, **kwargs)))
            return self._face(core, face.portal)

        call.__doc__ = self.__doc__
        return call


class Iterating(Generic[P, T]):
    """Makes an async generator of the core an iterator of the face."""

    def __init__(self, method: Callable[Concatenate[Any, P], AsyncIterator[T]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, face: HasPortal, owner: type[Any]) -> Callable[P, Iterator[T]]:
        def call(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            return face.portal.iterate(self._method(face.core, *args, **kwargs))

        call.__doc__ = self.__doc__
        return call


async def _awaiting(work: Awaitable[T]) -> T:
    return await work


async def _following(items: AsyncIterator[T], end: object) -> T | object:
    return await anext(items, end)


async def _closing(items: AsyncIterator[Any]) -> None:
    if isinstance(items, AsyncGenerator):
        await cast("AsyncGenerator[Any]", items).aclose()
