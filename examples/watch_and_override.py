"""Give one instance its own parameter, and tell what happens while it happens.

Start `fanfold up --demo` first; without arguments the client finds it.
"""

from __future__ import annotations

import asyncio

from fanfold.client import AsyncClient


async def main() -> None:
    """Submit, listen, and look at what each instance was asked."""
    async with AsyncClient() as client:
        instances = [one async for one in client.instances.list(region="us-east-1")]
        first = instances[0]
        batch = await client.batches.run(
            "campaign-reach-frequency",
            instances,
            parameters={"frequency_cap": 10, "timeWindowType": "MOST_RECENT_WEEK"},
            overrides={first.instance_id: {"frequency_cap": 3}},
        )
        async for change in batch.changes():
            for operation in change.operations:
                print(f"{operation.target_name}: {operation.status}")

        await batch.wait()
        page = await batch.results().page(
            sort="-frequency", limit=1, where=[{"column": "_instance_name", "op": "eq", "value": first.name}]
        )
        print(f"{first.name} counts {page.rows[0]['frequency']} times at most, as it was told.")


if __name__ == "__main__":
    asyncio.run(main())
