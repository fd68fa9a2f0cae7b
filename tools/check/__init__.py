"""House rules that no public linter knows: one module per rule, run together by `python -m tools.check`."""
