"""Rows as Parquet in the result store, and every way to read them."""
