"""The command line: one thin module per noun."""

import os

# Before Arrow is loaded, which reads it once: its own allocator keeps what a large file took.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
