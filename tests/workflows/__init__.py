"""Tests of the use cases, from a table to a result."""
