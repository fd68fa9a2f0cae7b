"""What can be wrong with a connection; no HTTP here, `web.errors` maps them.

ConnectionProblem
├── ConnectionNotFound      or it is not yours
├── ConnectionNameTaken
└── ConnectionInUse
"""

from __future__ import annotations

from typing import ClassVar


class ConnectionProblem(Exception):
    """A request to the connections cannot be done."""

    code: ClassVar[str] = "connection"


class ConnectionNotFound(ConnectionProblem):
    """There is no such connection, or it is not yours."""

    code = "connection_not_found"

    def __init__(self, reference: object) -> None:
        super().__init__(f"There is no connection {reference}.")


class ConnectionNameTaken(ConnectionProblem):
    """You have a connection of this name already."""

    code = "connection_name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"You have a connection {name!r} already.")


class ConnectionInUse(ConnectionProblem):
    """Instances use the connection."""

    code = "connection_in_use"

    def __init__(self) -> None:
        super().__init__("Instances use this connection: delete them first, or give them another one.")
