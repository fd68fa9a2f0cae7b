"""Fanfold runs one piece of work across many targets at once and folds the answers back into one."""

__version__ = "0.1.0"
