"""Memory goes back to the operating system, as far as a process of its own can show."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BACKEND = "import fanfold.cli.main, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
TAKEN = """
import re, pathlib
from fanfold.results import allocation
def used():
    return int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
allocation.map_large_blocks()
# Freed blocks let glibc's own threshold rise, so that later ones would be kept in a heap below others.
del [bytearray(20_000_000)][:]
before = used()
kept = []
for _ in range(50):
    large = bytearray(1_000_000)
    kept.append(bytearray(1_000))
    del large
many = [bytearray(200_000) for _ in range(300)]
kept.append(bytearray(1_000))
del many
allocation.give_back()
print(used() - before < 20_000)
"""


def said(program: str, **environment: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ARROW_")}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=inherited | environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return run.stdout.strip()


def test_arrow_takes_its_memory_as_all_others_do():
    assert said(BACKEND) == "system"


def test_who_chose_an_allocator_keeps_it():
    assert said(BACKEND, ARROW_DEFAULT_MEMORY_POOL="mimalloc") == "mimalloc"


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_what_was_freed_is_given_back():
    assert said(TAKEN) == "True"
