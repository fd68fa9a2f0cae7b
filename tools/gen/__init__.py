"""What is generated and committed: documents that must not differ from the code. Run by `make gen`."""
