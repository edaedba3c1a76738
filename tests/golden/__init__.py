"""Tests of stored forecasts."""
