"""PostgreSQL and nothing above it: the embedded server, connections, statements, transactions, notifications."""
