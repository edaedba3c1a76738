"""Tests of what every member of a registry promises."""
