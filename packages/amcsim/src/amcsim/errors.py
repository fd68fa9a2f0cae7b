"""Refusals of the simulated API.

ApiError
├── BadRequest (400)   ├── Unauthorized (401)   ├── Forbidden (403)   └── NotFound (404)
"""

from __future__ import annotations


class ApiError(Exception):
    """A refusal with its HTTP status; the body carries the status as a string beside the text (AMC
    reporting API).
    """

    status = 500

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self.details = details


class BadRequest(ApiError):
    """The request cannot be understood or is not allowed in this state."""

    status = 400


class Unauthorized(ApiError):
    """No valid access token."""

    status = 401


class Forbidden(ApiError):
    """The token does not reach this entity or instance."""

    status = 403

    def __init__(self, details: str = "Unauthorized request.") -> None:
        super().__init__(details)


class NotFound(ApiError):
    """The addressed thing does not exist, or not in this marketplace."""

    status = 404
