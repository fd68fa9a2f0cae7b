"""The Python SDK: an async core and a blocking face."""
