"""The time axis in one place: frequencies, their names, and how they are found in data."""

from __future__ import annotations

from tsforecast.data.arrays import Ints
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.times.frequency_names import parse_frequency
from tsforecast.data.times.inference import Inference, infer_frequency

__all__ = ["Frequency", "Inference", "Ints", "infer_frequency", "parse_frequency"]
