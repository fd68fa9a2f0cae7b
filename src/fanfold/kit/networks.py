"""Where calls to addresses that users name may go: public ones on the usual ports, and what operators allow.

Everything that is no public unicast address is refused: loopback, private, link-local (where clouds hand out
credentials), shared, multicast, unspecified, reserved, and the same behind an IPv6 address that carries an
IPv4 one (mapped, NAT64, 6to4, Teredo).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

NETWORKS_VARIABLE = "FANFOLD_HTTP_ALLOWED_NETWORKS"
PORTS_VARIABLE = "FANFOLD_HTTP_ALLOWED_PORTS"
DEFAULT_PORTS = (80, 443, 8080, 8443)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
_HOST = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.?")
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class OutboundRules:
    """What the operator allows; without anything, public addresses on the usual ports."""

    networks: tuple[Network, ...] = ()
    hosts: tuple[str, ...] = ()
    """Names as they are called, lower case; `*.example.net` stands for all below it."""
    ports: frozenset[int] = frozenset(DEFAULT_PORTS)
    """For public addresses; what the operator names is trusted on every port."""

    @classmethod
    def of(cls, allowed: Iterable[str] = (), *, ports: Iterable[int | str] = DEFAULT_PORTS) -> OutboundRules:
        """Read networks (`10.0.0.0/8`), addresses and host names. Raises `ValueError` naming a bad one."""
        entries = [entry.strip().lower() for entry in allowed if entry.strip()]
        networks = tuple(network for entry in entries if (network := _network_of(entry)) is not None)
        hosts = tuple(_host_of(entry) for entry in entries if _network_of(entry) is None)
        return cls(networks, hosts, frozenset(_port_of(port) for port in ports))

    def trusts_host(self, host: str) -> bool:
        """Whether the operator named this host, wherever its name leads."""
        name = host.lower().rstrip(".")
        return any(
            name.endswith(entry[1:]) if entry.startswith("*.") else name == entry for entry in self.hosts
        )

    def allows(self, address: Address, *, port: int) -> bool:
        """Whether a call may go to this very address."""
        seen = _carried(address)
        if any(seen.version == network.version and seen in network for network in self.networks):
            return True
        return is_public(address) and port in self.ports


def outbound_rules(environment: Mapping[str, str] | None = None) -> OutboundRules:
    """Read the operator's rules from the environment, once, where a plug-in is made.

    Raises `ValueError` naming the variable.
    """
    given = os.environ if environment is None else environment
    networks, ports = given.get(NETWORKS_VARIABLE, ""), given.get(PORTS_VARIABLE, "")
    named = [port for port in ports.split(",") if port.strip()]
    try:
        return OutboundRules.of(networks.split(","), ports=named or DEFAULT_PORTS)
    except ValueError as error:
        raise ValueError(f"{NETWORKS_VARIABLE} or {PORTS_VARIABLE}: {error}") from error


def is_public(address: Address) -> bool:
    """Whether *address*, and one that it may carry, is a public unicast address."""
    carried = _carried(address)
    if carried != address:
        return is_public(carried)
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _carried(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def _network_of(entry: str) -> Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None


def _host_of(entry: str) -> str:
    if not _HOST.fullmatch(entry) or "/" in entry or _looks_like_address(entry):
        raise ValueError(f"{entry!r} is neither a network, an address nor a host name.")
    return entry.rstrip(".")


def _looks_like_address(entry: str) -> bool:
    return entry.rsplit(".", maxsplit=1)[-1].isdecimal()


def _port_of(port: int | str) -> int:
    number = int(port) if str(port).strip().isdecimal() else 0
    if not 1 <= number <= _LAST_PORT:
        raise ValueError(f"{port!r} is no port.")
    return number


def addresses_of(texts: Iterable[str]) -> list[Address]:
    """Read what a resolver said; an address with a zone is never a public one and is left out."""
    return [ip_address(text) for text in dict.fromkeys(texts) if "%" not in text]
