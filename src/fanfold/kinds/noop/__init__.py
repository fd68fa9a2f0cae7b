"""The kind `noop`: does nothing, as fast as it can, or waits, writes rows and fails as told."""

from fanfold.kinds.noop.kind import Noop

__all__ = ["Noop"]
