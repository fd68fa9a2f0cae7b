"""Addressable things: AMC instances, their search, and the freezing of a selection."""
