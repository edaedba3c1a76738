"""Forecasting without torch: the exported graph in onnxruntime."""
