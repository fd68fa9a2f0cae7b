"""The kind `http`: one templated request per target, its answer checked, mapped to rows and kept."""

from fanfold.kinds.http.kind import Http

__all__ = ["Http"]
