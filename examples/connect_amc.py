"""Register your Login with Amazon login and your AMC instances, then test the connection.

    export AMC_CLIENT_ID=amzn1.application-oa2-client.… AMC_CLIENT_SECRET=… AMC_REFRESH_TOKEN=Atzr|…
    python examples/connect_amc.py na examples/instances.csv

AMC_BASE_URL names another API host than the region's, such as the simulator's.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

from fanfold.client import Client


def main(region: str, path: str) -> int:
    """Store the connection, add the instances of the file, and return 0 when the login works."""
    config = {"region": region, "client_id": os.environ["AMC_CLIENT_ID"]}
    if "AMC_BASE_URL" in os.environ:
        config["base_url"] = os.environ["AMC_BASE_URL"]
    secrets = {
        "client_secret": os.environ["AMC_CLIENT_SECRET"],
        "refresh_token": os.environ["AMC_REFRESH_TOKEN"],
    }
    with Client() as client, Path(path).open(newline="") as file:
        connection = client.connections.create("amc", f"My AMC ({region})", config=config, secrets=secrets)
        for row in csv.DictReader(file):
            instance = client.instances.create(
                **{
                    **row,
                    "connection_id": str(connection.id),
                    "brands": [brand for brand in row["brands"].split("|") if brand],
                    "sandbox": row["sandbox"] == "true",
                }
            )
            print(f"added {instance.name}")
        report = client.connections.test(connection.id)
        print(report.message, report.hint or "")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
