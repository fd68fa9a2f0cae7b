"""Fernet keys: the first seals, all open; put a new one in front to rotate."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from fanfold.credentials.errors import BadKey, CannotOpen


class KeyRing:
    """Seals and opens bytes; shows nothing of its keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise BadKey from error
        self._size = len(keys)

    def __repr__(self) -> str:
        return f"KeyRing({self._size} keys)"

    @staticmethod
    def generate_key() -> str:
        """Return a new key."""
        return Fernet.generate_key().decode()

    def seal(self, plain: bytes) -> bytes:
        """Return *plain* encrypted and signed by the first key."""
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed by any of the keys. Raises `CannotOpen`."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            # Without its cause: nothing of the sealed bytes belongs into a log.
            raise CannotOpen from None

    def reseal(self, sealed: bytes) -> bytes:
        """Return the same secret sealed by the first key. Raises `CannotOpen`."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise CannotOpen from None
