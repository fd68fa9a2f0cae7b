"""What a login reaches, and whether it works: capabilities that clients of connectors may have.

A client has a capability by having its methods, as in `sdk.capabilities`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from fanfold.sdk.errors import Cause, Failure


@dataclass(frozen=True, slots=True)
class AccountAddress:
    """An account to ask, in one marketplace."""

    account_id: str
    marketplace_id: str = ""
    """Empty: every marketplace that the login's region has."""
    name: str = ""


class Access(StrEnum):
    """What became of asking an account."""

    LISTED = "listed"
    NO_ACCESS = "no_access"
    """An ordinary answer: this login does not see the account."""
    FAULT = "fault"
    """Whether the login sees it is not known."""
    NOT_ASKED = "not_asked"
    """The time was up before its turn."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure as a finding tells it."""

    cause: Cause
    message: str
    hint: str | None = None
    request_id: str | None = None

    @classmethod
    def of(cls, failure: Failure) -> Trouble:
        """Tell *failure*."""
        return cls(failure.cause or Cause.REFUSED, failure.message, failure.hint, failure.request_id)


@dataclass(frozen=True, slots=True)
class AskedAccount:
    """One account and what it answered."""

    address: AccountAddress
    access: Access
    instance_count: int = 0
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class DiscoveredInstance:
    """One instance, once, however many accounts show it."""

    instance_id: str
    name: str
    region: str
    """The API's region: `na`, `eu`, `fe`."""
    home: str
    """The cloud region that stands for it, e.g. `us-east-1`."""
    owners: tuple[AccountAddress, ...]
    """The accounts that show it, the first one first."""
    country: str = ""
    customer: str = ""
    sandbox: bool = False
    tags: tuple[str, ...] = ()
    """What it may be selected by: advertiser types, data sets."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that a login reaches, and what it could not be asked."""

    accounts: tuple[AskedAccount, ...] = ()
    instances: tuple[DiscoveredInstance, ...] = ()
    trouble: Trouble | None = None
    """Why nothing, or not everything, could be asked."""
    failed_step: str | None = None


@runtime_checkable
class Discovering(Protocol):
    """Lists what its login reaches."""

    async def discover(self, also: Sequence[AccountAddress], *, within: timedelta) -> Discovery:
        """Ask the login's own accounts and *also* those named; an account that fails stops no other.

        Never raises a `Failure`: every failure is told in what is returned.
        """
        ...


@dataclass(frozen=True, slots=True)
class CheckedStep:
    """One step of a check, in the order in which work depends on them."""

    step: str
    """`sign_in`, `accounts`, `instances`, `data_sources`, or what else a connector looks at."""
    subject: str
    """What it was about: an account, an instance; empty for the login itself."""
    trouble: Trouble | None
    """None when it works."""
    duration_ms: int
    detail: str = ""
    """What was found, in a few words."""


@runtime_checkable
class Checking(Protocol):
    """Looks at each step that work takes through its connection."""

    def check(self, addresses: Sequence[Mapping[str, Any]]) -> AsyncIterator[CheckedStep]:
        """Yield every step as it is done; *addresses* are the attributes of targets to look at.

        Never raises a `Failure`. What cannot work because an earlier step failed is not tried.
        """
        ...
