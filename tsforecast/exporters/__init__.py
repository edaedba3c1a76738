"""ONNX files written from stored weights, without torch; the parity check is the only place that loads it.

A new runtime is one line in ``targets.TARGETS``.
"""
