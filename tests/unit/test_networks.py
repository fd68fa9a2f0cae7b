"""Which addresses may be called: public ones on the usual ports, and what the operator allows."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from fanfold.kit.networks import OutboundRules, is_public, outbound_rules
from fanfold.settings import BadSettings, load_settings

REFUSED = [
    "127.0.0.1", "127.255.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "0.0.0.0",  # noqa: S104 -- nothing binds here
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "64:ff9b:1::1",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address):
    assert not is_public(ip_address(address))
    assert not OutboundRules().allows(ip_address(address), port=443)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public_is_allowed_on_the_usual_ports_only(address):
    assert [port for port in (22, 25, 80, 443, 6379, 8080, 8443) if
            OutboundRules().allows(ip_address(address), port=port)] == [80, 443, 8080, 8443]  # fmt: skip


def test_what_the_operator_names_is_allowed_on_every_port():
    rules = OutboundRules.of(["10.0.0.0/8", " 192.168.7.9", "fd00::/8", "Api.Internal", "*.corp.example", ""])

    assert rules.allows(ip_address("10.9.9.9"), port=5000)
    assert rules.allows(ip_address("::ffff:10.9.9.9"), port=5000)
    assert rules.allows(ip_address("192.168.7.9"), port=1)
    assert not rules.allows(ip_address("192.168.7.8"), port=80)
    assert rules.trusts_host("API.internal.")
    assert rules.trusts_host("a.b.corp.example")
    assert not rules.trusts_host("corp.example")
    assert not rules.trusts_host("evilcorp.example")
    assert not rules.trusts_host("api.internal.evil.example")


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/33", "http://x.example", "a b", "*", "300.1.1.1", "x.example:80"]
)
def test_an_entry_that_is_neither_network_nor_host_is_named(entry):
    with pytest.raises(ValueError, match="neither a network"):
        OutboundRules.of([entry])


def test_plug_ins_and_settings_read_the_same_variables(monkeypatch):
    monkeypatch.setenv("FANFOLD_HTTP_ALLOWED_NETWORKS", "10.0.0.0/8, api.internal")
    monkeypatch.setenv("FANFOLD_HTTP_ALLOWED_PORTS", "443, 9000")
    settings = load_settings().http

    expected = OutboundRules.of(settings.allowed_networks, ports=settings.allowed_ports)
    assert outbound_rules() == expected == OutboundRules.of(["10.0.0.0/8", "api.internal"], ports=[443, 9000])
    assert outbound_rules({}) == OutboundRules()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("FANFOLD_HTTP_ALLOWED_NETWORKS", "10.0.0.0/40"), ("FANFOLD_HTTP_ALLOWED_PORTS", "70000")],
)
def test_a_bad_setting_is_named_by_both(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=variable):
        outbound_rules()
    with pytest.raises(BadSettings, match=variable):
        load_settings()
