"""The commands against a running server: what they print, and how they end."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from fanfold.db.embedded import EmbeddedServer
from fanfold.db.schema import head
from tests.acceptance.running import Running, cli

pytestmark = pytest.mark.timeout(200)

WEEK = ("--parameter", "timeWindowType=MOST_RECENT_WEEK")


def names(fanfold: Running, count: int) -> list[str]:
    with fanfold.client() as client:
        return [one.instance_id for one in client.instances.list()][:count]


def chosen(instances: list[str]) -> list[str]:
    return [part for one in instances for part in ("--instance", one)]


def test_a_batch_that_succeeds_ends_with_0_and_its_table_can_be_read(healthy: Running):
    instances = names(healthy, 2)
    ran = healthy.cli("batch", "run", "daily-performance", *chosen(instances), *WEEK, "--json")
    assert ran.returncode == 0, ran.stderr
    job = json.loads(ran.stdout)
    assert (job["status"], job["total_operations"]) == ("completed", 2)

    table = healthy.cli("batch", "results", job["job_id"], "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert len(rows) == job["row_count"] > 0
    assert len({row["_instance_name"] for row in rows}) == 2

    head = healthy.cli("batch", "results", job["job_id"], "--limit", "3", "--json")
    assert len(json.loads(head.stdout)["rows"]) == 3

    listed = healthy.cli("batch", "list", "--limit", "200")
    assert job["job_id"] in listed.stdout
    watched = healthy.cli("batch", "watch", job["job_id"])
    assert watched.returncode == 0
    assert "2 of 2 completed" in watched.stdout


def test_a_batch_that_fails_in_part_ends_with_1_and_its_retry_with_0(healthy: Running):
    good, bad = names(healthy, 2)
    with healthy.simulator() as simulator:
        simulator.post("/_sim/faults", json={"kind": "reject", "instance_ids": [bad]}).raise_for_status()
        ran = healthy.cli("batch", "run", "daily-performance", *chosen([good, bad]), *WEEK, "--json")
        job = json.loads(ran.stdout)
        assert (ran.returncode, job["status"]) == (1, "partial_success")
        simulator.delete("/_sim/faults").raise_for_status()
    retried = healthy.cli("batch", "retry", job["job_id"], "--json")
    assert retried.returncode == 0, retried.stderr
    assert json.loads(retried.stdout)["status"] == "completed"

    again = healthy.cli("batch", "cancel", job["job_id"])
    assert again.returncode == 2
    assert "completed" in again.stderr


def test_a_batch_is_cancelled_at_amc_too(healthy: Running):
    instances = names(healthy, 1)
    with healthy.simulator() as simulator:
        simulator.post("/_sim/faults", json={"kind": "stuck", "instance_ids": instances}).raise_for_status()
        ran = healthy.cli("batch", "run", "daily-performance", *chosen(instances), "--no-wait", "--json")
        assert ran.returncode == 0
        batch_id = json.loads(ran.stdout)["job_id"]
        with healthy.client() as client:
            batch = client.batches.get(batch_id)
            next(
                change
                for change in batch.changes()
                if any(one.waiting == "remote" for one in change.operations)
            )
            ended = healthy.cli("batch", "cancel", batch_id, "--reason", "a test")
            assert ended.returncode == 0
            assert batch.wait(timeout=60).status == "cancelled"
        simulator.delete("/_sim/faults").raise_for_status()
        assert simulator.get("/_sim/stats").json()["by_instance"][instances[0]]["cancelled"] >= 1


def test_bad_input_ends_with_2_names_every_bad_item_and_runs_nothing(healthy: Running):
    (known,) = names(healthy, 1)
    before = healthy.cli("batch", "list", "--json").stdout
    undeclared = healthy.cli(
        "batch", "run", "daily-performance", "-i", known, "-p", "colour=red", "-p", "startDate=soon"
    )
    assert undeclared.returncode == 2
    assert "/parameters/colour" in undeclared.stderr
    assert "/parameters/startDate" in undeclared.stderr

    unknown = healthy.cli("batch", "run", "daily-performance", "-i", known, "-i", "nowhere", "--json")
    assert unknown.returncode == 2
    assert unknown.stdout == ""
    assert [one["pointer"] for one in json.loads(unknown.stderr)["errors"]] == ["/instance_ids/1"]

    for arguments in (
        ("batch", "run", "no-such-workflow", "-i", known),
        ("batch", "run", "daily-performance"),
        ("batch", "run", "daily-performance", "-i", known, "-i", known),
        ("batch", "watch", "batch_00000000"),
        ("batch", "run"),
    ):
        ended = healthy.cli(*arguments)
        assert (ended.returncode, ended.stdout) == (2, ""), arguments
        assert "Traceback" not in ended.stderr
    assert healthy.cli("batch", "list", "--json").stdout == before


def test_a_wrong_token_is_bad_input(fanfold: Running):
    ended = fanfold.cli("batch", "list", FANFOLD_TOKEN="wrong")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1


def test_nobody_at_the_address_ends_with_3():
    ended = cli("batch", "list", "--url", "http://127.0.0.1:1", "--token", "x")
    assert ended.returncode == 3
    assert ended.stderr.count("\n") == 1


def test_sql_that_amc_would_refuse_ends_with_1(fanfold: Running, tmp_path: Path):
    good, bad = tmp_path / "good.sql", tmp_path / "bad.sql"
    good.write_text("SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign")
    bad.write_text("SELECT * FROM")
    assert fanfold.cli("workflow", "check", str(good)).returncode == 0
    refused = fanfold.cli("workflow", "check", str(bad), "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["ok"] is False


def test_workflows_are_listed_and_shown(fanfold: Running):
    listed = json.loads(fanfold.cli("workflow", "list", "--json").stdout)
    assert "daily-performance" in {one["key"] for one in listed}
    shown = fanfold.cli("workflow", "show", "daily-performance")
    assert shown.returncode == 0
    assert "ad_products" in shown.stdout


def test_doctor_finds_everything_well(fanfold: Running):
    folder = str(fanfold.ready["data_dir"])
    ended = cli("doctor", "--data-dir", folder, "--json")
    found = json.loads(ended.stdout)
    assert [one for one in found if not one["ok"]] == []
    assert ended.returncode == 0
    checked = {one["name"] for one in found}
    assert {"keys", "database", "result store", "server", "worker"} <= checked


def test_doctor_says_what_to_do_where_nothing_runs(tmp_path: Path):
    ended = cli("doctor", "--data-dir", str(tmp_path))
    assert ended.returncode == 1
    assert "fanfold up" in ended.stdout


def test_the_running_server_is_found_by_its_data_folder_alone(fanfold: Running):
    folder = Path(str(fanfold.ready["data_dir"]))
    assert stat.S_IMODE((folder / "connection.json").stat().st_mode) == 0o600
    assert cli("workflow", "list", "--data-dir", str(folder)).returncode == 0


def test_config_shows_where_a_value_comes_from_and_no_secret():
    ended = cli(
        "config",
        "show",
        "--json",
        MAX_BATCH_SIZE="7",
        FERNET_KEY="hush",
        FANFOLD_DATABASE_URL="postgresql://u:hush@h/d",
    )
    shown = json.loads(ended.stdout)
    assert shown["limits.max_batch_size"] == {"value": "7", "source": "MAX_BATCH_SIZE"}
    assert shown["limits.max_parallel"]["source"] == "default"
    assert shown["database.url"]["value"].endswith("@h/d")
    assert "hush" not in ended.stdout


def test_migrate_goes_forward_and_back(tmp_path: Path):
    server = EmbeddedServer(tmp_path)
    try:
        url = asyncio.run(server.start())
        assert json.loads(cli("migrate", "--database-url", url, "--json").stdout) == {"revision": head()}
        assert cli("migrate", "--database-url", url, "--to", "base").returncode == 0
        too_early = cli("worker", FANFOLD_DATABASE_URL=url, FERNET_KEY=Fernet.generate_key().decode())
        assert too_early.returncode == 3
        assert "fanfold migrate" in too_early.stderr
        assert cli("migrate", FANFOLD_DATABASE_URL=url).returncode == 0
    finally:
        server.stop()


def test_migrate_wants_to_know_which_database():
    ended = cli("migrate")
    assert ended.returncode == 2
    assert "FANFOLD_DATABASE_URL" in ended.stderr
