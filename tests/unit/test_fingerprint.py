"""Equal causes fall together whatever varies in them; different ones do not."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.engine.fingerprint import fingerprint, normal_form

WORD = st.text(string.ascii_lowercase, min_size=1, max_size=10)
NUMBER = st.integers(2, 10**9)
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds
VARYING: dict[str, st.SearchStrategy[str]] = {
    "url": st.builds("https://{}.example.com/{}?id={}".format, WORD, WORD, NUMBER),
    "path": st.builds("/{}/{}.csv".format, WORD, WORD),
    "windows": st.builds(r"C:\{}\{}.csv".format, WORD, WORD),
    "email": st.builds("{}@{}.org".format, WORD, WORD),
    "time": MOMENT.map(lambda at: at.isoformat()),
    "uuid": st.uuids().map(str),
    "hex": st.builds("0x{:x}".format, NUMBER),
    "quoted": st.builds("{}_{}".format, WORD, NUMBER).flatmap(
        lambda name: st.sampled_from([f"'{name}'", f'"{name}"', f"`{name}`", f"“{name}”"])
    ),
    "number": NUMBER.map(str) | NUMBER.map("{:,}".format),
    "duration": st.builds("{} {}".format, NUMBER, st.sampled_from(["ms", "s", "minutes", "h"])),
    "size": st.builds("{:.1f} {}".format, st.floats(1.5, 999), st.sampled_from(["KB", "MiB", "GB", "bytes"])),
    "address": st.ip_addresses(v=4).map(str),
}
CAUSES = [
    "The table {quoted} does not exist.",
    "The column {quoted} does not exist.",
    "Permission denied on {quoted}.",
    "Connection to {address} refused.",
    "Connection to {address} timed out after {duration}.",
    "No answer from {url} within {duration}.",
    "The file {path} cannot be read.",
    "The file {windows} cannot be written.",
    "The query used {size} of {size}.",
    "{number} rows were rejected since {time}.",
    "The address {email} is not known.",
    "Execution {uuid} was lost at {time}.",
    "Segmentation fault at {hex}.",
    "AMC answered 429.",
    "AMC answered 503.",
    "HTTP 404 from {url}",
    "HTTP 500 from {url}",
    "error code: 18456, login failed for {quoted}",
    "error code: 18470, login failed for {quoted}",
    "ORA-00942: table or view does not exist",
    "ORA-01031: insufficient privileges",
    "SQLSTATE 42P01 near {quoted}",
    "SQLSTATE 28000 near {quoted}",
    "It's said that he can't and won't.",
]


class Filling(dict[str, str]):
    """Draws another value for every place."""

    def __init__(self, draw: Callable[[st.SearchStrategy[str]], str]) -> None:
        super().__init__()
        self._draw = draw

    def __missing__(self, kind: str) -> str:
        return self._draw(VARYING[kind])


@given(st.data(), st.sampled_from(CAUSES))
def test_one_cause_has_one_fingerprint(data: st.DataObject, cause: str):
    one, other = (cause.format_map(Filling(data.draw)) for _ in range(2))
    assert normal_form(one) == normal_form(other)
    assert fingerprint("Permanent", one) == fingerprint("Permanent", other)


@given(st.data(), st.lists(st.sampled_from(CAUSES), min_size=2, max_size=2, unique=True))
def test_two_causes_have_two_fingerprints(data: st.DataObject, causes: list[str]):
    one, other = (cause.format_map(Filling(data.draw)) for cause in causes)
    assert fingerprint("Permanent", one) != fingerprint("Permanent", other)


@given(st.text(max_size=300))
def test_any_text_has_a_fingerprint_and_its_normal_form_is_stable(text: str):
    assert len(fingerprint("Permanent", text)) == 12
    assert normal_form(text) == normal_form(text)


@pytest.mark.parametrize(
    ("message", "normal"),
    [
        ("1 row is bad", "# row is bad"),
        ("12 rows is bad", "# row is bad"),
        ("waited 1 min 30 s", "waited #"),
        ("waited 90 s", "waited #"),
        ("99% done", "# done"),
        ("db-12.internal is away", "db-# .internal is away"),
        ("it can't be, it didn't answer", "it can't be, it didn't answer"),
        ("read/write error", "read/write error"),
        ("AMC returned 500 rows", "AMC returned # row"),
        ('The server said: "the relation does not exist any more"',
         'The server said: "the relation does not exist any more"'),
    ],
)  # fmt: skip
def test_words_stay_and_amounts_go(message: str, normal: str):
    assert normal_form(message) == normal


def test_the_class_is_part_of_the_cause():
    assert fingerprint("Permanent", "No.") != fingerprint("Retryable", "No.")


@pytest.mark.parametrize(
    "text", ["a-" * 5_000, "a." * 5_000, "'" * 9_999, "/a" * 5_000, "1 " * 5_000, "@" * 9_999]
)
def test_a_hostile_text_is_read_in_linear_time(text: str):
    assert len(normal_form(text)) <= 2 * 4_000
