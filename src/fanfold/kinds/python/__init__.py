"""The kind `python`: runs an installed function, found by its entry point, for each target."""

from fanfold.kinds.python.kind import Python

__all__ = ["Python"]
