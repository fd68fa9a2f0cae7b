"""A whole `fanfold up` as a user starts it, and a client that speaks to it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

SQL = "SELECT campaign, COUNT(DISTINCT user_id) AS reach FROM dsp_impressions GROUP BY campaign"
# A benchmark submits more than a person may.
GENEROUS = {
    "FANFOLD_SUBMISSIONS_PER_MINUTE": "100000",
    "FANFOLD_UNFINISHED_BATCHES": "100000",
    "FANFOLD_LOG_LEVEL": "WARNING",
}


@dataclass(slots=True)
class Served:
    """A running server."""

    url: str
    token: str
    client: httpx.AsyncClient
    pid: int
    database_url: str
    folder: Path
    """Its data."""
    instance_ids: list[str] = field(default_factory=list[str])

    async def register(self, *, count: int) -> None:
        """Make a workflow `bench` and *count* instances; nothing of AMC is reached."""
        secrets = {"client_secret": "x", "refresh_token": "x"}
        connection = await self._post(
            "/connections",
            {
                "name": "bench",
                "connector": "amc",
                "config": {"region": "na", "client_id": "x"},
                "secrets": secrets,
            },
        )
        await self._post("/workflows", {"key": "bench", "name": "Bench", "sql_query": SQL, "parameters": []})
        for number in range(count):
            instance = await self._post(
                "/instances",
                {
                    "instance_id": f"amc{number}",
                    "name": f"Instance {number}",
                    "region": "us-east-1",
                    "account_id": "ENTITY1",
                    "account_name": "Account",
                    "marketplace_id": "ATVPDKIKX0DER",
                    "connection_id": connection["id"],
                },
            )
            self.instance_ids.append(instance["id"])

    async def submit(self, count: int | None = None) -> str:
        """Submit a batch over all instances, or the first *count* of them, and return its id."""
        answer = await self.client.post(
            "/workflows/bench/batch-execute", json={"instance_ids": self.instance_ids[:count]}
        )
        answer.raise_for_status()
        return answer.json()["batch"]["batch_id"]

    async def _post(self, path: str, body: dict[str, object]) -> dict[str, str]:
        answer = await self.client.post(path, json=body)
        if answer.is_error:
            raise RuntimeError(answer.text)
        return answer.json()


@asynccontextmanager
async def served(*flags: str) -> AsyncGenerator[Served]:
    """Start `fanfold up` in a temporary folder and end it."""
    with tempfile.TemporaryDirectory(prefix="fanfold-bench-") as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fanfold", "up", "--data-dir", folder, "--port", "0", "--json", *flags,
            stdout=asyncio.subprocess.PIPE, env={**os.environ, **GENEROUS},
        )  # fmt: skip
        try:
            line = await process.stdout.readline() if process.stdout else b""
            ready = json.loads(line)
            headers = {"Authorization": f"Bearer {ready['token']}"}
            async with httpx.AsyncClient(base_url=ready["url"], headers=headers, timeout=60) as client:
                yield Served(
                    ready["url"], ready["token"], client, ready["pid"], ready["database_url"], Path(folder)
                )
        finally:
            process.terminate()
            await process.wait()
