"""The textbook network: recurrent layers over single steps, then a dense layer.

With ``x`` the normalised window:

    u_t = relu(K [x_{t-k+1} .. x_t])                  (1) causal convolution, where there is one; else u = x
    h_1 .. h_T = layers(u_1 .. u_T)                   (2) LSTM, GRU or RNN of ``layers.py``
    e_t = v . tanh(W h_t + b),  p = softmax(e)        (3) attention, where there is one:
    s = sum_t p_t h_t                                 (4) else s = h_T (both ends of a bidirectional layer)
    y = D s + d                                       (5) dense layer

A direct head gives the whole horizon at once; a recursive one gives the next step, which is appended to the window in
place of the oldest value, and so on. What goes in and what comes out is cut to ten units on either side: far outside
of what it was trained on, a ReLU recurrence says anything. Quantiles are the point forecast plus the residuals'
quantiles, found on validation windows, unless the head gives all of them itself.

Source: for attention Bahdanau, Cho & Bengio (2015), ICLR; for causal convolutions van den Oord et al. (2016), WaveNet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models.layers import layers_of
from tsforecast.models.preparation import Prepared, fill, prepare
from tsforecast.models.recurrent_spec import FARTHEST_VALUE, RecurrentSpec
from tsforecast.models.spec import SPREAD


class Attention(nn.Module):
    """Weighted mean of all hidden states, equations (3) and (4).

    Args:
        size: Channels of the hidden states (C).
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.hidden = dense(size, size)
        self.score = nn.Parameter(nn.init.xavier_uniform_(torch.empty(1, size))[0])

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Mean ``(B, C)`` and weights ``(B, T)`` of states ``(B, T, C)``."""
        weights = torch.softmax(torch.tanh(self.hidden(states)) @ self.score, 1)
        return (weights[..., None] * states).sum(1), weights


class RecurrentBase(nn.Module):
    """From the channels of every step to what one pass gives; not to be built itself.

    Args:
        spec: Its shape.
    """

    spec: RecurrentSpec

    adjustments: Tensor
    """Added to the normalised quantiles so that intervals hold (H, Q)."""

    def __init__(self, spec: RecurrentSpec) -> None:
        super().__init__()
        self.spec = spec
        self.convolution = convolution(spec.inputs, spec.filters, spec.kernel) if spec.filters else None
        self.layers = layers_of(spec.cell)(
            spec.channels,
            spec.widths,
            activation=spec.activation,
            batch_first=True,
            dropout=spec.dropout,
            bidirectional=spec.bidirectional,
            clip=spec.bound,
            single_bias=True,
        )
        self.attention = Attention(spec.state) if spec.attention else None
        self.dense = dense(spec.state, spec.reach * spec.outputs)
        self.register_buffer("adjustments", torch.zeros(spec.horizon, len(spec.levels)))

    def lesson(self, inputs: Inputs, futures: Floats) -> tuple[Tensor, ...]:
        """Read raw windows for training: what ``forward`` takes, and last what followed.

        Shape:
            inputs of B windows; futures and the last result ``(B, steps)``, NaN where nothing is known.
        """
        raise NotImplementedError

    def forecast(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Give what users see, and the attention by blocks of steps ``(B, K)``."""
        raise NotImplementedError

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over stored weights by name."""
        state = self.state_dict()
        self.load_state_dict({name: torch.from_numpy(np.array(arrays[name])) for name in state})

    def encode(self, channels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Run the layers over a window; also tell what the attention gave each step.

        Shape:
            channels ``(B, inputs, T)``; state ``(B, C)``; attention ``(B, T)`` or None.
        """
        spec = self.spec
        if self.convolution is not None:
            padded = nn.functional.pad(channels, (spec.kernel - 1, 0))
            channels = torch.relu(self.convolution(padded))  # (1)
        states, _ = self.layers(channels.transpose(1, 2))  # (2)
        if self.attention is None:
            width = spec.widths[-1]
            pooled, weights = torch.cat([states[:, -1, :width], states[:, 0, width:]], 1), None
        else:
            pooled, weights = self.attention(states)  # (3), (4)
        return nn.functional.dropout(pooled, spec.dropout, self.training), weights

    def answer(self, state: Tensor) -> Tensor:
        """Dense layer over a state ``(B, C)``: ``(B, steps, outputs)``, steps the horizon or 1."""
        made: Tensor = self.dense(state).reshape(-1, self.spec.reach, self.spec.outputs)  # (5)
        return made

    def by_blocks(self, weights: Tensor) -> Tensor:
        """Attention summed over each block of steps, the newest first (B, K)."""
        length = self.spec.context_length
        return torch.stack(
            [weights[:, length - last : length - first + 1].sum(1) for first, last in self.spec.blocks], 1
        )


class RecurrentNetwork(RecurrentBase):
    """A network of the shape that a spec describes.

    Args:
        spec: Its shape.
    """

    low: Tensor
    """What stands for 0 where the range of the training part normalises (user's units, one number)."""

    high: Tensor
    """What stands for 1 there."""

    def __init__(self, spec: RecurrentSpec) -> None:
        super().__init__(spec)
        self.register_buffer("low", torch.zeros(1, dtype=torch.float64))
        self.register_buffer("high", torch.ones(1, dtype=torch.float64))

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor | None]:
        """One pass over normalised windows.

        Shape:
            values ``(B, T)``; result ``(B, steps, outputs)``, steps the horizon or 1, outputs Q or 1; attention
            ``(B, T)`` or None.
        """
        state, weights = self.encode(values[:, None])
        return self.answer(state), weights

    def lesson(self, inputs: Inputs, futures: Floats) -> tuple[Tensor, ...]:
        """Normalised windows ``(B, T)`` and what followed in their units."""
        window, future = self.prepare(torch.from_numpy(inputs.context)), torch.from_numpy(futures)
        usable = (window.scale > 0) & torch.isfinite(window.centre)
        target = torch.where(usable, (future - window.centre) / window.scale, torch.nan)
        return window.values.nan_to_num(), target.to(torch.float32)

    def roll(self, values: Tensor) -> tuple[Tensor, Tensor | None]:
        """Forecast the whole horizon; the attention is that of the first step.

        Shape:
            values ``(B, T)``; result ``(B, H, outputs)``.
        """
        made, weights = self(values)
        steps, window = [made.clamp(-FARTHEST_VALUE, FARTHEST_VALUE)], values
        for _ in range(self.spec.horizon - self.spec.reach):
            window = torch.cat([window[:, 1:], steps[-1][:, -1]], 1)
            steps.append(self(window)[0].clamp(-FARTHEST_VALUE, FARTHEST_VALUE))
        return torch.cat(steps, 1), weights

    def prepare(self, context: Tensor) -> Prepared:
        """Fill and normalise raw windows, float64 (B, T)."""
        spec = self.spec
        if spec.normalisation == SPREAD:
            made = prepare(context, spec.usable_seasons, spec.normalisation)
        else:
            filled = fill(context, spec.usable_seasons)
            low, span = self.low.cpu(), (self.high - self.low).cpu()
            nothing = 0 * filled[:, -1:].clamp(-1, 1)  # NaN where a window has no value at all
            made = Prepared(
                ((filled - low) / torch.where(span > 0, span, 1.0)).to(torch.float32),
                (~torch.isnan(context)).to(torch.float64),
                low + nothing,
                span + nothing,
            )
        return made._replace(values=made.values.clamp(-FARTHEST_VALUE, FARTHEST_VALUE))

    @torch.no_grad()
    def forecast(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Sorted quantiles in the user's units and the attention by blocks of steps.

        Shape:
            inputs of B windows; quantiles ``(B, H, Q)``; weights ``(B, K)``, K zero without attention.
        """
        spec, device = self.spec, self.dense.weight.device
        self.eval()
        one = self.prepare(torch.from_numpy(np.ascontiguousarray(inputs.context)))
        made, weights = self.roll(one.values.to(device))
        quantiles = (made + self.adjustments).sort(-1).values.cpu().to(torch.float64)
        raw = (quantiles * one.scale[:, None] + one.centre[:, None]).clamp_min(
            -math.inf if spec.floor is None else spec.floor
        )
        blocks = self.by_blocks(weights) if weights is not None else torch.zeros(len(raw), 0)
        return raw.numpy(), blocks.cpu().to(torch.float64).numpy()


def dense(inputs: int, outputs: int, *, bias: bool = True) -> nn.Linear:
    """Linear layer that starts as Keras' Dense: Glorot kernel, bias at zero."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    nn.init.xavier_uniform_(layer.weight)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def convolution(channels: int, filters: int, kernel: int) -> nn.Conv1d:
    """Convolution that starts as Keras' Conv1D."""
    layer = nn.Conv1d(channels, filters, kernel)
    nn.init.xavier_uniform_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
