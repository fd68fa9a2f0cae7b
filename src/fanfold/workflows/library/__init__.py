"""The workflow library: our own queries in AMC's style, one file each, in a folder per theme.

They run as they stand on AMC's own tables, with what they ask for declared and with a default.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fanfold.workflows.files import WorkflowFile, read_workflow


@cache
def library() -> tuple[WorkflowFile, ...]:
    """Return every workflow of the library, ordered by theme and key."""
    folders = (folder for folder in files(__name__).iterdir() if folder.is_dir())
    texts = (file for folder in folders for file in folder.iterdir() if file.name.endswith(".sql"))
    read = (read_workflow(file.read_text(encoding="utf-8"), name=file.name) for file in texts)
    return tuple(sorted(read, key=lambda found: (found.draft.tags, found.draft.key)))
