"""How results look in a file and in `outputColumns`."""

from __future__ import annotations

from collections.abc import Sequence

from duckdb import DuckDBPyConnection
from duckdb.sqltypes import DuckDBPyType

from amcsim.executions.model import OutputColumn
from amcsim.sql.compiled import Compiled, Prepared
from amcsim.sql.options import SqlOptions
from amcsim.sql.privacy import quoted
from amcsim.sql.problem import SqlProblem
from amcsim.workflows import DeclaredColumn, OutputFormat

_AMC_TYPES = {
    "BIGINT": "LONG",
    "HUGEINT": "LONG",
    "UBIGINT": "LONG",
    "INTEGER": "INTEGER",
    "SMALLINT": "SHORT",
    "TINYINT": "BYTE",
    "VARCHAR": "STRING",
    "DOUBLE": "DOUBLE",
    "FLOAT": "FLOAT",
    "BOOLEAN": "BOOLEAN",
    "BLOB": "BINARY",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
}


def refuse_other_columns(prepared: Prepared, declared: Sequence[DeclaredColumn]) -> None:
    """Raise SqlProblem unless the output has exactly the columns that the workflow declares."""
    made = [(column.name, "METRIC" if column.metric else "DIMENSION") for column in prepared.columns]
    if [column.name for column in declared] != [name for name, _ in made]:
        wanted, found = (", ".join(names) for names in ([c.name for c in declared], [n for n, _ in made]))
        raise SqlProblem(f"The output columns ({found}) are not the declared ones ({wanted})")
    for column, (name, column_type) in zip(declared, made, strict=True):
        data_type = _named(prepared.types.get(name, ""))
        wrong_type = column.data_type not in {None, data_type} and bool(prepared.types)
        if column.column_type not in {None, column_type} or wrong_type:
            wanted = " ".join(filter(None, (column.column_type, column.data_type)))
            text = f"Output column '{name}' is declared as {wanted} and is {column_type} {data_type}"
            raise SqlProblem(text)


def csv_options(options: SqlOptions, written_as: OutputFormat | None = None) -> str:
    """Return the options of COPY that write CSV as AMC does: backslash before a quote, nothing for NULL;
    *written_as* changes the characters.
    """
    asked = written_as or OutputFormat()
    zone = options.timestamp_zone.replace("none", "")
    written = {
        "format": "csv",
        "header": "true",
        "delimiter": _literal(asked.separator_character or ","),
        "quote": _literal(asked.quote_character or '"'),
        "escape": _literal(asked.escape_character or "\\"),
        "nullstr": "''",
        "dateformat": "'%Y-%m-%d'",
        "timestampformat": f"'%Y-%m-%dT%H:%M:%S.%g{zone}'",
    }
    return ", ".join(f"{name} {value}" for name, value in written.items())


def described(cursor: DuckDBPyConnection, result: str, *, compiled: Compiled) -> tuple[OutputColumn, ...]:
    """Return the columns of *result* with AMC's names of their types."""
    metric = {column.name for column in compiled.columns if column.metric}
    return tuple(_column(name, kind, is_metric=name in metric) for name, kind in _types(cursor, result))


def shown(cursor: DuckDBPyConnection, result: str, *, options: SqlOptions) -> str:
    """Return the select list that turns lists and rows into AMC's bracketed text and leaves the rest."""
    return ", ".join(
        f"{_written(kind, quoted(name), options)} AS {quoted(name)}" for name, kind in _types(cursor, result)
    )


def _literal(character: str) -> str:
    return "'" + character.replace("'", "''") + "'"


def _named(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return "DECIMAL"
    if kind.endswith("[]"):
        return "ARRAY"
    return "STRUCT" if kind.startswith(("STRUCT", "MAP")) else _AMC_TYPES.get(kind, "STRING")


def _written(kind: DuckDBPyType, value: str, options: SqlOptions) -> str:
    if kind.id == "boolean" and options.boolean_case == "upper":
        return f"upper(CAST({value} AS VARCHAR))"
    return _text(kind, value)


def _types(cursor: DuckDBPyConnection, result: str) -> list[tuple[str, DuckDBPyType]]:
    relation = cursor.sql(f"SELECT * FROM {result} LIMIT 0")
    return list(zip(relation.columns, relation.types, strict=True))


def _column(name: str, kind: DuckDBPyType, *, is_metric: bool) -> OutputColumn:
    column_type = "METRIC" if is_metric else "DIMENSION"
    if kind.id == "decimal":
        precision, scale = (int(number) for number in str(kind)[len("DECIMAL(") : -1].split(","))
        return OutputColumn(name, column_type, "DECIMAL", precision, scale)
    if kind.id in {"list", "struct", "map"}:
        return OutputColumn(name, column_type, "ARRAY" if kind.id == "list" else "STRUCT")
    return OutputColumn(name, column_type, _AMC_TYPES.get(str(kind), "STRING"))


def _text(kind: DuckDBPyType, value: str, depth: int = 0) -> str:
    if kind.id == "list":
        item = f"x{depth}"
        inner = _text(_children(kind)[0][1], item, depth + 1)
        texts = f"list_transform({value}, lambda {item}: coalesce(CAST({inner} AS VARCHAR), 'null'))"
        joined = f"array_to_string({texts}, ', ')"
        return f"CASE WHEN {value} IS NOT NULL THEN '[' || {joined} || ']' END"
    if kind.id == "struct":
        fields = [
            f"coalesce(CAST({_text(child, f'{value}.{quoted(name)}', depth + 1)} AS VARCHAR), 'null')"
            for name, child in _children(kind)
        ]
        joined = " || ', ' || ".join(fields)
        return f"CASE WHEN {value} IS NOT NULL THEN '[' || {joined} || ']' END"
    return value


def _children(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    return [(name, child) for name, child in kind.children if isinstance(child, DuckDBPyType)]
