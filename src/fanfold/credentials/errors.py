"""What can be wrong with a sealed secret; messages never hold any of it.

CredentialsError
├── BadKey          a key that is no Fernet key, or none at all
├── CannotOpen      sealed with a key that the key ring lacks
└── SecretMissing
"""

from __future__ import annotations


class CredentialsError(Exception):
    """A secret cannot be used."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class BadKey(CredentialsError):
    """A key of FANFOLD_FERNET_KEYS is not a Fernet key: 32 bytes in URL-safe base64."""


class CannotOpen(CredentialsError):
    """A secret was sealed with a key that FANFOLD_FERNET_KEYS no longer holds: add the old key at the end."""


class SecretMissing(CredentialsError):
    """The secret was deleted: enter it again."""
