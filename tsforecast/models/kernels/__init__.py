"""Hand-written recurrences, one file per cell, each with its equations and both directions.

A cell is one function from inputs and weights to all hidden states (``run_lstm``, ``run_gru``, ``run_rnn``); layers
know nothing else of it, so a compiled one can take its place. The layout is torch's, ``(T, B, ...)``: a block of
steps is then a matrix without a copy, and a block is no longer than a processor's cache holds, so that what one
operation writes the next one finds there.
"""
