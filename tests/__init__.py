"""Tests of tsforecast; ``python -m tests`` runs every check."""
