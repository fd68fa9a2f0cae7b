"""The door for connectors: how to reach one class of systems."""

from __future__ import annotations

import abc
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

from pydantic import BaseModel


class Connector(abc.ABC):
    """Opens clients for configured connections; what they can do is between connector and kinds."""

    name: ClassVar[str]
    title: ClassVar[str]
    config: ClassVar[type[BaseModel]]
    """What may be shown: hosts, regions, options."""
    secrets: ClassVar[type[BaseModel]]
    """What is sealed at rest and opened only in the worker."""

    @abc.abstractmethod
    def open(self, config: BaseModel, secrets: BaseModel) -> AbstractAsyncContextManager[Any]:
        """Open a client that many attempts share until the worker ends."""

    @abc.abstractmethod
    async def probe(self, client: Any) -> None:
        """Make the cheapest call that proves the connection; raise a `Failure` naming the failed step."""
