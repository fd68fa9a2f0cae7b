"""Run a workflow over all demo instances and read the answers as one table.

Start `fanfold up --demo` first; without arguments the client finds it.
"""

from __future__ import annotations

from fanfold.client import Client


def main() -> None:
    """Run, wait, read."""
    with Client() as client:
        instances = list(client.instances.list(tag="demo"))
        batch = client.batches.run(
            "daily-performance",
            instances,
            parameters={"timeWindowType": "MOST_RECENT_WEEK"},
            name="Last week, all brands",
        )
        job = batch.wait(progress=True)
        print(f"{job.job_id} is {job.status.word}: {job.row_count} rows of {len(instances)} instances")

        table = batch.results().to_arrow()
        print(table.group_by("ad_product").aggregate([("impressions", "sum"), ("sales", "sum")]).to_pylist())


if __name__ == "__main__":
    main()
