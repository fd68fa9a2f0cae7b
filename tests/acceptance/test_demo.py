"""`fanfold demo --once`: the newcomer's first minute, told as promised."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.running import COMMAND, STOP_SECONDS, bare

pytestmark = pytest.mark.timeout(300)


def test_it_ends_partial_then_completed_and_leaves_the_table(tmp_path: Path):
    folder = tmp_path / "demo"
    told = run("demo", "--once", "--data-dir", str(folder))
    assert told.returncode == 0, told.stdout + told.stderr
    partial, completed = (
        told.stdout.index("is partial: 11 of 12"),
        told.stdout.index("is completed: 12 of 12"),
    )
    assert partial < completed
    assert "AMC asked for a pause" in told.stdout
    assert "tries again soon" in told.stdout
    assert "/ui/sign-in?code=" in told.stdout

    (path,) = folder.glob("batch_*.csv")
    assert str(path) in told.stdout
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["_instance_name"] for row in rows}) == 12
    assert "impressions" in rows[0]

    second = run("demo", "--once", "--data-dir", str(folder))
    assert second.returncode == 0, second.stdout + second.stderr
    assert len(list(folder.glob("batch_*.csv"))) == 2


def test_it_stays_up_until_ctrl_c(tmp_path: Path):
    command = [COMMAND, "demo", "--data-dir", str(tmp_path / "demo")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=bare({})) as process:
        assert process.stdout is not None
        # The last line of the story; without it the loop ends with the output, and the assertion tells.
        lines = iter(process.stdout.readline, "")
        assert any("stays up" in line for line in lines)
        assert process.poll() is None
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(STOP_SECONDS) == 0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=200, env=bare({})
    )
