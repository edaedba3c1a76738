"""How good a forecast is: metrics, baselines, backtests and interval calibration, in NumPy alone."""
