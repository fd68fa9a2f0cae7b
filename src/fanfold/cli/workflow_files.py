"""`fanfold workflow import`, `export`, `versions`, `diff`, `restore`: files, and what workflows said."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.syntax import Syntax

from fanfold.cli.exits import ExitCode
from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.models import ImportReport

_MOST_FILE_BYTES = 1_000_000

Key = Annotated[str, typer.Argument(help="The workflow's key or id.")]


def register(workflow: typer.Typer) -> None:
    """Add the commands."""
    workflow.command("import")(import_files)
    workflow.command("export")(export_files)
    workflow.command("versions")(versions)
    workflow.command("diff")(diff)
    workflow.command("restore")(restore)


def import_files(
    context: typer.Context,
    *,
    paths: Annotated[
        list[Path], typer.Argument(help="SQL files with a YAML header, folders of them, zip archives.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
) -> None:
    """Save files as workflows, by their keys: all of them, or none when one is refused."""
    call = invocation(context)
    files = read_texts(paths)
    report = call.ask(lambda client: client.workflows.import_files(files, dry_run=dry_run))
    call.output.show(report, shown(report, dry_run=dry_run))
    raise typer.Exit(ExitCode.GOOD if report.ok else ExitCode.NOT_ALL_GOOD)


def export_files(
    context: typer.Context,
    *,
    keys: Annotated[list[str] | None, typer.Argument(help="Keys or ids; all workflows by default.")] = None,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the files go.")] = Path(),
) -> None:
    """Write workflows as SQL files with a YAML header, one for each key."""
    call = invocation(context)

    async def work(client: AsyncClient) -> dict[str, str]:
        wanted = keys or [one.key async for one in client.workflows.list()]
        found = [await client.workflows.get(key) for key in wanted]
        return {f"{one.key}.sql": await client.workflows.file(one.id) for one in found}

    files = call.ask(work)
    to.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (to / name).write_text(text, encoding="utf-8", newline="\n")
    written = [str(to / name) for name in files]
    call.output.show(written, "\n".join(written) or "There are no workflows.")


def versions(context: typer.Context, key: Key) -> None:
    """List what a workflow has said, the newest first."""
    call = invocation(context)
    found = call.ask(lambda client: client.workflows.versions(key))
    rows = [
        (
            one.version,
            f"{one.created_at:%Y-%m-%d %H:%M}",
            len(one.sql_query.splitlines()),
            len(one.parameters),
        )
        for one in found
    ]
    numbers = ("version", "lines", "parameters")
    call.output.show(found, table(("version", "saved", "lines", "parameters"), rows, numbers=numbers))


def diff(
    context: typer.Context,
    *,
    key: Key,
    before: Annotated[int, typer.Option("--from", metavar="VERSION", help="The older version.")],
    after: Annotated[
        int | None, typer.Option("--to", metavar="VERSION", help="The newest by default.")
    ] = None,
) -> None:
    """Show what changed from one version to another."""
    call = invocation(context)
    text = call.ask(lambda client: client.workflows.diff(key, before=before, after=after))
    call.output.show({"text": text}, _diff(text) if text else "The two say the same.")


def restore(
    context: typer.Context,
    *,
    key: Key,
    version: Annotated[int, typer.Argument(help="The version to say again.")],
) -> None:
    """Say again what an earlier version said, as a new version."""
    call = invocation(context)
    found = call.ask(lambda client: client.workflows.restore(key, version))
    call.output.show(found, f"{found.key} is at version {found.version}, which says what {version} said.")


def read_texts(paths: list[Path]) -> dict[str, str]:
    """Return the texts of all files, by their paths. Raises `BadParameter` for what cannot be read."""
    found: dict[str, str] = {}
    for path in paths:
        if path.is_dir():
            found |= {str(file): _text(file.read_bytes(), file) for file in sorted(path.rglob("*.sql"))}
        elif zipfile.is_zipfile(path):
            found |= _unpacked(path)
        elif path.is_file():
            found[str(path)] = _text(path.read_bytes(), path)
        else:
            raise typer.BadParameter(f"There is no file {path}.")
    if not found:
        raise typer.BadParameter("There are no .sql files.")
    return found


def _unpacked(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            # What an archive says of its sizes may be a lie, so no more than that is read.
            if entry.filename.endswith(".sql"):
                with archive.open(entry) as file:
                    texts[entry.filename] = _text(file.read(_MOST_FILE_BYTES + 1), path / entry.filename)
    return texts


def _text(content: bytes, path: Path) -> str:
    if len(content) > _MOST_FILE_BYTES:
        raise typer.BadParameter(f"{path} is larger than {_MOST_FILE_BYTES:,} bytes.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{path} is not text in UTF-8.") from error


def shown(report: ImportReport, *, dry_run: bool) -> RenderableType:
    """Return a report as a table, with the differences below it."""
    rows = [
        (
            one.name,
            one.key,
            one.outcome,
            one.version,
            "; ".join(each.message for each in one.problems)
            or "; ".join(f"{each.severity}: {each.message}" for each in one.findings),
        )
        for one in report.files
    ]
    diffs = [_diff(one.difference) for one in report.files if one.difference]
    verdict = "Nothing was saved." if dry_run else "All are saved."
    return Group(table(("file", "key", "outcome", "version", "notes"), rows), *diffs, verdict)


def _diff(text: str) -> RenderableType:
    return Syntax(text, "diff", background_color="default", word_wrap=True)
