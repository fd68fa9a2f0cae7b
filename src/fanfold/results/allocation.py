"""Memory that a large answer took goes back to the operating system, and not to heaps that keep it.

glibc raises the size from which it maps memory with every large block that it sees freed, and keeps a heap
per thread: a server that once made a large file would stay large.
"""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_MAPPED_BYTES = 256 * 1024
_HEAPS = 2


def map_large_blocks() -> None:
    """Take blocks of 256 KiB and more from the operating system, and give each back when it is freed."""
    if library := _glibc():
        library.mallopt(_M_MMAP_THRESHOLD, _MAPPED_BYTES)
        library.mallopt(_M_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Return what is free in the heaps; takes a few milliseconds."""
    if library := _glibc():
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if library is not None and hasattr(library, "malloc_trim") else None
