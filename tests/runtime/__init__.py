"""Tests of forecasting without torch."""
