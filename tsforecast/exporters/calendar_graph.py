"""Nodes that make calendar features of timestamps: ``models/calendar.py`` step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.models.calendar_numbers import (
    AROUND,
    DAY,
    MONDAY,
    WAVE_RATES,
    WAVE_SHIFTS,
    holiday_first_day,
)
from tsforecast.models.spec import NetworkSpec


def write_calendar(graph: GraphWriter, spec: NetworkSpec, holidays: NDArray[Any]) -> Value:
    """Channels of all calendar features side by side (B, T + H, K)."""
    writer = _Whole(graph)
    second = writer.modulo("timestamps", DAY)
    day = writer.over(writer.minus("timestamps", second), DAY)
    parts = []
    for name in spec.calendar:
        if name == "hour":
            parts.append(_waves(graph, _share(graph, second, graph.single(DAY))))
        elif name == "weekday":
            today = graph.add("Unsqueeze", writer.modulo(writer.plus(day, MONDAY), 7), graph.ints(2))
            parts.append(graph.to(graph.add("Equal", today, graph.ints(*range(7))), "FLOAT"))
        elif name == "holiday":
            parts.append(_holidays(graph, day, spec, holidays))
        else:
            month, passed, length = _civil(writer, day)
            share = (month, graph.single(12)) if name == "month" else (passed, graph.to(length, "FLOAT"))
            parts.append(_waves(graph, _share(graph, *share)))
    return str(graph.add("Concat", *parts, axis=2))


class _Whole:
    """Arithmetic of whole numbers with constants; quotients are of numbers that are not negative."""

    def __init__(self, graph: GraphWriter) -> None:
        self._graph = graph

    def plus(self, value: Value, other: Value | int) -> Value:
        return str(self._graph.add("Add", value, self._named(other)))

    def minus(self, value: Value, other: Value | int) -> Value:
        return str(self._graph.add("Sub", value, self._named(other)))

    def times(self, value: Value, other: int) -> Value:
        return str(self._graph.add("Mul", value, self._named(other)))

    def over(self, value: Value, other: int) -> Value:
        return str(self._graph.add("Div", value, self._named(other)))

    def modulo(self, value: Value, other: int) -> Value:
        return str(self._graph.add("Mod", value, self._named(other)))

    def divides(self, value: Value, other: int) -> Value:
        """Whether a constant divides a value."""
        return str(self._graph.add("Equal", self.modulo(value, other), self._named(0)))

    def flag(self, truth: Value) -> Value:
        """1 where something is true."""
        return self._graph.to(truth, "INT64")

    def _named(self, other: Value | int) -> Value:
        return other if isinstance(other, str) else self._graph.constant(other, np.int64)


def _civil(whole: _Whole, day: Value) -> tuple[Value, Value, Value]:
    """Month from 0, day of the year from 0, and days of that year."""
    graph = whole._graph
    era = whole.modulo(whole.plus(day, 719_468), 146_097)
    rest = whole.plus(whole.minus(era, whole.over(era, 1460)), whole.over(era, 36_524))
    year = whole.over(whole.minus(rest, whole.over(era, 146_096)), 365)
    before = whole.plus(whole.times(year, 365), whole.over(year, 4))
    since_march = whole.minus(era, whole.minus(before, whole.over(year, 100)))
    number = whole.over(whole.plus(whole.times(since_march, 5), 2), 153)
    late = whole.flag(graph.add("Greater", since_march, graph.constant(305, np.int64)))
    own = whole.plus(year, late)
    whole_century = graph.add("Or", graph.add("Not", whole.divides(own, 100)), whole.divides(own, 400))
    leap = whole.flag(graph.add("And", whole.divides(own, 4), whole_century))
    length = whole.plus(leap, 365)
    turned = graph.add("Mul", late, length)
    passed = whole.minus(whole.plus(whole.plus(since_march, 59), leap), turned)
    return whole.modulo(whole.plus(number, 2), 12), passed, length


def _share(graph: GraphWriter, part: Value, length: Value) -> Value:
    return str(graph.add("Div", graph.to(part, "FLOAT"), length))


def _waves(graph: GraphWriter, share: Value) -> Value:
    rates, shifts = (graph.constant(one, np.float32) for one in (WAVE_RATES, WAVE_SHIFTS))
    turned = graph.add("Mul", graph.add("Unsqueeze", share, graph.ints(2)), rates)
    return str(graph.add("Sin", graph.add("Add", turned, shifts)))


def _holidays(graph: GraphWriter, day: Value, spec: NetworkSpec, table: NDArray[Any]) -> Value:
    offset = np.array(AROUND) - (holiday_first_day(spec.holiday_years) - 1)
    place = graph.add("Add", graph.add("Unsqueeze", day, graph.ints(2)), graph.constant(offset, np.int64))
    place = graph.add("Max", place, graph.constant(0, np.int64))
    place = graph.add("Min", place, graph.constant(len(table) - 1, np.int64))
    return graph.to(graph.add("Gather", graph.constant(table, np.uint8), place, axis=0), "FLOAT")
