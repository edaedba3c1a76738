"""Tests of the ONNX graphs."""
