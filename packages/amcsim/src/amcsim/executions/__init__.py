"""Executions: what was asked, where it stands, when it moves on."""
