"""Make the sample files again, byte for byte: ``python sample_data/make.py [FOLDER]``.

Everything here is invented. Noise comes from a fixed seed as a sum of uniform numbers, so that it does not
depend on how a NumPy release draws its normal numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = Iterable[Iterable[object]]


def noise(seed: int, size: int) -> Floats:
    """Nearly normal numbers, mean 0 and standard deviation 1.

    Shape:
        result ``(size,)``.
    """
    uniform = np.random.Generator(np.random.PCG64(seed)).random((size, 12))
    return np.asarray(uniform.sum(axis=1) - 6.0)


def autoregressive(seed: int, size: int, memory: float) -> Floats:
    """Noise that remembers: each value keeps the share ``memory`` of the one before.

    Shape:
        result ``(size,)``.
    """
    shocks = noise(seed, size)
    level = 0.0
    for index, shock in enumerate(shocks):
        level = memory * level + shock
        shocks[index] = level
    return shocks


def bump(hour: Floats, centre: float, width: float) -> Floats:
    """Draw a hill over the hours of a day, 1 at its centre."""
    distance = (hour - centre + 12.0) % 24.0 - 12.0
    return np.asarray(np.exp(-((distance / width) ** 2)))


def monthly_visitors() -> Rows:
    """Visitors of a botanical garden: growth, a summer season that grows with the level."""
    months = np.arange("2010-01", "2025-01", dtype="datetime64[M]")
    step = np.arange(len(months), dtype=np.float64)
    season = np.array([-0.42, -0.36, -0.10, 0.12, 0.27, 0.31, 0.33, 0.29, 0.08, -0.06, -0.28, -0.18])
    level = np.log(5200.0) + 0.0062 * step + 0.02 * autoregressive(1, len(months), 0.8)
    visitors = np.exp(level + np.tile(season, len(months) // 12) + 0.025 * noise(2, len(months)))
    return [("month", "visitors"), *zip(months, np.rint(visitors).astype(int), strict=True)]


def _office(hour: Floats, weekend: NDArray[np.bool_]) -> Floats:
    return 14.0 + np.where(weekend, 3.0, 46.0) * bump(hour, 13.0, 4.5)


def _bakery(hour: Floats, weekend: NDArray[np.bool_]) -> Floats:
    return 6.0 + np.where(weekend, 30.0, 24.0) * bump(hour, 4.5, 2.2) + 9.0 * bump(hour, 11.0, 4.0)


def _homes(hour: Floats, weekend: NDArray[np.bool_]) -> Floats:
    morning = np.where(weekend, bump(hour, 9.5, 2.5), bump(hour, 7.0, 1.6))
    return 35.0 + 28.0 * morning + 52.0 * bump(hour, 19.5, 3.0)


def _cold_store(hour: Floats, weekend: NDArray[np.bool_]) -> Floats:
    return 120.0 + 14.0 * bump(hour, 15.5, 5.0) - np.where(weekend, 9.0, 0.0)


METERS: dict[str, Callable[[Floats, NDArray[np.bool_]], Floats]] = {
    "bakery": _bakery,
    "cold_store": _cold_store,
    "homes": _homes,
    "office": _office,
}


def hourly_load() -> Rows:
    """Electric load of four meters over eight weeks: a day and a week in each, of very different size."""
    times = np.arange("2024-09-02T00:00", "2024-10-28T00:00", dtype="datetime64[h]")
    hour = (times.astype(np.int64) % 24).astype(np.float64)
    weekend = ~np.is_busday(times.astype("datetime64[D]"))
    yield "meter", "time", "load_kw"
    for seed, (meter, profile) in enumerate(METERS.items(), start=10):
        clean = profile(hour, weekend)
        load = clean * (1.0 + 0.02 * autoregressive(seed, len(times), 0.9)) + 0.4 * noise(
            seed + 10, len(times)
        )
        for time, value in zip(times, load, strict=True):
            yield meter, f"{time}:00", f"{max(value, 0.0):.2f}"


HOLIDAYS = {
    "01-01": "new_year",
    "05-01": "labour_day",
    "12-24": "christmas",
    "12-25": "christmas",
    "12-26": "christmas",
    "12-31": "new_year",
}
CLOSED = slice(np.datetime64("2023-08-07"), np.datetime64("2023-08-13"))
UNREAD = ("2022-03-09", "2022-03-10", "2022-11-18", "2024-02-29", "2024-07-02", "2024-07-03", "2024-07-04")
TYPING_ERROR = "2024-04-16"


def daily_sales() -> Rows:
    """Three years of one shop with what drives it; one closed week, unread days and a typing error."""
    days = np.arange("2022-01-01", "2025-01-01", dtype="datetime64[D]")
    size, step = len(days), np.arange(len(days), dtype=np.float64)
    weekday = (days.astype(np.int64) + 3) % 7
    year = 2.0 * np.pi * step / 365.25
    temperature = 11.0 - 9.5 * np.cos(year - 0.35) + 2.2 * autoregressive(30, size, 0.7)
    price = np.where(step < 400, 2.49, np.where(step < 800, 2.69, 2.89))
    promotion = ((step.astype(int) // 7) % 6 == 2) & (weekday < 6)
    holiday = [HOLIDAYS.get(str(day)[5:], "") for day in days]
    week = np.array([0.92, 0.88, 0.93, 1.0, 1.22, 1.38, 0.67])[weekday]
    pull = 1.0 + 0.45 * promotion - 0.22 * (price - 2.49) + 0.008 * (temperature - 11.0)
    festive = np.array([0.35 if name else 1.0 for name in holiday])
    sales = 240.0 * (1.0 + 0.0002 * step) * week * pull * festive * (1.0 + 0.05 * noise(31, size))
    yield "date", "sales", "price", "promotion", "temperature", "holiday"
    for index, day in enumerate(days):
        if CLOSED.start <= day <= CLOSED.stop:
            continue
        factor = 10 if str(day) == TYPING_ERROR else 1
        sold = "" if str(day) in UNREAD else f"{factor * sales[index]:.0f}"
        drivers = f"{price[index]:.2f},{promotion[index]:d},{temperature[index]:.1f},{holiday[index]}"
        yield day, sold, drivers


def weekly_orders() -> Rows:
    """Orders of three products, one column each, weeks that end on Sunday."""
    weeks = np.arange("2021-01-03", "2024-12-30", 7, dtype="datetime64[D]")
    step = np.arange(len(weeks), dtype=np.float64)
    year = 2.0 * np.pi * step / 52.18
    soup = 900.0 + 320.0 * np.cos(year - 0.2) + 45.0 * noise(40, len(weeks))
    salad = 700.0 - 380.0 * np.cos(year - 0.4) + 0.9 * step + 40.0 * noise(41, len(weeks))
    bread = 1500.0 + 60.0 * autoregressive(42, len(weeks), 0.85)
    columns = (np.rint(np.maximum(values, 0.0)).astype(int) for values in (soup, salad, bread))
    return [("week", "soup", "salad", "bread"), *zip(weeks, *columns, strict=True)]


def daily_weather() -> Rows:
    """Four years of one town's weather: rain follows rain, more so in winter and under falling pressure."""
    days = np.arange("2021-01-01", "2025-01-01", dtype="datetime64[D]")
    winter = 0.5 + 0.5 * np.cos(2.0 * np.pi * np.arange(len(days)) / 365.25)
    pressure = 1014.0 + 5.5 * autoregressive(50, len(days), 0.75)
    chances = np.random.Generator(np.random.PCG64(51)).random(len(days))
    yield "date", "rain", "sky", "pressure"
    rain = False
    for day, cold, high, chance in zip(days, winter, pressure, chances, strict=True):
        odds = -1.9 + 0.9 * cold + 1.7 * rain - 0.10 * (high - 1014.0)
        wet = 1.0 / (1.0 + np.exp(-odds))
        rain = bool(chance < wet)
        sky = "overcast" if rain else "cloudy" if chance < wet + 0.45 * (1.0 - wet) else "clear"
        yield day, "yes" if rain else "no", sky, f"{high:.1f}"


FILES: dict[str, Callable[[], Rows]] = {
    "monthly_visitors.csv": monthly_visitors,
    "hourly_load.csv": hourly_load,
    "daily_sales.csv": daily_sales,
    "weekly_orders.csv": weekly_orders,
    "daily_weather.csv": daily_weather,
}


def write(folder: Path) -> None:
    """Write every sample file into a folder."""
    for name, rows in FILES.items():
        text = "".join(",".join(str(cell) for cell in row) + "\n" for row in rows())
        (folder / name).write_bytes(text.encode())


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
