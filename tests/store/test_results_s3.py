from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import boto3
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from moto.server import ThreadedMotoServer

from fanfold.db.database import Database
from fanfold.results.errors import ResultPartMissing
from fanfold.results.exporting import FileFormat
from fanfold.results.filters import Filter, Op
from fanfold.results.reader import ResultReader
from fanfold.results.store import ResultStore
from tests.store.result_batches import ResultBatch, column, file_of, page, rows

BUCKET = "fanfold-results"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An object store of our own that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1").Bucket(BUCKET)
    bucket.create()
    yield bucket
    bucket.objects.delete()
    bucket.delete()


@pytest_asyncio.fixture(params=["folder", "s3"])
async def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStore:
    """The same by one URL: a folder, and a prefix in a bucket."""
    if request.param == "folder":
        return ResultStore.open((tmp_path / "rows").as_uri())
    request.getfixturevalue("bucket")
    return ResultStore.open(f"s3://{BUCKET}/team/results", spool=tmp_path)


@pytest_asyncio.fixture
async def reading(anywhere: ResultStore, api_database: Database) -> AsyncIterator[ResultReader]:
    reader = ResultReader(anywhere, api_database, threads=1)
    yield reader
    reader.close()


async def test_a_batch_is_written_read_exported_and_removed(
    anywhere: ResultStore, reading: ResultReader, service_database: Database, user_id: UUID
):
    batch = await ResultBatch.create(service_database, anywhere, user_id)
    for number in range(3):
        await batch.add(f"I{number}", rows(n=[number, number + 10]))

    assert column(await page(reading, batch), "n") == [0, 10, 1, 11, 2, 12]
    large = [Filter("n", Op.GE, 10)]
    assert column(await page(reading, batch, sort="-n", filters=large), "n") == [12, 11, 10]
    content = await file_of(reading, batch, FileFormat.PARQUET)
    assert pq.read_table(io.BytesIO(content)).column("n").to_pylist() == [0, 10, 1, 11, 2, 12]

    await anywhere.purge(batch.id)
    assert await anywhere.place.names(str(batch.id)) == []


async def test_damage_in_the_bucket_is_named_and_the_rest_can_be_read(
    bucket: object, tmp_path: Path, service_database: Database, api_database: Database, user_id: UUID
):
    store = ResultStore.open(f"s3://{BUCKET}/rows", spool=tmp_path)
    batch = await ResultBatch.create(service_database, store, user_id)
    kept = await batch.add("Kept", rows(n=[1]))
    damaged = await batch.add("Damaged", rows(n=[2]))
    key = f"rows/{damaged.manifest.parts[0].uri}"
    content = bytearray(bucket.Object(key).get()["Body"].read())
    content[len(content) // 2] ^= 1
    bucket.Object(key).put(Body=bytes(content))

    reader = ResultReader(store, api_database, threads=1)
    try:
        with pytest.raises(ResultPartMissing, match=r"Damaged .* is damaged"):
            await page(reader, batch)
        found = await page(reader, batch, skip_missing=True)
        assert column(found, "n") == [1]
        assert [part.operation_id for part in found.skipped] == [damaged.operation_id]
    finally:
        reader.close()
    assert f"rows/{kept.manifest.parts[0].uri}" in {each.key for each in bucket.objects.all()}
