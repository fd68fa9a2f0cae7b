"""Every SQL file is one statement that PostgreSQL accepts, says its purpose, and is run by some module."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import asyncpg
import pytest

from fanfold.db.database import SCHEMA, Role
from fanfold.db.statements import Statements, parse

SOURCE = Path(str(files("fanfold")))
FOLDERS = sorted(folder for folder in SOURCE.glob("*/sql") if any(folder.glob("*.sql")))
STATEMENTS = [
    pytest.param(statement, id=statement.name)
    for folder in FOLDERS
    for statement in map(
        Statements(f"fanfold.{folder.parent.name}"), Statements(f"fanfold.{folder.parent.name}").names()
    )
]


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_statement_is_accepted_by_the_server(statement, database_url):
    connection = await asyncpg.connect(
        database_url, server_settings={"search_path": SCHEMA, "role": Role.SERVICE.value}
    )
    try:
        prepared = await connection.prepare(statement.sql)
        assert len(prepared.get_parameters()) == len(statement.parameters)
    finally:
        await connection.close()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_says_its_purpose_in_a_sentence(statement):
    assert len(statement.purpose) > 15
    assert statement.purpose.endswith((".", ",")) or statement.purpose[0].isupper()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_statement_of_a_package_is_run_by_the_package(folder):
    source = "\n".join(path.read_text() for path in folder.parent.glob("**/*.py"))
    unused = [path.stem for path in folder.glob("*.sql") if not re.search(rf"[\"']{path.stem}[\"']", source)]
    assert unused == []


def test_names_become_numbers_and_casts_and_times_stay():
    statement = parse("t", "-- Tries.\nselect :a::text, '10:30', :b, :a from t -- :c\n;")
    assert statement.sql == "select $1::text, '10:30', $2, $1 from t"
    assert statement.parameters == ("a", "b")


def test_a_wrong_parameter_is_named():
    with pytest.raises(TypeError, match="t: parameters do not match: b, c"):
        parse("t", "-- Tries.\nselect :b").arguments({"c": 1})
