"""PostgreSQL and nothing above it: the embedded server, sessions, statements, transactions, notifications."""
