"""Forecasts and panels as tables again."""
