"""`fanfold up` as a process: its one line, its end, its company, and what it says when it cannot start."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from fanfold.db.embedded import EmbeddedServer
from tests.acceptance.running import COMMAND, STOP_SECONDS, bare, cli, up

pytestmark = pytest.mark.timeout(300)

FIELDS = {"url", "token", "data_dir", "pid", "database_url", "simulator_url"}


def test_it_prints_one_line_when_ready_and_ends_with_nothing_left(tmp_path):
    folder = tmp_path / "data"
    with up(folder) as running:
        assert set(running.ready) == FIELDS
        assert running.ready["pid"] == running.process.pid
        assert running.ready["data_dir"] == str(folder)
        assert running.ready["simulator_url"] is None
        bearer = {"Authorization": f"Bearer {running.ready['token']}"}
        assert httpx.get(f"{running.url}/auth/me", headers=bearer).json()["role"] == "admin"

        second = cli("up", "--data-dir", str(folder))
        assert second.returncode == 2
        assert second.stdout == ""
        assert second.stderr.count("\n") == 1
        assert running.url in second.stderr

        children = psutil.Process(running.process.pid).children(recursive=True)
        assert running.stop() == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read() == ""
    _, alive = psutil.wait_procs(children, timeout=STOP_SECONDS)
    assert alive == []
    assert not (folder / "connection.json").exists()
    assert not (folder / "postgres/postmaster.pid").exists()


def test_ctrl_c_ends_it_as_well_and_the_simulator_that_one_setting_brought(tmp_path):
    with up(tmp_path / "data", "--no-worker", AMC_USE_REAL_API="false") as running:
        assert httpx.get(f"{running.ready['simulator_url']}/_sim/instances").status_code == 200
        running.process.send_signal(2)
        assert running.process.wait(STOP_SECONDS) == 0


def test_a_killed_one_leaves_no_process_and_starts_again_with_all_it_had(tmp_path):
    folder = tmp_path / "data"
    with up(folder, "--demo") as running:
        children = psutil.Process(running.process.pid).children()
        with running.client() as client:
            before = {one.id for one in client.instances.list()}
        assert len(before) == 12
        running.process.kill()
    ours = [one for one in children if any(word in one.cmdline() for word in ("worker", "amcsim"))]
    _, alive = psutil.wait_procs(ours, timeout=STOP_SECONDS)
    assert alive == []

    with up(folder, "--demo") as again:
        with again.client() as client:
            assert {one.id for one in client.instances.list()} == before
            assert len(list(client.workflows.list())) == 3
            assert all(client.connections.test(one.id).ok for one in client.connections.list())
        assert again.stop() == 0
    assert not (folder / "postgres/postmaster.pid").exists()


def test_its_parts_run_apart(tmp_path):
    folder = tmp_path / "data"
    with up(folder, "--no-worker", "--demo") as running, running.client() as client:
        assert client.health().checks.worker is False
        database_url = str(running.ready["database_url"])
        command = [COMMAND, "worker", "--database-url", database_url, "--data-dir", str(folder)]
        with running.log.open("a") as log, subprocess.Popen(command, stderr=log, env=bare({})) as worker:
            batch = client.batches.run("daily-performance", [one.id for one in client.instances.list()][:2])
            assert batch.wait(timeout=60).status == "completed"
            assert client.health().checks.worker is True
            worker.terminate()
            assert worker.wait(STOP_SECONDS) == 0
        assert running.stop() == 0


def test_a_server_of_ones_own_takes_the_place_of_the_embedded_one(tmp_path):
    server = EmbeddedServer(tmp_path / "elsewhere")
    try:
        url = asyncio.run(server.start())
        with up(tmp_path / "data", "--no-worker", FANFOLD_DATABASE_URL=url) as running:
            assert running.ready["database_url"] == url
            assert not (tmp_path / "data/postgres").exists()
            assert running.stop() == 0
    finally:
        server.stop()


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path):
    ended = cli("up", "--data-dir", str(tmp_path / "d"), FANFOLD_DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert ended.returncode == 3
    assert ended.stderr.count("\n") == 1
    assert "FANFOLD_DATABASE_URL" in ended.stderr


def test_a_database_that_is_too_old_is_told_in_one_line(tmp_path):
    with server_of_version("14.9") as url:
        ended = cli("up", "--data-dir", str(tmp_path / "d"), FANFOLD_DATABASE_URL=url)
    assert ended.returncode == 3
    assert ended.stderr == "fanfold: The database server is PostgreSQL 14; Fanfold needs 15 or newer.\n"


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = cli("up", "--data-dir", str(tmp_path / "d"), "--no-worker", "--port", port)
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1].startswith(f"fanfold: Cannot listen on 127.0.0.1 port {port}")
    assert "Traceback" not in ended.stderr


def test_a_setting_that_cannot_be_used_is_named_before_anything_starts(tmp_path):
    ended = cli("up", "--data-dir", str(tmp_path / "d"), MAX_BATCH_SIZE="many", FANFOLD_PORT="99999")
    assert ended.returncode == 2
    assert "MAX_BATCH_SIZE" in ended.stderr
    assert "FANFOLD_PORT" in ended.stderr
    assert not (tmp_path / "d").exists()


@contextmanager
def server_of_version(version: str) -> Iterator[str]:
    """Something that greets like a PostgreSQL server of *version* (protocol 3.0) and says no more."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    def setting(name: str, text: str) -> bytes:
        return message(b"S", f"{name}\0{text}\0".encode())

    greeting = b"".join(
        [
            message(b"R", (0).to_bytes(4, "big")),
            setting("server_version", version),
            setting("server_encoding", "UTF8"),
            setting("client_encoding", "UTF8"),
            message(b"K", bytes(8)),
            message(b"Z", b"I"),
        ]
    )

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(4096)
            if request[4:8] == (80877103).to_bytes(4, "big"):  # asks for TLS
                connection.sendall(b"N")
                connection.recv(4096)
            connection.sendall(greeting)
            connection.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"postgresql://fanfold:x@127.0.0.1:{listener.getsockname()[1]}/fanfold"
        thread.join(10)
