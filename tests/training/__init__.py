"""Tests of how networks learn."""
