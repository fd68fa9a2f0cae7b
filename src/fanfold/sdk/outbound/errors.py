"""Why a call did not leave the house.

Failure
├── Permanent ── Refused         the address is not allowed
└── Retryable ── NameUnknown     no such host, as far as the resolver knows
"""

from __future__ import annotations

from fanfold.sdk.errors import Permanent, Retryable


class Refused(Permanent):
    """The address is not one that calls may go to."""


class NameUnknown(Retryable):
    """The host's name is not known to the resolver."""
