"""What can be wrong with targets; no HTTP here, `web.errors` maps them.

TargetError
├── InstanceNotFound        or it is not yours
├── InstanceExists
└── InstancesDenied         a selection names what you may not use; carries every problem of the request
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from fanfold.sdk.errors import Problem


class TargetError(Exception):
    """A request to the targets cannot be done."""

    code: ClassVar[str] = "instance"


class InstanceNotFound(TargetError):
    """There is no such instance, or it is not yours."""

    code = "instance_not_found"

    def __init__(self, reference: object) -> None:
        super().__init__(f"There is no instance {reference}.")


class InstanceExists(TargetError):
    """You have this instance of this account already."""

    code = "instance_exists"

    def __init__(self, instance_id: str, *, account_id: str) -> None:
        super().__init__(f"You have the instance {instance_id} of account {account_id} already.")


class InstancesDenied(TargetError):
    """Access denied: the selection names instances that do not exist or are not yours."""

    code = "instances_denied"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        """Everything that is wrong with the request, the denied instances among it."""
        super().__init__(type(self).__doc__)
