"""Files, folders and archives of workflows as the command line reads and shows them."""

from __future__ import annotations

import zipfile
from io import StringIO

import pytest
import typer
from rich.console import Console

from fanfold.cli import workflow_files
from fanfold.client.models import ImportReport


def test_files_folders_and_archives_are_read(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "b.sql").write_text("B")
    (tmp_path / "in" / "deep" / "a.sql").write_bytes("\ufeffÄ".encode())
    (tmp_path / "in" / "notes.md").write_text("no")
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("x/z.sql", "Z")
        archive.writestr("readme.txt", "no")
    (tmp_path / "one.txt").write_text("1")
    texts = workflow_files.read_texts([tmp_path / "in", tmp_path / "some.zip", tmp_path / "one.txt"])
    assert texts == {
        str(tmp_path / "in" / "b.sql"): "B",
        str(tmp_path / "in" / "deep" / "a.sql"): "Ä",
        "x/z.sql": "Z",
        str(tmp_path / "one.txt"): "1",
    }


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "latin.sql").write_bytes(b"\xe4")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.sql", " " * 1_000_001)
    for name, why in (
        ("latin.sql", "is not text in UTF-8"),
        ("empty", "no .sql files"),
        ("none.sql", "There is no file"),
        ("bomb.zip", "larger than 1,000,000 bytes"),
    ):
        with pytest.raises(typer.BadParameter, match=why):
            workflow_files.read_texts([tmp_path / name])


def test_a_report_names_every_file_with_what_is_wrong():
    report = ImportReport.model_validate(
        {
            "ok": False,
            "files": [
                {"name": "a.sql", "key": "a", "outcome": "updated", "difference": "--- a\n+++ b\n-1\n+2"},
                {"name": "b.sql", "outcome": "refused", "problems": [{"pointer": "/f", "message": "bad"}]},
            ],
        }
    )
    console = Console(width=200, record=True, file=StringIO())
    console.print(workflow_files.shown(report, dry_run=True))
    text = console.export_text()
    assert "refused" in text
    assert "bad" in text
    assert "+2" in text
    assert "Nothing was saved." in text
