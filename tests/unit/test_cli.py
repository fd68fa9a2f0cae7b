"""The command line's own rules: flags, exit codes, what is given as NAME=VALUE, what is shown."""

from __future__ import annotations

import asyncio
import io
import json
import os
import stat
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from rich.console import Console
from typer.main import get_command

from fanfold.cli.assignments import filters, overrides, parameters
from fanfold.cli.exits import AlreadyRunning, CannotStart, ExitCode, exit_code_of, explain, unwrapped
from fanfold.cli.folder import held, with_keys, write_private
from fanfold.cli.invocation import command_of, hoisted
from fanfold.cli.live import BatchView, watching
from fanfold.cli.main import COMMANDS, application
from fanfold.cli.output import Output
from fanfold.cli.processes import Child
from fanfold.cli.stopping import unless_stopped
from fanfold.client.errors import BadInput, Conflict, NotSignedIn, Problem, ServerFailed, Unreachable
from fanfold.client.models import Change, Job, Operation, Progress, Status, Workflow
from fanfold.db.errors import TooOld
from fanfold.settings import BadSettings, load_settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["batch", "list", "--json"], ["--json", "batch", "list"]),
        (["up", "--data-dir", "d", "--port", "0"], ["--data-dir", "d", "up", "--port", "0"]),
        (["up", "--data-dir=d"], ["--data-dir=d", "up"]),
        (["batch", "run", "w", "--", "--json"], ["batch", "run", "w", "--", "--json"]),
        (["batch", "list", "--url"], ["--url", "batch", "list"]),
    ],
)
def test_global_flags_may_stand_anywhere(given, expected):
    assert hoisted(given) == expected


def test_the_command_is_found_behind_the_global_flags():
    assert command_of(hoisted(["--data-dir", "batch", "up", "--json"])) == "up"
    assert command_of(["--help"]) is None


def test_every_command_has_its_module_and_its_page():
    page = (ROOT / "docs/reference/cli.md").read_text()
    for name in COMMANDS:
        assert (ROOT / f"src/fanfold/cli/{name}.py").is_file()
        assert f"fanfold {name}" in page


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput(400, "no"), ExitCode.BAD_INPUT),
        (Conflict(409, "no"), ExitCode.BAD_INPUT),
        (NotSignedIn(401, "no"), ExitCode.BAD_INPUT),
        (BadSettings("no"), ExitCode.BAD_INPUT),
        (AlreadyRunning("no"), ExitCode.BAD_INPUT),
        (Unreachable("no"), ExitCode.UNREACHABLE),
        (ServerFailed(500, "no"), ExitCode.UNREACHABLE),
        (TooOld("no"), ExitCode.UNREACHABLE),
        (CannotStart("no"), ExitCode.UNREACHABLE),
    ],
)
def test_a_failure_ends_with_its_exit_code(error, code):
    assert explain(error).code is code
    assert explain(error).message == "no"


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.COMPLETED, 0), (Status.PARTIAL, 1), (Status.FAILED, 1), (Status.CANCELLED, 1)],
)
def test_waiting_for_a_batch_ends_as_the_batch_does(status, code):
    assert exit_code_of(status) == code


def test_exit_codes_are_documented():
    page = (ROOT / "docs/reference/cli.md").read_text()
    for code in ExitCode:
        assert f"| {code.value} |" in page


def test_the_only_error_of_a_group_is_told_alone():
    group = ExceptionGroup("outer", [ExceptionGroup("inner", [CannotStart("no")])])
    with pytest.raises(CannotStart), unwrapped():
        raise group


def test_several_errors_stay_a_group():
    with pytest.raises(ExceptionGroup), unwrapped():
        raise ExceptionGroup("both", [ValueError(), KeyError()])


WORKFLOW = Workflow.model_validate(
    {
        "id": uuid4(),
        "key": "w",
        "name": "W",
        "sql_query": "select 1",
        "parameters": [{"name": "code", "data_type": "STRING"}, {"name": "top", "data_type": "INTEGER"}],
    }
)


def test_values_are_json_except_where_the_workflow_declares_a_text():
    given = ["code=007", "top=7", "startDate=2026-01-01", "list=[1,2]", "flag=true"]
    assert parameters(given, WORKFLOW) == {
        "code": "007",
        "top": 7,
        "startDate": "2026-01-01",
        "list": [1, 2],
        "flag": True,
    }


def test_a_value_may_hold_an_equals_sign_and_be_empty():
    assert parameters(["code=a=b", "x="], WORKFLOW) == {"code": "a=b", "x": ""}


def test_overrides_are_gathered_by_instance():
    given = ["amc1:top=1", "amc1:code=x", "amc2:top=2"]
    assert overrides(given, WORKFLOW) == {"amc1": {"top": 1, "code": "x"}, "amc2": {"top": 2}}


@pytest.mark.parametrize("given", ["noequals", "=value"])
def test_what_is_no_assignment_is_refused(given):
    with pytest.raises(BadInput, match="NAME=VALUE"):
        parameters([given], WORKFLOW)


def test_an_override_without_its_instance_is_refused():
    with pytest.raises(BadInput, match="TARGET:NAME=VALUE"):
        overrides(["top=1"], WORKFLOW)


def test_all_narrows_by_what_instances_have():
    assert filters(["all"]) == {}
    assert filters(["region=us-east-1", "tag=demo"]) == {"region": "us-east-1", "tag": "demo"}
    with pytest.raises(BadInput, match="planet"):
        filters(["planet=mars"])


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path, bare_keys):
    settings = load_settings(data_dir=tmp_path)
    first, second = with_keys(settings, make=True), with_keys(settings, make=True)
    assert first.keys == second.keys
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    Fernet(first.keys.fernet[0].get_secret_value())


def test_a_worker_makes_no_keys_of_its_own(tmp_path, bare_keys):
    with pytest.raises(BadSettings, match="FANFOLD_FERNET_KEYS"):
        with_keys(load_settings(data_dir=tmp_path), make=False)
    assert list(tmp_path.iterdir()) == []


def test_a_worker_with_keys_of_the_environment_needs_no_folder(tmp_path, bare_keys, monkeypatch):
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("FANFOLD_FERNET_KEYS", key)
    settings = with_keys(load_settings(data_dir=tmp_path), make=False)
    assert [one.get_secret_value() for one in settings.keys.fernet] == [key]


def test_a_key_of_the_environment_joins_the_made_one_that_is_missing(tmp_path, bare_keys, monkeypatch):
    monkeypatch.setenv("FANFOLD_JWT_SECRET", "s" * 40)
    keys = with_keys(load_settings(data_dir=tmp_path), make=True).keys
    assert keys.jwt is not None
    assert keys.jwt.get_secret_value() == "s" * 40
    assert len(keys.fernet) == 1


@pytest.mark.parametrize(
    ("variable", "text"), [("FANFOLD_FERNET_KEYS", "short"), ("FANFOLD_JWT_SECRET", "short")]
)
def test_a_weak_key_is_refused_by_name(tmp_path, bare_keys, monkeypatch, variable, text):
    monkeypatch.setenv(variable, text)
    with pytest.raises(BadSettings, match=variable):
        with_keys(load_settings(data_dir=tmp_path), make=True)


def test_broken_keys_are_not_replaced(tmp_path, bare_keys):
    write_private(tmp_path / "keys.json", "{}")
    with pytest.raises(BadSettings, match="backup"):
        with_keys(load_settings(data_dir=tmp_path), make=True)
    assert (tmp_path / "keys.json").read_text() == "{}"


@pytest.fixture
def bare_keys(monkeypatch):
    for variable in ("FANFOLD_FERNET_KEYS", "FERNET_KEY", "FANFOLD_JWT_SECRET"):
        monkeypatch.delenv(variable, raising=False)


def test_a_data_folder_has_one_owner_at_a_time(tmp_path):
    with (
        held(tmp_path / "d"),
        pytest.raises(AlreadyRunning, match="another --data-dir"),
        held(tmp_path / "d"),
    ):
        pass
    with held(tmp_path / "d"):
        pass


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="data folder"), held(tmp_path / "file" / "d"):
        pass


async def test_a_child_that_dies_before_it_is_ready_is_told():
    with Path(os.devnull).open("w") as nowhere:
        child = Child("json.tool", ["--no-such-flag"], log=nowhere)
        await child.start(announces=True)
        with pytest.raises(CannotStart, match=r"json\.tool"):
            await child.announcement()


async def test_work_ends_when_it_is_stopped():
    stop = asyncio.Event()
    ended = asyncio.Event()

    async def work() -> None:
        try:
            stop.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    assert await unless_stopped(work(), stop) is False
    assert ended.is_set()


async def test_work_that_ends_by_itself_or_fails_is_told():
    async def fails() -> None:
        raise CannotStart("no")

    assert await unless_stopped(asyncio.sleep(0), asyncio.Event()) is True
    with pytest.raises(CannotStart):
        await unless_stopped(fails(), asyncio.Event())


def job(total: int) -> Job:
    return Job.model_validate(
        {
            "job_id": "batch_1",
            "id": uuid4(),
            "kind": "amc.workflow",
            "name": "One [bold]name[/bold]",
            "status": "running",
            "created_at": "2026-01-01T00:00:00Z",
            "total_operations": total,
            "progress": {"total_operations": total},
        }
    )


def operation(ordinal: int, status: str, **more: object) -> Operation:
    fields = {
        "id": str(uuid4()),
        "execution_id": f"e{ordinal}",
        "ordinal": ordinal,
        "target_name": f"Instance {ordinal}",
        "status": status,
    }
    return Operation.model_validate({**fields, **more})


def change(*operations: Operation, total: int = 30) -> Change:
    return Change(
        status=Status.RUNNING, progress=Progress(total_operations=total), operations=tuple(operations)
    )


def shown(view: BatchView) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(view.render())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_shows_what_needs_attention_first_and_counts_the_rest():
    view = BatchView(job(30))
    view.update(change(*(operation(number, "completed") for number in range(29)), operation(29, "failed")))
    text = shown(view)
    assert "Instance 29" in text
    assert "… and 6 more" in text


def test_names_and_messages_are_no_mark_up():
    view = BatchView(job(1))
    view.update(change(operation(0, "failed", error={"message": "column [red] is unknown"}), total=1))
    text = shown(view)
    assert "column [red] is unknown" in text
    assert "One [bold]name[/bold]" in text


def test_where_nothing_can_be_redrawn_each_change_of_state_is_a_line():
    console = Console(file=io.StringIO(), force_terminal=False, width=140)
    running, waiting = operation(0, "running"), operation(1, "pending", waiting="slot")
    done = running.model_copy(update={"status": "completed", "row_count": 1200, "duration_ms": 3100})
    with watching(BatchView(job(2)), console) as watch:
        watch(change(running, waiting, total=2))
        watch(change(running, waiting, total=2))
        watch(change(done, total=2))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[-1].endswith("completed  1,200 rows, 3.1 s")


def test_problems_are_listed_under_the_error_and_in_json(capsys):
    problems = [Problem("/parameters/top", "must be a number [1-9]")]
    failing = explain(BadInput(400, "Refused.", problems=problems))
    Output(as_json=False).fail(failing)
    Output(as_json=True).fail(failing)
    *human, last = capsys.readouterr().err.splitlines()
    assert human == ["fanfold: Refused.", "  /parameters/top: must be a number [1-9]"]
    assert json.loads(last)["errors"] == [{"pointer": "/parameters/top", "message": "must be a number [1-9]"}]


def test_no_two_options_of_a_command_have_one_name():
    waiting = [(get_command(application()), "fanfold")]
    twice = []
    while waiting:
        command, path = waiting.pop()
        waiting += [(one, f"{path} {name}") for name, one in getattr(command, "commands", {}).items()]
        flags = Counter(flag for one in command.params for flag in (*one.opts, *one.secondary_opts))
        twice += [f"{path} {flag}" for flag, count in flags.items() if count > 1]
    assert twice == []
