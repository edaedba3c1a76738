"""Rows put in their place: sorted, joined, on one grid, mended where asked for."""
