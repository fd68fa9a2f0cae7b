"""Logs without secrets, event names, reports of unexpected errors."""
