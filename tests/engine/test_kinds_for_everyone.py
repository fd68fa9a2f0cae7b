"""The examples of the guides, installed as packages and run by a real worker over a real web server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import Distribution, distributions
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
import pytest_asyncio

from fanfold.batches.model import Item, Submission
from fanfold.batches.service import BatchService, SubmitLimits
from fanfold.catalog.catalog import Catalog
from fanfold.kinds.http import Http
from fanfold.kinds.python import Python
from fanfold.kinds.python.functions import Functions
from fanfold.sdk.context import Target
from tests.conformance.web import LOCALHOST, Says, running_web
from tests.engine.conftest import Bench

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Distribution]]:
    """The packages of the examples, installed into a folder of their own."""
    place = str(tmp_path_factory.mktemp("site"))
    packages = [str(EXAMPLES / name) for name in ("write-a-kind", "python-batch")]
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    run([*command, "--no-build-isolation", "--target", place, *packages], check=True)
    sys.path.insert(0, place)
    yield list(distributions(path=[place]))
    sys.path.remove(place)


def test_the_tests_of_the_guide_s_package_pass(installed):
    place = str(installed[0].locate_file(""))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "tests"]
    environment = {**os.environ, "PYTHONPATH": place}
    tried = run(
        command, cwd=EXAMPLES / "write-a-kind", env=environment, capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stdout
    assert "5 passed" in tried.stdout


def loaders(installed: list[Distribution], group: str) -> dict[str, Any]:
    return {entry.name: entry.load for one in installed for entry in one.entry_points if entry.group == group}


@pytest_asyncio.fixture
async def web():
    async with running_web() as server:
        yield server


def fitted(bench: Bench, *kinds: Any) -> Bench:
    """The bench with other kinds installed."""
    catalog = Catalog(kinds={kind.name: kind for kind in kinds}, connectors={})
    batches = BatchService(bench.api, catalog=catalog, limits=SubmitLimits(unfinished_batches=1000))
    return replace(bench, catalog=catalog, batches=batches)


async def submitted(bench: Bench, document: dict[str, Any], **attributes: Any):
    """Submit what an example says, its targets' attributes changed to where the test serves them."""
    items = [
        Item(
            Target(one["key"], one["name"], attributes=one.get("attributes", {}) | attributes),
            one.get("parameters"),
        )
        for one in document["targets"]
    ]
    submission = Submission(
        document["kind"],
        document["name"],
        items,
        definition=document["definition"],
        parameters=document.get("parameters", {}),
    )
    kind = bench.catalog.kind(submission.kind)
    assert not [finding for finding in kind.inspect(submission.definition) if finding.severity == "error"]
    for item in items:
        merged = {**submission.parameters, **(item.overrides or {})}
        assert list(kind.check(submission.definition, merged)) == []
    return await bench.batches.submit(submission, user_id=bench.user_id)


async def ended(bench: Bench, batch: Any) -> dict[str, tuple[Any, ...]]:
    """Status, rows, summary and error of each operation by its target."""
    rows = await bench.rows(
        "select item_key, status, row_count, summary::text, error::text from operations where batch_id = $1",
        batch.id,
    )
    return {
        key: (status, count, json.loads(summary or "{}"), error)
        for key, status, count, summary, error in rows
    }


def example(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / name).read_text())


async def test_the_kind_of_the_guide_runs_in_a_worker(bench, installed, tmp_path):
    load = loaders(installed, "fanfold.kinds")["csv.profile"]
    bench = fitted(bench, load()())
    texts = {"good": "id,name\n1,Ada\n2,\n", "empty": "", "torn": "id,name\n1\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    items = [Item(Target(name, name, attributes={"path": str(tmp_path / f"{name}.csv")})) for name in texts]
    batch = await bench.batches.submit(Submission("csv.profile", "Profile", items), user_id=bench.user_id)

    worker = bench.worker()
    await bench.drain(worker)
    worker.computing.close()

    found = await ended(bench, batch)
    assert {key: row[:2] for key, row in found.items()} == {
        "good": ("completed", 2),
        "empty": ("skipped", None),
        "torn": ("failed", None),
    }
    assert "line 2 has 1 values for 2 columns" in str(found["torn"][3])
    assert (await bench.batch(batch)).status.value == "partial"


async def test_the_functions_of_the_example_run_in_a_worker(bench, installed):
    bench = fitted(bench, Python(Functions(loaders(installed, "fanfold.functions"))))
    batch = await submitted(bench, example("python-batch/batch.json"))

    worker = bench.worker()
    await bench.drain(worker)
    worker.computing.close()

    found = await ended(bench, batch)
    assert {key: row[:2] for key, row in found.items()} == {
        "berlin": ("completed", 7),
        "lyon": ("completed", 14),
        "porto": ("failed", None),
    }
    assert "Nobody counted the visitors of Porto." in str(found["porto"][3])


async def test_the_stock_of_all_shops_comes_as_rows(bench, web):
    def stock(asked):
        shop = asked.path.split("/")[3]
        items = [{"id": 1, "price": 9.5, "counted": "2026-11-21"}, {"id": 2}]
        return Says(body={"state": "ready", "shop": {"name": shop.title(), "warehouse": 7}, "items": items})

    web.lay("/v1/shops/berlin/stock", stock)
    web.lay("/v1/shops/lyon/stock", Says(429, headers={"retry-after": "30"}), stock)
    web.lay("/v1/shops/boston/stock", Says(404, body={"detail": "no such shop"}))
    bench = fitted(bench, Http(LOCALHOST))
    batch = await submitted(bench, example("http-batch/stock.json"), url=web.url)

    worker = bench.worker()
    await bench.drain(worker)
    assert (await bench.statuses(batch))["lyon"] == "pending"
    bench.clock.advance(timedelta(seconds=31))
    await bench.drain(worker)

    found = await ended(bench, batch)
    assert {key: row[:2] for key, row in found.items()} == {
        "berlin": ("completed", 2),
        "lyon": ("completed", 2),
        "boston": ("failed", None),
    }
    assert (found["berlin"][2]["warehouse"], found["berlin"][2]["rows"]) == (7, 2)
    assert "no such shop" in str(found["boston"][3])
    days = {asked.path.split("/")[3]: dict(asked.query) for asked in web.asked}
    assert days["berlin"] == {"day": "2026-11-22", "group": "all"}
    assert days["boston"]["group"] == "winter"
    attempts = await bench.rows("select attempts_allowed from operations where item_key = 'lyon'")
    assert attempts[0]["attempts_allowed"] == batch.policy.max_attempts + 1


async def test_work_that_goes_on_elsewhere_is_waited_for_without_a_worker(bench, web):
    for shop in ("berlin", "lyon"):
        web.lay(f"/v1/shops/{shop}/rebuild", Says(202, headers={"location": f"/v1/rebuilds/{shop}"}))
        done = Says(body={"state": "done", "documents": 5})
        web.lay(f"/v1/rebuilds/{shop}", Says(body={"state": "busy"}), done)
    bench = fitted(bench, Http(LOCALHOST))
    batch = await submitted(bench, example("http-batch/rebuild.json"), url=web.url)
    worker = bench.worker()

    for _ in range(3):
        await bench.drain(worker)
        assert len(worker.roster) == 0
        bench.clock.advance(timedelta(seconds=10))
        await worker.promoter.run_once()

    found = await ended(bench, batch)
    assert {key: row[0] for key, row in found.items()} == {"berlin": "completed", "lyon": "completed"}
    assert {row[2]["documents"] for row in found.values()} == {5}
    sent = [asked for asked in web.asked if asked.method == "POST"]
    assert len(sent) == 2
    assert len({asked.headers["idempotency-key"] for asked in sent}) == 2
    assert json.loads(sent[0].body) == {"full": True, "asked_by": "fanfold"}
