"""Turns previews into answers."""

from __future__ import annotations

from fanfold.batches.creation.previewing import Preview, PreviewedItem
from fanfold.batches.creation.schemas import PreviewAnswer, PreviewedOperation, PreviewFinding
from fanfold.sdk.kind import Finding


def preview(shown: Preview) -> PreviewAnswer:
    """Show a preview."""
    return PreviewAnswer(
        preview=shown.digest,
        kind=shown.kind,
        total_operations=shown.total,
        skipped_operations=shown.skipped,
        findings=[_finding(each) for each in shown.findings],
        warnings=list(shown.warnings),
        operations=[_operation(each) for each in shown.items],
        truncated=len(shown.items) < shown.total,
    )


def _operation(shown: PreviewedItem) -> PreviewedOperation:
    target = shown.item.target
    return PreviewedOperation(
        key=target.key,
        name=target.name,
        does=shown.does,
        parameters=dict(shown.parameters),
        overridden=list(shown.item.overrides or ()),
        attributes=dict(target.attributes),
        skipped=shown.item.skip_reason,
        warnings=list(shown.warnings),
    )


def _finding(finding: Finding) -> PreviewFinding:
    return PreviewFinding(
        severity="error" if finding.severity == "error" else "warning",
        message=finding.message,
        line=finding.line,
        column=finding.column,
        fix=finding.fix,
    )
