"""AMC SQL: parse, refuse what AMC refuses, rewrite to DuckDB. Knows tables and types, never any rows."""
