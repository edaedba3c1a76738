"""Cells to numbers, and what the cells of a column are."""
