"""What people type as rates, budgets, hours, conditions and files, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from fanfold.cli.measures import budget, moment, quiet_hours, rate, seconds
from fanfold.cli.option_groups import grouped
from fanfold.cli.policy_flags import LiveFlags, Lock, PolicyFlags
from fanfold.cli.source_flags import SourceFlags, condition
from fanfold.client.errors import BadInput
from fanfold.client.policy import Budget, QuietHours, Rate


@pytest.mark.parametrize(
    ("text", "count", "per_seconds"),
    [("60/m", 60, 60), ("10/s", 10, 1), ("5/30s", 5, 30), ("100/h", 100, 3600), ("1/0.5s", 1, 0.5)],
)
def test_a_rate_is_starts_per_time(text, count, per_seconds):
    assert rate(text) == Rate(count=count, per_seconds=per_seconds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", {"count": 3}),
        ("5%", {"percent": 5}),
        ("0", {"count": 0}),
        ("3,5%", {"count": 3, "percent": 5}),
        ("2.5%", {"percent": 2.5}),
    ],
)
def test_a_budget_is_a_count_a_percentage_or_both(text, expected):
    assert budget(text).body() == expected
    assert budget(text, strict=True).body() == {**expected, "strict": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-06:00", QuietHours(start="22:00", end="06:00")),
        (
            "22:00-6:00 Europe/Berlin sat,sun",
            QuietHours(start="22:00", end="06:00", timezone="Europe/Berlin", days=(6, 7)),
        ),
        ("9:00-17:00 mon", QuietHours(start="09:00", end="17:00", days=(1,))),
    ],
)
def test_quiet_hours_have_a_zone_and_days(text, expected):
    (found,) = quiet_hours([text])
    assert {**found.model_dump()} == {**expected.model_dump()}


def test_none_takes_quiet_hours_away():
    assert quiet_hours(["none"]) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("90s", 90), ("5m", 300), ("1.5h", 5400), ("1d", 86400), ("250ms", 0.25)],
)
def test_a_duration_has_a_unit_or_is_seconds(text, expected):
    assert seconds(text) == expected


def test_a_moment_is_a_time_or_so_long_from_now():
    assert moment("2026-12-01T06:00+01:00") == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert moment("2026-12-01T06:00") == datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert moment("2h") > datetime.now(UTC)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (rate, "60"),
        (rate, "many/m"),
        (rate, "60/fortnight"),
        (budget, "some"),
        (budget, "3,4"),
        (budget, "1.5"),
        (budget, ""),
        (seconds, "soon"),
        (moment, "tomorrow"),
        (lambda text: quiet_hours([text]), "at night"),
        (lambda text: quiet_hours([text]), "22:00-06:00 Europe/Berlin Europe/Paris"),
        (condition, "region"),
        (condition, "region like x"),
    ],
)
def test_what_cannot_be_read_is_bad_input_that_names_it(read, text):
    with pytest.raises(BadInput) as caught:
        read(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("region missing", {"parameter": "region", "operator": "missing"}),
        ("window gt 5", {"parameter": "window", "operator": "gt", "value": 5}),
        ("parameters.shop.id eq a b", {"parameter": "shop.id", "operator": "eq", "value": "a b"}),
        ('attributes.tier in ["a", "b"]', {"attribute": "tier", "operator": "in", "value": ["a", "b"]}),
    ],
)
def test_a_condition_names_a_parameter_or_an_attribute(text, expected):
    assert condition(text).body() == expected


def test_policy_flags_say_only_what_was_said():
    assert PolicyFlags().policy() is None
    flags = PolicyFlags(
        max_parallel=4,
        rate="60/m",
        budget="5%",
        strict=True,
        stop_on_error=True,
        wave=[1, 10],
        wave_tolerates=1,
        sequential=True,
        lock=Lock.EXCLUSIVE,
        after="batch_x",
        after_any_end=True,
        quiet=["22:00-06:00"],
        attempts=2,
        backoff="5s",
        timeout="2h",
    )
    policy = flags.policy()
    assert policy is not None
    assert policy.body() == {
        "max_parallel": 4,
        "rate": {"count": 60, "per_seconds": 60},
        "budget": {"percent": 5, "strict": True},
        "stop_on_error": True,
        "waves": {"sizes": [1, 10], "tolerated": 1},
        "sequential": True,
        "lock": "exclusive",
        "after": {"batch": "batch_x", "status": "finished"},
        "quiet_hours": [{"start": "22:00", "end": "06:00", "timezone": "UTC", "days": []}],
        "max_attempts": 2,
        "backoff_seconds": 5,
        "batch_timeout_seconds": 7200,
    }


def test_live_flags_change_and_take_away():
    change = LiveFlags(max_parallel=9, budget="3", stop_on_error=False, tag=["a"]).change()
    assert change == {"max_parallel": 9, "budget": Budget(count=3), "stop_on_error": False, "tags": ["a"]}
    taken = LiveFlags(rate="none", budget="none", quiet=["none"], timeout="none").change()
    assert taken == {"rate": None, "budget": None, "quiet_hours": (), "batch_timeout_seconds": None}
    with pytest.raises(BadInput, match="what is to change"):
        LiveFlags().change()


WHOLE = """
kind: http
name: Stock
definition: {url: "https://example.com/{{ target.key }}"}
parameters: {day: "2026-01-01", group: all}
policy: {max_parallel: 2, sequential: true}
targets: [{key: a}, {key: b}]
"""


def test_a_file_is_a_whole_batch_and_what_is_said_beside_it_wins(tmp_path: Path):
    file = tmp_path / "batch.yaml"
    file.write_text(WHOLE)
    policy = PolicyFlags(max_parallel=9).policy()
    kind, made_of = SourceFlags(file=file, tag=["x"]).submission(
        name="Other", parameter=["group=some"], policy=policy
    )
    assert (kind, made_of.get("name"), made_of.get("tags")) == ("http", "Other", ["x"])
    assert made_of.get("parameters") == {"day": "2026-01-01", "group": "some"}
    assert made_of.get("policy") == {"max_parallel": 9, "sequential": True}
    assert made_of.get("targets") == [{"key": "a"}, {"key": "b"}]
    _, other = SourceFlags(file=file, target=["c"]).submission(name=None, parameter=None, policy=None)
    assert other.get("targets") == ["c"]


@pytest.mark.parametrize(
    ("text", "flags", "match"),
    [
        ("targets: [{key: a}]", {}, "names no kind"),
        ("kind: http\ncolour: red", {}, "colour"),
        ("- a\n- b", {}, "fields and their values"),
        ("kind: [", {}, "cannot be read"),
        ("kind: http\ncsv: key", {}, "--targets"),
        ("kind: http", {"query": "select 1"}, "--connection"),
    ],
)
def test_a_file_that_is_no_batch_is_told(tmp_path: Path, text, flags, match):
    file = tmp_path / "batch.yaml"
    file.write_text(text)
    with pytest.raises(BadInput, match=match):
        SourceFlags(file=file, **flags).submission(name=None, parameter=None, policy=None)


def test_a_group_of_options_stands_for_all_of_them():
    @dataclass(frozen=True)
    class Pace:
        rate: Annotated[str, typer.Option(help="How fast.")] = "1/s"
        strict: Annotated[bool, typer.Option("--strict")] = False

    def run(name: Annotated[str, typer.Argument()], *, pace: Pace, tail: str = "x") -> None:
        """Run it."""
        typer.echo(f"{name} {pace} {tail}")

    run.__annotations__["pace"] = Pace
    app = typer.Typer()
    app.command("run")(grouped(run))
    said = CliRunner().invoke(app, ["a", "--rate", "2/s", "--strict", "--tail", "y"])
    assert "a " in said.output
    assert "rate='2/s', strict=True" in said.output
    assert said.output.endswith(" y\n")
    assert "How fast." in CliRunner().invoke(app, ["--help"]).output
