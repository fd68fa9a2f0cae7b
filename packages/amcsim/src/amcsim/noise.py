"""Deterministic noise: every value is a function of a seed, a path and a number, whatever the order of
asking.

Integer arithmetic only, so that the same seed gives the same bytes on every machine and library version.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

PathPart = int | str
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_TOP_BITS = np.uint64(32)


def key(*path: PathPart) -> int:
    """Return 64 bits that stand for *path*."""
    return int.from_bytes(hashlib.blake2b(repr(path).encode(), digest_size=8).digest(), "little")


def below(bound: int, *path: PathPart) -> int:
    """Return one integer in [0, bound) for *path*."""
    return (key(*path) >> 32) * bound >> 32


def mix(stream: int, numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 64 well mixed bits per number (splitmix64 with the stream as its offset)."""
    mixed = numbers * _GOLDEN + np.uint64(stream)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
    return mixed ^ (mixed >> np.uint64(31))


class Stream:
    """Draws for a fixed array of row numbers; each draw has a name and depends on nothing but it."""

    def __init__(self, numbers: NDArray[np.uint64], *path: PathPart) -> None:
        self.numbers = numbers
        self._spread = numbers * _GOLDEN
        self._path = path

    def __len__(self) -> int:
        return len(self.numbers)

    def integers(self, name: str, bound: int) -> NDArray[np.int64]:
        """Return integers in [0, bound), evenly spread; *bound* below 2**31."""
        top = self._bits(name)
        top >>= _TOP_BITS
        top *= np.uint64(bound)
        top >>= _TOP_BITS
        return top.view(np.int64)

    def chance(self, name: str, per_million: int) -> NDArray[np.bool_]:
        """Return True in about *per_million* of a million rows."""
        return self.integers(name, 1_000_000) < per_million

    def weighted(self, name: str, weights: list[int]) -> NDArray[np.int64]:
        """Return indexes into *weights*, drawn in proportion to them."""
        indexes = np.repeat(np.arange(len(weights), dtype=np.int64), weights)
        return indexes[self.integers(name, len(indexes))]

    def skewed(self, name: str, bound: int, *, power: int = 2) -> NDArray[np.int64]:
        """Return integers in [0, bound) that crowd towards 0; a higher *power* crowds more."""
        bits = 20 if bound <= 1 << 20 else 30
        draw = self.integers(name, 1 << bits)
        product = draw.copy()
        for _ in range(power - 1):
            product *= draw
            product >>= bits
        product *= bound
        product >>= bits
        return product

    def _bits(self, name: str) -> NDArray[np.uint64]:
        # what mix does, without a new array for every step: most of the time goes here
        mixed = self._spread + np.uint64(key(*self._path, name))
        shifted = mixed >> np.uint64(30)
        mixed ^= shifted
        mixed *= _MIX_1
        np.right_shift(mixed, np.uint64(27), out=shifted)
        mixed ^= shifted
        mixed *= _MIX_2
        np.right_shift(mixed, np.uint64(31), out=shifted)
        mixed ^= shifted
        return mixed
