"""What discovery and checks ask of a client: calls that change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from fanfold.connectors.amc.model import Account, Addressed, DataSource, Instance


class Reading(Protocol):
    """Signs in and lists."""

    async def sign_in(self) -> None:
        """Make sure that the login hands out access tokens."""
        ...

    async def list_accounts(self) -> Sequence[Account]:
        """Return the accounts that the login administers."""
        ...

    async def list_instances(self, account: Account) -> Sequence[Instance]:
        """Return the instances of an account."""
        ...

    async def data_sources(self, address: Addressed) -> Sequence[DataSource]:
        """Return the instance's tables."""
        ...

    async def rest(self, pause: timedelta) -> None:
        """Wait as the remote side asked."""
        ...
