"""Where a connection may go: to public servers, to what operators allow, never to Fanfold's own database."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from fanfold.kit.networks import OutboundRules, addresses_of, outbound_rules
from fanfold.sdk.errors import Permanent, Retryable

USUAL_PORTS = frozenset({5432, 5433, 6432, 6543})
"""PostgreSQL's own, and those of the usual poolers."""
OWN_DATABASE = "FANFOLD_DATABASE_URL"
_ALLOW = "An operator may allow it with FANFOLD_HTTP_ALLOWED_NETWORKS."


def database_rules(environment: Mapping[str, str] | None = None) -> OutboundRules:
    """Return the operator's rules with the ports of databases beside those of the web."""
    rules = outbound_rules(environment)
    return replace(rules, ports=rules.ports | USUAL_PORTS)


async def allowed_address(host: str, port: int, *, rules: OutboundRules) -> str:
    """Resolve *host* once and return an address to dial. Raises `Permanent`, `Retryable`."""
    found = await _resolved(host, port)
    checked = [str(each) for each in addresses_of(found) if rules.allows(each, port=port)]
    allowed = found if rules.trusts_host(host) else checked
    if not allowed:
        message = (
            f"{host} may not be called on port {port}: its address is not public, or the port is unusual."
        )
        raise Permanent(message, hint=_ALLOW)
    if port == _own_port() and set(allowed) & set(await _own_addresses()):
        raise Permanent("This server holds Fanfold's own state and cannot be a connection.")
    return allowed[0]


def _own() -> tuple[str, int] | None:
    parts = urlsplit(os.environ.get(OWN_DATABASE, ""))
    return (parts.hostname, parts.port or 5432) if parts.hostname else None


def _own_port() -> int | None:
    own = _own()
    return own[1] if own else None


async def _own_addresses() -> Iterable[str]:
    own = _own()
    return await _resolved(*own) if own else ()


async def _resolved(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise Retryable(f"There is no host {host}.", hint="Check the address for a typo.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
