"""Calls to addresses that users name: only to networks that the operator allows (a guard against SSRF).

    async with GuardedTransport(outbound_rules()) as transport:
        response = await transport.handle_async_request(httpx.Request("GET", url))

Plug-ins that call a user's URL go through here; nothing else may.
"""

from fanfold.kit.networks import OutboundRules, outbound_rules
from fanfold.sdk.outbound.errors import NameUnknown, Refused
from fanfold.sdk.outbound.transport import GuardedTransport, origin_of

__all__ = ["GuardedTransport", "NameUnknown", "OutboundRules", "Refused", "origin_of", "outbound_rules"]
