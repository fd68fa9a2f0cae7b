"""The kind `csv.profile`: what is in each column of a CSV file."""

from fanfold_csv_profile.kind import CsvProfile

__all__ = ["CsvProfile"]
