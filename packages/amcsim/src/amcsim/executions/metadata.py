"""What is known about a run beside its rows, as a JSON file; AMC's own format is unpublished."""

from __future__ import annotations

import json
from pathlib import Path

from amcsim.executions.model import Execution


def metadata_file(execution: Execution) -> Path:
    """Write the metadata of an execution beside its result files, once, and return the path."""
    if execution.computed is None:
        raise ValueError("an execution without a result has no metadata")
    path = execution.computed.files[0].parent / "metadata.json"
    if not path.exists():
        shown = execution.as_json(include_sql=True)
        known = {
            "workflowExecution": shown,
            "rowCount": execution.computed.row_count,
            "fileCount": len(execution.computed.files),
            "warnings": list(execution.warnings),
        }
        path.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return path
