"""What only a real socket shows: cut connections, half downloads, the command and its end."""

import json
import os
import select
import signal
import subprocess
import sys

import httpx
import pytest

from amcsim.cli import main
from amcsim.testing import running_simulator

SQL = "SELECT site, COUNT(*) AS n FROM dsp_impressions GROUP BY 1"


@pytest.fixture(scope="module")
def simulator(config_of):
    with running_simulator(config_of(speed=1_000)) as running:
        yield running


@pytest.fixture
def http(simulator):
    with httpx.Client(base_url=simulator.url) as client:
        instance = client.get("/_sim/instances").json()["instances"][0]
        credentials = instance["credentials"]
        token = client.post("/auth/o2/token", data={"grant_type": "refresh_token", **credentials}).json()
        client.headers.update(
            {
                "Authorization": f"Bearer {token['access_token']}",
                "Amazon-Advertising-API-ClientId": credentials["client_id"],
                "Amazon-Advertising-API-AdvertiserId": instance["accountId"],
                "Amazon-Advertising-API-MarketplaceId": instance["marketplaceId"],
            }
        )
        client.base_url = f"{simulator.url}/amc/reporting/{instance['instanceId']}"
        yield client
        httpx.delete(f"{simulator.url}/_sim/faults")


def _finish(http, body):
    execution = http.post("/workflowExecutions", json=body).json()
    while execution["status"] in {"PENDING", "RUNNING"}:
        execution = http.get(f"/workflowExecutions/{execution['workflowExecutionId']}").json()
    return execution


def _fault(simulator, **fault):
    assert httpx.post(f"{simulator.url}/_sim/faults", json=fault).status_code == 201


def test_a_whole_run_over_a_socket(http):
    execution = _finish(http, {"workflow": {"sqlQuery": SQL}, "timeWindowType": "ALL"})
    assert execution["status"] == "SUCCEEDED"
    links = http.get(f"/workflowExecutions/{execution['workflowExecutionId']}/downloadUrls").json()
    answer = httpx.get(links["downloadUrls"][0])
    assert len(answer.text.splitlines()) == 11


def test_a_reset_connection_breaks_the_call_and_does_nothing(simulator, http, caplog):
    before = httpx.get(f"{simulator.url}/_sim/stats").json()["submissions"]
    _fault(simulator, kind="reset_connection", times=1, operations=["createWorkflowExecution"])
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        http.post("/workflowExecutions", json={"workflow": {"sqlQuery": SQL}})
    assert httpx.get(f"{simulator.url}/_sim/stats").json()["submissions"] == before
    assert http.get("/workflows").status_code == 200
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_a_lost_response_breaks_the_call_after_the_work_is_done(simulator, http):
    before = httpx.get(f"{simulator.url}/_sim/stats").json()["submissions"]
    _fault(simulator, kind="lose_response", times=1)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        http.post("/workflowExecutions", json={"workflow": {"sqlQuery": SQL, "workflowId": "lost"}})
    assert httpx.get(f"{simulator.url}/_sim/stats").json()["submissions"] == before + 1
    assert len(http.get("/workflowExecutions?workflowId=lost").json()["executions"]) == 1


def test_a_truncated_download_ends_before_its_promised_length(simulator, http, caplog):
    execution = _finish(http, {"workflow": {"sqlQuery": SQL}, "timeWindowType": "ALL"})
    links = http.get(f"/workflowExecutions/{execution['workflowExecutionId']}/downloadUrls").json()
    _fault(simulator, kind="truncated_download", times=1)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.get(links["downloadUrls"][0])
    assert httpx.get(links["downloadUrls"][0]).status_code == 200
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []


def _start(*arguments, **named):
    command = [
        sys.executable,
        "-m",
        "amcsim",
        "serve",
        "--port",
        "0",
        "--json",
        "--events",
        "1000",
        *arguments,
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **named)


def test_the_command_says_where_it_listens_and_ends_well_on_sigterm():
    with _start("--instances", "3", "--seed", "9") as process:
        ready = json.loads(process.stdout.readline())
        assert ready["pid"] == process.pid
        assert len(httpx.get(f"{ready['url']}/_sim/instances").json()["instances"]) == 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_what_the_command_prints_may_be_read_in_part():
    command = f"set -o pipefail; {sys.executable} -m amcsim options | head -1"
    ran = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr, len(ran.stdout.splitlines())) == (0, "", 1)


def test_the_command_ends_with_its_parent():
    # a parent that starts the simulator, tells where it is, and is gone
    script = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-m', 'amcsim', 'serve', '--port', '0', '--json', '--exit-with-parent']\n"
        "child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline(), end='', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    ready = json.loads(parent.stdout.readline())
    gone = os.pidfd_open(ready["pid"])
    parent.communicate("go\n", timeout=20)
    assert select.select([gone], [], [], 20)[0] == [gone]
    os.close(gone)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--port", "{taken}"], "in use"), (["--speed", "0"], "must be greater than 0")],
)
def test_a_taken_port_and_a_wrong_option_are_one_clear_line(simulator, capsys, arguments, message):
    taken = simulator.url.rsplit(":", 1)[1]
    assert main(["serve", *(argument.format(taken=taken) for argument in arguments)]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert len(printed.splitlines()) == 1
