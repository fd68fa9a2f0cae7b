"""The kind `http` against a real server: what is sent, what the answer becomes, what a failure means."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from fanfold.kinds.http import Http
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.outbound import NameUnknown, OutboundRules
from fanfold.sdk.outcome import Completed, Snoozed
from fanfold.sdk.testing import RecordingContext, drive
from tests.conformance.web import LOCALHOST, Says

KIND = Http(LOCALHOST)


def attempt(web, *, target=None, parameters=None, state=None, **definition):
    definition.setdefault("url", f"{web.url}/items")
    return RecordingContext(
        definition=definition,
        parameters=parameters or {},
        target=target or Target("shop-1", "Shop 1", attributes={"region": "eu west", "url": web.url}),
        state=state,
    )


async def failure_of(context, family):
    with pytest.raises(family) as caught:
        await KIND.run(context)
    return caught.value


async def test_a_plain_request_ends_with_status_duration_and_excerpt(web):
    web.lay("/items", Says(body={"ok": True}))

    outcome = await KIND.run(attempt(web))

    assert outcome == Completed({"status": 200, "duration_ms": 0, "excerpt": '{"ok": true}'})
    assert [(one.method, one.path) for one in web.asked] == [("GET", "/items")]
    assert "idempotency-key" not in web.asked[0].headers


async def test_target_and_parameters_fill_every_part_and_keep_their_types(web):
    context = attempt(
        web,
        method="POST",
        url="{{ target.attributes.url | raw }}/shops/{{ target.key }}/{{ target.attributes.region }}",
        headers={"X-Name": "{{ target.name | upper }}", "X-Day": "{{ parameters.day | default('today') }}"},
        query={"ids": "{{ parameters.ids }}", "none": "{{ parameters.nothing }}", "n": 3},
        body={"count": "{{ parameters.count }}", "text": "n={{ parameters.count }}", "deep": [{"on": True}]},
        parameters={"ids": [1, 2], "nothing": None, "count": 7},
    )

    await KIND.run(context)

    (asked,) = web.asked
    assert asked.path == "/shops/shop-1/eu%20west"
    assert asked.query == [("ids", "1"), ("ids", "2"), ("n", "3")]
    assert (asked.headers["x-name"], asked.headers["x-day"]) == ("SHOP 1", "today")
    assert json.loads(asked.body) == {"count": 7, "text": "n=7", "deep": [{"on": True}]}
    assert asked.headers["content-type"] == "application/json"


async def test_a_text_body_is_one_template(web):
    context = attempt(web, method="PUT", body="<id>{{ target.key }}</id>", content_type="application/xml")

    await KIND.run(context)

    assert web.asked[0].body == b"<id>shop-1</id>"
    assert web.asked[0].headers["content-type"] == "application/xml"


async def test_a_value_cannot_leave_its_place_in_the_address(web):
    wicked = Target("../../admin?x=1#y", "Wicked", attributes={})

    await KIND.run(attempt(web, target=wicked, url=f"{web.url}/items/{{{{ target.key }}}}"))

    assert web.asked[0].path == "/items/..%2F..%2Fadmin%3Fx%3D1%23y"
    error = await failure_of(
        attempt(web, target=Target("..", "Up"), url=f"{web.url}/items/{{{{ target.key }}}}/x"), Permanent
    )
    assert "'..'" in error.message


async def test_a_line_break_never_reaches_a_header(web):
    error = await failure_of(
        attempt(web, headers={"X-A": "{{ parameters.a }}"}, parameters={"a": "1\r\nX-B: 2"}), Permanent
    )

    assert "line break" in error.message
    assert web.asked == []


async def test_rows_are_typed(web):
    web.lay("/items", Says(body={"shop": "S1", "items": [
        {"id": "7", "price": 1, "sold": True, "day": "2026-11-01", "at": "2026-11-01T10:00:00+02:00",
         "tags": ["a"], "in": {"name x": "deep"}},
        {"id": 8},
    ]}))  # fmt: skip
    columns = [
        {"name": "shop", "path": "$.shop"},
        {"name": "id", "path": "@.id", "type": "integer"},
        {"name": "price", "path": "@.price", "type": "number"},
        {"name": "sold", "path": "@.sold", "type": "boolean"},
        {"name": "day", "path": "@.day", "type": "date"},
        {"name": "at", "path": "@.at", "type": "timestamp"},
        {"name": "tags", "path": "@['tags']", "type": "json"},
        {"name": "deep", "path": '@.in["name x"]'},
        {"name": "tag", "path": "@.tags[-1]"},
    ]
    context = attempt(
        web, result={"rows": "$.items[*]", "columns": columns}, summary={"first": "$.items[0].id"}
    )

    outcome = await KIND.run(context)

    assert outcome == Completed({"status": 200, "duration_ms": 0, "first": "7", "rows": 2})
    empty = dict.fromkeys(("price", "sold", "day", "at", "tags", "deep", "tag"))
    assert context.sink.rows == [
        {"shop": "S1", "id": 7, "price": 1.0, "sold": True, "day": date(2026, 11, 1),
         "at": datetime(2026, 11, 1, 8, tzinfo=UTC), "tags": '["a"]', "deep": "deep", "tag": "a"},
        {"shop": "S1", "id": 8, **empty},
    ]  # fmt: skip


async def test_no_match_is_a_result_with_columns_and_no_rows(web):
    context = attempt(web, result={"rows": "$.items[*]", "columns": [{"name": "id", "path": "@.id"}]})

    assert await KIND.run(context) == Completed({"status": 200, "duration_ms": 0, "rows": 0})
    assert [batch.schema.names for batch in context.sink.batches] == [["id"]]


async def test_a_value_of_another_type_is_named(web):
    web.lay("/items", Says(body=[{"id": 1}, {"id": "x9"}]))
    columns = [{"name": "id", "path": "@.id", "type": "integer"}]

    error = await failure_of(attempt(web, result={"rows": "$[*]", "columns": columns}), Permanent)

    assert error.message == 'Row 2, column id: "x9" is no integer.'


async def test_a_big_answer_is_read_outside_the_loop(web):
    web.lay("/items", Says(body=[{"id": number, "pad": "x" * 60} for number in range(12_000)], packed=True))
    context = attempt(
        web, result={"rows": "$[*]", "columns": [{"name": "id", "path": "@.id", "type": "integer"}]}
    )

    assert (await KIND.run(context)).summary["rows"] == 12_000
    assert [batch.num_rows for batch in context.sink.batches] == [10_000, 2_000]


async def test_success_is_what_the_definition_says(web):
    web.lay("/items", Says(404, body={"state": "ready"}))
    rule = {"status": ["2xx", "404"], "body": {"path": "$.state", "equals": "ready"}}

    assert (await KIND.run(attempt(web, success=rule))).summary["status"] == 404
    web.lay("/items", Says(200, body={"state": "cold"}))
    assert "$.state" in (await failure_of(attempt(web, success=rule), Permanent)).message
    rule["otherwise"] = "retry"
    assert type(await failure_of(attempt(web, success=rule), Retryable)) is Retryable


@pytest.mark.parametrize(
    ("says", "family", "after"),
    [
        (Says(429, headers={"retry-after": "7"}), Throttled, timedelta(seconds=7)),
        (Says(429), Throttled, None),
        (
            Says(503, headers={"retry-after": "Thu, 01 Jan 2026 00:01:00 GMT"}),
            Throttled,
            timedelta(minutes=1),
        ),
        (Says(503), TargetUnavailable, None),
        (Says(500, headers={"retry-after": "3"}), TargetUnavailable, timedelta(seconds=3)),
        (Says(408), Retryable, None),
        (Says(400), Permanent, None),
        (Says(404), Permanent, None),
        (Says(304), Permanent, None),
    ],
)
async def test_each_answer_has_its_family(web, says, family, after):
    web.lay("/items", says)

    error = await failure_of(attempt(web), family)

    assert type(error) is family
    assert getattr(error, "after", None) == after
    if isinstance(error, Throttled):
        assert error.key == KIND.limits(attempt(web).target)[0].key == "http.host:127.0.0.1"


async def test_an_answer_s_excerpt_is_bounded_and_shows_no_secret(web):
    token = "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"
    said = f'bad token {token} password="hunter2" access_token: abcdef ' + "x" * 5000
    web.lay("/items", Says(400, body=said.encode()))

    error = await failure_of(attempt(web), Permanent)

    assert not any(word in error.message for word in (token, "hunter2", "abcdef"))
    assert len(error.message) < 600


async def test_nobody_there_burns_no_attempt(web):
    free = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = free.sockets[0].getsockname()[1]
    free.close()
    await free.wait_closed()

    error = await failure_of(attempt(web, url=f"http://127.0.0.1:{port}/"), TargetUnavailable)

    assert error.reached is False


async def test_a_host_that_does_not_exist_uses_up_attempts(web):
    await failure_of(attempt(web, url="http://nobody.invalid/"), NameUnknown)


async def test_silence_and_a_cut_line_count_against_the_target(web):
    web.be_silent("/items")
    error = await failure_of(attempt(web, timeout_seconds=0.1), TargetUnavailable)
    assert (error.reached, "in time" in error.message) == (True, True)

    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await failure_of(attempt(web, url=f"http://127.0.0.1:{port}/?key=s3cret"), TargetUnavailable)
    assert (error.reached, "s3cret" in error.message) == (True, False)


async def test_an_unsafe_request_carries_the_same_key_when_it_is_repeated(web):
    context = attempt(web, method="POST", body={"n": "{{ parameters.n }}"}, parameters={"n": 1})
    for _ in range(2):
        await KIND.run(context)
    context.parameters = {"n": 2}
    await KIND.run(context)

    first, again, edited = (one.headers["idempotency-key"] for one in web.asked)
    assert first == again != edited
    other = attempt(web, method="POST", body={"n": 1})
    await KIND.run(other)
    assert web.asked[-1].headers["idempotency-key"] != first


async def test_what_may_not_be_repeated_fails_when_its_answer_is_lost(web):
    web.be_silent("/items")
    context = attempt(web, method="POST", repeatable=False, timeout_seconds=0.1)

    error = await failure_of(context, Permanent)

    assert "may have been carried out" in error.message
    assert [saved.state for saved in context.saved] == [{"phase": "sent"}, {}]
    crashed = attempt(web, method="POST", repeatable=False, state={"phase": "sent"})
    await failure_of(crashed, Permanent)
    assert (len(web.asked), crashed.state) == (1, None)


async def test_redirects_are_followed_as_the_method_asks(web):
    web.lay("/items", Says(303, headers={"location": "/done"}))
    web.lay("/put", Says(307, headers={"location": "/done"}))
    await KIND.run(attempt(web, method="POST", body={"a": 1}))
    await KIND.run(attempt(web, url=f"{web.url}/put", method="PUT", body={"a": 1}))

    sent = [(one.method, one.path, one.body) for one in web.asked]
    assert sent == [
        ("POST", "/items", b'{"a": 1}'),
        ("GET", "/done", b""),
        ("PUT", "/put", b'{"a": 1}'),
        ("PUT", "/done", b'{"a": 1}'),
    ]


async def test_redirects_end(web):
    web.lay("/items", Says(302, headers={"location": "/items"}))

    assert "more than 2 times" in (await failure_of(attempt(web, max_redirects=2), Permanent)).message
    assert len(web.asked) == 3
    assert "302" in (await failure_of(attempt(web, max_redirects=0), Permanent)).message


@pytest.mark.parametrize(
    "place", ["http://localhost.invalid@{host}/", "file:///etc/passwd", "http://[", "gopher://{host}/"]
)
async def test_a_redirect_to_no_web_address_ends_it(web, place):
    web.lay("/items", Says(302, headers={"location": place.format(host=web.host)}))

    await failure_of(attempt(web), Permanent)
    assert len(web.asked) == 1


async def test_what_is_sent_elsewhere_is_stripped(web):
    elsewhere = web.url.replace("127.0.0.1", "127.0.0.2")
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0):
        web.lay("/items", Says(307, headers={"location": f"{elsewhere}/gone"}))
        error = await failure_of(attempt(web, method="POST", body={"a": 1}), Permanent)
    assert "not repeated" in error.message


async def test_an_answer_is_not_read_beyond_its_bound(web):
    web.lay("/items", Says(body=b"x" * 2_000_000, packed=True))

    error = await failure_of(attempt(web, max_answer_bytes=1_000_000), Permanent)

    assert "larger than the allowed 1000000 bytes" in error.message


async def test_remote_work_is_followed_until_it_is_done(web):
    web.lay("/items", Says(202, headers={"location": "/jobs/1", "retry-after": "9"}))
    web.lay("/jobs/1", Says(202), Says(500), Says(200, body={"rows": [{"id": 1}]}))
    context = attempt(
        web,
        method="POST",
        poll={"every_seconds": 2},
        result={"rows": "$.rows[*]", "columns": [{"name": "id", "path": "@.id", "type": "integer"}]},
    )

    first = await KIND.run(context)

    address = f"{web.url}/jobs/1"
    assert first == Snoozed(
        timedelta(seconds=9), {"phase": "polling", "url": address, "polls": 0, "misses": 0}
    )
    assert [saved.state["phase"] for saved in context.saved] == ["sent", "polling"]
    assert context.saved[1].remote_ref == f"{address}#exec_00000001.1"
    context.state = first.state
    waits = []
    ended = await drive(KIND, context, between=waits.append)
    assert ended.summary["rows"] == 1
    assert waits == [timedelta(seconds=2), timedelta(seconds=4)]
    assert [one.method for one in web.asked] == ["POST", "GET", "GET", "GET"]


async def test_remote_work_may_tell_its_state_in_json(web):
    poll = {
        "status": ["201"],
        "address": "$.self",
        "done": {"path": "$.state", "one_of": ["DONE", "EMPTY"]},
        "failed": {"path": "$.state", "equals": "FAILED"},
    }
    web.lay("/items", Says(201, body={"self": "/jobs/7"}))
    web.lay("/jobs/7", Says(body={"state": "BUSY"}), Says(body={"state": "DONE"}))
    assert isinstance(await drive(KIND, attempt(web, method="POST", poll=poll)), Completed)

    web.lay("/jobs/7", Says(body={"state": "FAILED", "why": "no stock"}))
    context = attempt(web, method="POST", poll=poll)
    with pytest.raises(Permanent, match="no stock"):
        await drive(KIND, context)
    assert context.state is None


async def test_remote_work_that_vanished_fails_and_is_forgotten(web):
    web.lay("/jobs/1", Says(410))
    state = {"phase": "polling", "url": f"{web.url}/jobs/1", "polls": 3, "misses": 0}
    context = attempt(web, poll={}, state=state)

    assert "no longer knows" in (await failure_of(context, Permanent)).message
    assert context.state is None


async def test_cancelling_stops_remote_work_where_the_definition_says_how(web):
    state = {"phase": "polling", "url": f"{web.url}/jobs/1"}
    web.lay("/jobs/1", Says(204), Says(404), Says(500))

    await KIND.cancel(attempt(web, poll={}, state=state))
    assert web.asked == []
    for _ in range(2):
        await KIND.cancel(attempt(web, poll={"cancel": True}, state=state))
    assert [(one.method, one.path) for one in web.asked] == [("DELETE", "/jobs/1")] * 2
    with pytest.raises(TargetUnavailable):
        await KIND.cancel(attempt(web, poll={"cancel": True}, state=state))


async def test_without_the_operator_s_word_nothing_private_is_called(web):
    for url in (f"{web.url}/items", "http://169.254.169.254/latest/meta-data/", "http://[::1]:80/"):
        context = attempt(web, url=url)
        with pytest.raises(Permanent, match="may not be called"):
            await Http(OutboundRules()).run(context)
    assert web.asked == []
