"""Refusals of the simulated API.

ApiError
├── BadRequest (400)   ├── Unauthorized (401)   ├── Forbidden (403)   ├── NotFound (404)
├── NotAcceptable (406)   ├── UnsupportedMedia (415)   └── Throttled (429)
"""

from __future__ import annotations


class ApiError(Exception):
    """A refusal with its HTTP status; the body carries the status as a string beside the text (AMC
    reporting API). Where the status is an option, the refusal is given it.
    """

    status = 500

    def __init__(self, details: str, *, status: int | None = None) -> None:
        super().__init__(details)
        self.details = details
        self.status = status or type(self).status


class BadRequest(ApiError):
    """The request cannot be understood or is not allowed in this state."""

    status = 400


class Unauthorized(ApiError):
    """No valid access token."""

    status = 401


class TokenExpired(Unauthorized):
    """The access token has lapsed."""

    def __init__(self) -> None:
        super().__init__("Access token has expired.")


class Forbidden(ApiError):
    """The token does not reach this entity or instance."""

    status = 403

    def __init__(self, details: str = "Unauthorized request.") -> None:
        super().__init__(details)


class NotFound(ApiError):
    """The addressed thing does not exist, or not in this marketplace."""

    status = 404


class NotAcceptable(ApiError):
    """The caller accepts none of the media types of the answer."""

    status = 406


class UnsupportedMedia(ApiError):
    """The body is of a media type that is not read here."""

    status = 415


class Throttled(ApiError):
    """Too many calls; `retry_after` is when to come back, in seconds, or None when AMC does not tell."""

    status = 429

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("Too Many Requests")
        self.retry_after = retry_after
