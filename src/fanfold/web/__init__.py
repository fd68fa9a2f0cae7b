"""The HTTP edge: composes the application and maps errors."""
