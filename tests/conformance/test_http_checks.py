"""What the kind `http` says before anything is sent; its templates, its paths, and its guard's dialling."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.kinds.http import Http
from fanfold.kinds.http.jsonpaths import BadPath, path_of
from fanfold.kinds.http.templates import BadTemplate, Missing, in_address, template_of
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent, Problem
from fanfold.sdk.outbound import GuardedTransport, OutboundRules, Refused
from fanfold.sdk.testing import RecordingContext
from tests.conformance.web import LOCALHOST, Says

KIND = Http(OutboundRules())
URL = "https://api.example.com/items"


def findings(**definition):
    return [finding.message for finding in KIND.inspect({"url": URL, **definition})]


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({"url": ""}, "/url"),
        ({"url": "ftp://example.com/x"}, "only http and https"),
        ({"url": "//example.com/x"}, "begin with"),
        ({"url": "items"}, "begin with"),
        ({"url": "https://ada:pw@example.com/"}, "carries a user"),
        ({"url": "{{ target.colour }}"}, "no 'colour'"),
        ({"url": "/{{ environ.HOME }}"}, "'environ' is unknown"),
        ({"url": "/{% for x in parameters.a %}x{% endfor %}"}, "no statements"),
        ({"url": "/{{ parameters.a.__class__() }}"}, "only names, constants"),
        ({"url": "/{{ 'a' * 10 ** 9 }}"}, "only names, constants"),
        ({"url": "/{{ parameters.a | attr('x') }}"}, "no filter 'attr'"),
        ({"url": "/{{ parameters.a | default }}"}, "takes 1 values"),
        ({"url": "/{{ parameters.a"}, "/url"),
        ({"url": "/" + "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}"}, "nests too deeply"),
        ({"headers": {"Authorization": "Bearer x"}}, "plain text"),
        ({"headers": {"cookie": "a=b"}}, "plain text"),
        ({"headers": {"Host": "other"}}, "set by Fanfold"),
        ({"headers": {"Idempotency-Key": "1"}}, "set by Fanfold"),
        ({"headers": {"a b": "1"}}, "no name of a header"),
        ({"query": {"a": ["{{ x }}"]}}, "/query/a/0"),
        ({"method": "POST", "body": {"a": [{"b": "{{ x }}"}]}}, "/body/a/0/b"),
        ({"method": "POST", "body": {"a": 1}, "content_type": "text/plain"}, "is one text"),
        ({"method": "GET", "body": {"a": 1}}, "carries no body"),
        ({"method": "HEAD", "summary": {"a": "$.a"}}, "no body to look into"),
        ({"method": "TRACE"}, "/method"),
        ({"success": {"status": ["2x"]}}, "/success/status/0"),
        ({"summary": {"a": "items"}}, "begin with $"),
        ({"summary": {"a": "@.x"}}, "write $ instead of @"),
        ({"summary": {"a": "$.x[?@.y]"}}, "cannot be read"),
        ({"result": {"columns": []}}, "/result/columns"),
        ({"result": {"columns": [{"name": "A", "path": "@"}, {"name": "a", "path": "@"}]}}, "same name"),
        ({"timeout_seconds": 0}, "/timeout_seconds"),
        ({"max_answer_bytes": 10**12}, "/max_answer_bytes"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_definition_that_cannot_work_is_refused_with_its_place(definition, words):
    found = findings(**definition)

    assert len(found) >= 1
    assert any(words in message for message in found), found


def test_every_parameter_that_is_missing_is_named_once_with_its_pointer():
    definition = {
        "url": "https://api.example.com/{{ parameters.shop.id }}/{{ parameters.day }}",
        "headers": {"X-A": "{{ parameters.day }}", "X-B": "{{ parameters.b | default('x') }}"},
        "query": {"t": "{{ parameters['a/b'] }}", "l": "{{ parameters.list[1] | upper }}"},
    }

    problems = KIND.check(definition, {"shop": {}, "day": None, "list": [1]})

    assert [problem.pointer for problem in problems] == ["/shop/id", "/day", "/a~1b", "/list/1"]
    assert problems[0] == Problem("/shop/id", "shop.id is needed by /url of the request and is not given.")
    given_all = {"shop": {"id": 1}, "day": "x", "a/b": 1, "list": [1, 2]}
    assert KIND.check(definition, given_all) == []


async def test_what_a_target_lacks_is_named_before_anything_is_sent():
    context = RecordingContext(definition={"url": "/{{ target.attributes.shop.id }}"})

    with pytest.raises(Permanent, match=r"target\.attributes\.shop is not given \(at /url"):
        await KIND.run(context)


@pytest.mark.parametrize("target", [
    Target("a", "A", attributes={"url": "https://API.example.com:8443/x"}),
    Target("b", "B", attributes={"host": "api.example.com."}),
])  # fmt: skip
def test_one_host_is_one_key(target):
    (limit,) = KIND.limits(target)
    assert (limit.key, limit.max_running, limit.guarded) == ("http.host:api.example.com", 10, True)


@pytest.mark.parametrize("attributes", [{}, {"url": ""}, {"url": "http://["}, {"host": None}, {"url": 5}])
def test_a_target_without_a_host_has_no_cap_or_an_odd_one_and_never_fails(attributes):
    assert len(KIND.limits(Target("a", "A", attributes=attributes))) <= 1


SCOPE = {
    "target": {"key": "k", "name": "n", "attributes": {"a b": 1, "list": [1, "x", None], "no": None}},
    "parameters": {"on": True, "items": "mine", "n": 1.5},
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("plain", "plain"),
        ("{{ target.key }}-{{ target.name }}", "k-n"),
        ("{{ target.attributes['a b'] }}", 1),
        ("{{ target.attributes.list }}", [1, "x", None]),
        ("{{ target.attributes.list[1] }}!", "x!"),
        ("{{ target.attributes.list | json }}", '[1,"x",null]'),
        ("{{ parameters.on }}", True),
        ("is {{ parameters.on }}", "is true"),
        ("{{ parameters.items }}", "mine"),
        ("{{ parameters.none | default(target.key) }}", "k"),
        ("{{ target.attributes.no | default('x') | upper }}", "X"),
        ("{{ parameters.n ~ '/' ~ target.key }}", "1.5/k"),
        ("{{ ' a b ' | trim | urlencode }}", "a%20b"),
        ("{{ 'A' | lower }}{# a remark #}", "a"),
    ],
)
def test_a_template_gives(source, value):
    assert template_of(source).value(SCOPE) == value


@pytest.mark.parametrize(
    "source", ["{{ parameters.keys }}", "x{{ target.attributes.no }}", "{{ target.attributes.list[9] }}"]
)
def test_a_template_is_strict(source):
    with pytest.raises(Missing):
        template_of(source).value(SCOPE)


@given(st.text(max_size=60))
def test_no_text_breaks_the_template_reader(text):
    try:
        template_of("{{" + text + "}}")
    except BadTemplate:
        return


@given(st.text(max_size=40))
def test_no_value_leaves_its_place_in_an_address(text):
    try:
        encoded = in_address(text)
    except UnicodeEncodeError:
        return
    assert not set(encoded) & set("/?#@:&= \r\n")


DOCUMENT = {"a": {"b c": [1, 2, {"d": 3}]}, "e": None, "": 0, "f": [[1], [2, 3]]}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("$", [DOCUMENT]),
        ("$.a['b c'][0]", [1]),
        ("$.a['b c'][-1].d", [3]),
        ('$["a"]["b c"][*].d', [3]),
        ("$.f[*][*]", [1, 2, 3]),
        ("$.f.*", [[1], [2, 3]]),
        ("$['']", [0]),
        ("$.e", [None]),
        ("$.e.x", []),
        ("$.a[0]", []),
        ("$.f[9]", []),
        ("$.nope", []),
    ],
)
def test_a_path_finds(source, found):
    assert list(path_of(source).find(DOCUMENT)) == found


@pytest.mark.parametrize("source", ["", "a", "$a", "$.", "$[", "$..a", "$[01]", "$[1:2]", "$." + "a" * 600])
def test_what_is_no_path_is_refused(source):
    with pytest.raises(BadPath):
        path_of(source)


@given(st.text(max_size=60))
def test_no_text_breaks_the_path_reader(text):
    try:
        list(path_of("$" + text).find(DOCUMENT))
    except BadPath:
        return


class Resolver:
    """Answers each look-up of a name with the next of its addresses."""

    def __init__(self, monkeypatch, *answers):
        self.answers = list(answers)
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self.getaddrinfo, raising=False)

    async def getaddrinfo(self, host, port, **_named):
        if host.startswith("127."):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.answers.pop(0)
        ]


async def get(transport, url):
    response = await transport.handle_async_request(httpx.Request("GET", url))
    await response.aread()
    return response


async def test_the_address_that_was_checked_is_the_one_that_is_dialled(web, monkeypatch):
    port = web.url.rpartition(":")[2]
    # The second answer is what an attacker's name server gives once the first was found harmless.
    resolver = Resolver(monkeypatch, ["10.0.0.7", "127.0.0.1"], ["169.254.169.254"])
    async with GuardedTransport(LOCALHOST, keep_alive=0) as transport:
        assert (await get(transport, f"http://rebind.example:{port}/x")).status_code == 200
        assert resolver.answers == [["169.254.169.254"]]
        with pytest.raises(Refused):
            await get(transport, f"http://rebind.example:{port}/x")
    assert [(one.path, one.headers["host"]) for one in web.asked] == [("/x", f"rebind.example:{port}")]


async def test_a_name_that_the_operator_trusts_may_lead_anywhere(web, monkeypatch):
    port = web.url.rpartition(":")[2]
    Resolver(monkeypatch, ["127.0.0.1"])
    async with GuardedTransport(OutboundRules.of(["api.internal"])) as transport:
        assert (await get(transport, f"http://api.internal:{port}/x")).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
async def test_no_way_of_writing_the_loopback_gets_through(web, host):
    port = web.url.rpartition(":")[2]
    rules = OutboundRules.of(ports=[port])
    async with GuardedTransport(rules) as transport:
        with pytest.raises(Refused):
            await get(transport, f"http://{host}:{port}/")
    assert web.asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://ada:pw@example.com/", "http://a b/", "http:///x"]
)
async def test_only_plain_web_addresses_are_called(url):
    async with GuardedTransport(LOCALHOST) as transport:
        with pytest.raises(Refused):
            await get(transport, url)


async def test_a_redirect_into_the_house_is_refused(web):
    target = Target("t", "T")
    web.lay("/items", Says(302, headers={"location": "http://10.0.0.1/"}))
    context = RecordingContext(definition={"url": f"{web.url}/items"}, target=target)

    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        await Http(LOCALHOST).run(context)
