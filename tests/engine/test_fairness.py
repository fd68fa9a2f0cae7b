"""A small batch overtakes a big one, the big one still moves, waiting is urgent, no user starves another."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from fanfold.sdk.kind import Limit
from fanfold.sdk.outcome import Snoozed

MINUTE = timedelta(minutes=1)


async def submit(bench, name, size, **policy):
    return await bench.submit(*[f"{name}{number:04}" for number in range(size)], max_parallel=size, **policy)


def ran(bench):
    return Counter(target[0] for target in bench.kind.ran)


def never_ending(bench, name, size):
    for number in range(size):
        bench.kind.script(f"{name}{number:04}", lambda _: Snoozed(MINUTE, {"remote": 1}))


async def test_a_small_batch_overtakes_a_big_one_and_the_big_one_still_moves(bench):
    await submit(bench, "b", 200)
    worker = bench.worker(capacity=10)
    await bench.step(worker)
    await submit(bench, "s", 10)
    await bench.step(worker)
    await bench.step(worker)
    assert ran(bench) == {"b": 20, "s": 10}


async def test_a_new_batch_catches_up_with_what_runs_already(bench):
    never_ending(bench, "b", 30)
    await submit(bench, "b", 30)
    await bench.drain(bench.worker(capacity=20))
    never_ending(bench, "s", 30)
    await submit(bench, "s", 30)
    worker = bench.worker(capacity=20)
    await worker.claimer.run_once()
    await worker.roster.drain(timeout=1)
    # Thirty of the one run by now, none of the other: all free slots are the other's.
    assert ran(bench)["s"] == 20


async def test_many_batches_of_one_user_get_no_more_than_one_of_another(bench, other_user_id):
    for name in "abcde":
        await submit(bench, name, 20)
    await bench.submit(*[f"z{number}" for number in range(20)], by=other_user_id, max_parallel=20)
    await bench.step(bench.worker(capacity=20))
    counts = ran(bench)
    assert counts.pop("z") == 10
    assert counts == dict.fromkeys("abcde", 2)


async def test_priority_orders_one_s_own_batches_and_nobody_else_s(bench, other_user_id):
    await submit(bench, "l", 10)
    await submit(bench, "h", 10, priority=5)
    await bench.submit(*[f"z{number}" for number in range(10)], by=other_user_id, max_parallel=10)
    await bench.step(bench.worker(capacity=10))
    assert ran(bench) == {"h": 5, "z": 5}


async def test_what_waits_long_enough_overtakes_a_higher_priority(bench):
    await submit(bench, "l", 50)
    await submit(bench, "h", 50, priority=3)
    worker = bench.worker(capacity=5)
    served: list[Counter[str]] = []
    for _ in range(6):
        await bench.step(worker)
        served.append(ran(bench))
        bench.clock.advance(timedelta(seconds=30))
    assert served[2] == {"h": 15}
    assert served[5]["l"] >= 2
    assert served[5]["h"] > served[5]["l"]


async def test_a_priority_turned_up_binds_with_the_next_claim(bench):
    low = await submit(bench, "l", 10)
    await submit(bench, "h", 10, priority=1)
    await bench.change(low, priority=2)
    await bench.step(bench.worker(capacity=10))
    assert ran(bench) == {"l": 10}


async def test_very_many_batches_share_the_slots_evenly(bench):
    for number in range(60):
        await bench.submit(f"{number:02}a", f"{number:02}b", max_parallel=2)
    await bench.step(bench.worker(capacity=60))
    assert len({target[:2] for target in bench.kind.ran}) == 60


async def test_many_batches_that_come_first_and_may_not_begin_keep_no_slot_from_the_others(bench):
    for number in range(25):
        targets = [f"u{number:02}{letter}" for letter in "abcd"]
        for target in targets:
            bench.kind.caps[target] = [Limit("account:one", max_running=1)]
        await bench.submit(*targets, priority=9, max_parallel=4)
    for number in range(30):
        await bench.submit(f"n{number:02}a", f"n{number:02}b", max_parallel=2)
    await bench.step(bench.worker(capacity=20))
    assert ran(bench) == {"u": 1, "n": 19}
