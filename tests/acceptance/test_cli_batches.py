"""Batches of any kind from the command line: made, filled, controlled, explained, mended, removed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.running import COMMAND, Running, bare

pytestmark = pytest.mark.timeout(200)

SLOW = ("-p", "snooze_ms=600000")


def told(fanfold: Running, *arguments: str, code: int = 0) -> Any:
    """Return what a command prints as JSON."""
    ended = fanfold.cli(*arguments, "--json")
    assert ended.returncode == code, ended.stderr
    return json.loads(ended.stdout if code in {0, 1} else ended.stderr)


def test_a_batch_is_previewed_run_explained_and_mended(fanfold: Running, tmp_path: Path):
    batch, targets = tmp_path / "batch.yaml", tmp_path / "targets.jsonl"
    batch.write_text("kind: noop\nname: Mixed\nparameters: {rows: 2}\npolicy: {max_parallel: 3}\n")
    lines = [{"key": key, "parameters": {"fail": key in "bd"}} for key in "abcd"]
    targets.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    over = ("--file", str(batch), "--targets", str(targets), "--budget", "90%", "--rate", "1000/s")

    seen = told(fanfold, "batch", "preview", *over)
    assert (seen["total_operations"], seen["operations"][1]["parameters"]["fail"]) == (4, True)
    stale = fanfold.cli("batch", "run", *over, "-p", "rows=3", "--as-previewed", seen["preview"])
    assert (stale.returncode, "preview" in stale.stderr) == (2, True)
    job = told(fanfold, "batch", "run", *over, "--as-previewed", seen["preview"], code=1)
    assert (job["name"], job["status"], job["policy"]["budget"]["percent"]) == (
        "Mixed",
        "partial_success",
        90,
    )

    (cause,) = told(fanfold, "batch", "failures", job["job_id"])
    assert (cause["count"], cause["message"]) == (2, "It failed as it was told to.")
    mend = ("batch", "retry", job["job_id"], "--fingerprint", cause["fingerprint"], "-p", "fail=false")
    assert told(fanfold, *mend, "--dry-run")["retried_operations"] == 2
    assert told(fanfold, *mend)["status"] == "completed"

    shown = fanfold.cli("batch", "show", job["job_id"])
    assert "4: 4 completed" in shown.stdout
    assert "1000 per 1 s" in shown.stdout
    assert "Nothing waits" in fanfold.cli("batch", "why", job["job_id"]).stdout
    assert fanfold.cli("batch", "failures", job["job_id"]).stdout.strip() == "Nothing has failed."
    assert job["job_id"] in fanfold.cli("batch", "list", "--kind", "noop").stdout
    assert fanfold.cli("batch", "results", job["job_id"], "--csv", "-").stdout.count("\n") == 9


def test_a_draft_is_filled_started_controlled_and_deleted(fanfold: Running, tmp_path: Path):
    table, lines = tmp_path / "targets.csv", tmp_path / "targets.jsonl"
    table.write_text("key,region\na,eu\nb,us\n")
    lines.write_text('{"key": "c"}\n{"name": "no key"}\n')
    draft = told(fanfold, "batch", "run", "--kind", "noop", "--draft", "--max-parallel", "1", *SLOW)["job_id"]
    assert told(fanfold, "batch", "fill", draft, str(table))["total"] == 2
    broken = told(fanfold, "batch", "fill", draft, str(lines), code=2)
    assert [one["pointer"] for one in broken["errors"]] == ["/lines/2"]
    assert "3 operations" in fanfold.cli("batch", "preview", draft).stdout
    assert told(fanfold, "batch", "start", draft, "--no-wait")["total_operations"] == 3

    paused = told(fanfold, "batch", "pause", draft, "--freeze", "--reason", "lunch", "--until", "2h")
    assert (paused["status"], paused["pause"]["reason"]) == ("paused", "lunch")
    changed = told(fanfold, "batch", "change", draft, "--max-parallel", "2", "--rate", "none", "--tag", "x")
    assert (changed["policy"]["max_parallel"], changed["tags"]) == (2, ["x"])
    assert "frozen until" in fanfold.cli("batch", "why", draft).stdout
    assert told(fanfold, "batch", "resume", draft)["pause"] is None
    refused = fanfold.cli("batch", "change", draft, "--max-parallel", "0")
    assert (refused.returncode, "/max_parallel" in refused.stderr) == (2, True)
    assert told(fanfold, "batch", "cancel", draft, "--reason", "enough")["status"] in {
        "cancelling",
        "cancelled",
    }
    with fanfold.client() as client:
        client.batches.get(draft).wait(timeout=60)
    history = [entry["name"] for entry in told(fanfold, "batch", "timeline", draft)]
    assert {"batch.paused", "batch.changed", "batch.resumed"} <= set(history)
    assert told(fanfold, "batch", "delete", draft) == {"deleted": draft}
    assert fanfold.cli("batch", "show", draft).returncode == 2


def test_ctrl_c_stops_the_watching_and_not_the_batch(fanfold: Running):
    job = told(fanfold, "batch", "run", "--kind", "noop", "-t", "a", *SLOW, "--no-wait")
    with (
        fanfold.client() as client,
        subprocess.Popen(
            [COMMAND, "batch", "watch", job["job_id"]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=bare({"FANFOLD_URL": fanfold.url, "FANFOLD_TOKEN": str(fanfold.ready["token"])}),
            # A test run in the background of a shell has its interrupts ignored, and its children too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 -- no threads there
        ) as watching,
    ):
        assert watching.stdout is not None
        assert " a " in watching.stdout.readline()
        os.kill(watching.pid, signal.SIGINT)
        _, errors = watching.communicate(timeout=30)
        assert watching.returncode == 130
        assert "goes on" in errors
        batch = client.batches.get(job["job_id"])
        assert not batch.job.status.is_final
        batch.cancel()


def test_limits_are_set_and_taken_back_and_workers_are_listed(fanfold: Running):
    set_now = told(fanfold, "limits", "set", "kind:noop", "--max-running", "500", "--rate", "9000/s")
    assert (set_now["max_running"], set_now["rate"]["count"], set_now["pinned"]) == (500, 9000, True)
    assert "kind:noop" in fanfold.cli("limits", "list", "--search", "noop").stdout
    assert "9000 per 1 s" in fanfold.cli("limits", "show", "kind:noop").stdout
    assert told(fanfold, "limits", "clear", "kind:noop") == {"cleared": "kind:noop"}
    assert fanfold.cli("limits", "set", "kind:noop").returncode == 2
    (worker, *_) = told(fanfold, "workers")
    assert worker["state"] == "alive"
    assert "noop" in worker["kinds"]
    assert "noop, python" in fanfold.cli("workers").stdout


def test_the_program_of_the_guide_runs(fanfold: Running):
    guide = (Path(__file__).parents[2] / "docs/guides/command-line.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        env=bare({"FANFOLD_URL": fanfold.url, "FANFOLD_TOKEN": str(fanfold.ready["token"])}),
    )
    assert ended.stdout.splitlines() == ["1 failed: It failed as it was told to.", "completed"], ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "daily-performance", "--kind", "noop"),
        ("run", "--kind", "noop", "-t", "a", "--rate", "fast"),
        ("run", "--kind", "noop", "-t", "a", "--preview"),
        ("pause", "batch_00000000", "--until", "someday"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_a_plain_sentence(fanfold: Running, arguments: tuple[str, ...]):
    ended = fanfold.cli("batch", *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("fanfold: ")
