"""Measurements behind docs/benchmarks.md; each is a command, none is a test."""
