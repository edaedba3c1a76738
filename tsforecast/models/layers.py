"""LSTM, GRU and RNN as torch has them, with ReLU or tanh, a clip and layers of unequal width.

Names of parameters and the order of gates in the ``state_dict`` are torch's, so weights move both ways. With ``s``
the logistic function, ``a`` the activation and every pre-activation cut to ``[-clip, clip]``:

    LSTM    i, f, o = s(W x_t + b + R h_{t-1} + d)                            (1)
            g = a(W_g x_t + b_g + R_g h_{t-1} + d_g)                          (2)
            c_t = f * c_{t-1} + i * g,   h_t = o * a(c_t)                     (3)
    GRU     r, z = s(W x_t + b + R h_{t-1} + d)                               (4)
            n = a(W_n x_t + b_n + r * (R_n h_{t-1} + d_n))                    (5)
            h_t = (1 - z) * n + z * h_{t-1}                                   (6)
    RNN     h_t = a(W x_t + b + R h_{t-1} + d)                                (7)

``W`` is ``weight_ih``, ``R`` ``weight_hh``, ``b`` ``bias_ih`` and ``d`` ``bias_hh``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import torch
from torch import Tensor, nn

from tsforecast.cells import CELLS
from tsforecast.models.kernels.gru import run_gru
from tsforecast.models.kernels.lstm import run_lstm
from tsforecast.models.kernels.rnn import run_rnn

State = Tensor | tuple[Tensor, ...]
"""State of all layers: one tensor (layers * directions, B, E), or one per layer where widths differ."""

ACTIVATIONS = ("relu", "tanh")


class RecurrentLayers(nn.Module):
    """What the three have in common; not to be built itself.

    Args:
        input_size: Channels that enter (C).
        hidden_size: Width of every layer (E), or one width per layer.
        num_layers: Layers of that width; with several widths their number.
        activation: ``relu`` or ``tanh``.
        batch_first: Whether the batch is the first axis of input and output, else the second.
        dropout: Share of each layer's output, but the last one's, dropped while training.
        bidirectional: Run each layer in both directions of time and join the outputs.
        clip: Bound of the pre-activations; infinite for none.
        initialisation: ``keras`` (Glorot kernels, orthogonal recurrent kernels, unit forget bias) or ``torch``
            (uniform).
        single_bias: Keep the second bias at zero, as Keras has but one: two would learn twice as fast.

    Raises:
        ValueError: A value that no layer can have.

    Shape:
        input ``(T, B, C)``; output ``(T, B, D * E)`` with D directions and E the last width; states
        ``(layers * D, B, E)``, or one ``(D, B, E)`` per layer where widths differ. Without a batch axis the results
        have none.

    Source:
        Glorot & Bengio (2010), AISTATS; Saxe et al. (2014), ICLR, for orthogonal kernels; Jozefowicz et al. (2015),
        ICML, for the forget bias.
    """

    gates = 1
    """Gates of a cell, the candidate among them."""

    kinds = 1
    """States that a cell carries on: hidden, and perhaps cell."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int | Sequence[int],
        num_layers: int = 1,
        *,
        activation: str = "relu",
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        clip: float = math.inf,
        initialisation: str = "keras",
        single_bias: bool = False,
    ) -> None:
        super().__init__()
        widths = (hidden_size,) * num_layers if isinstance(hidden_size, int) else tuple(hidden_size)
        _check(input_size, widths, num_layers, activation, dropout, clip, initialisation)
        self.input_size, self.widths = input_size, widths
        self.activation, self.batch_first, self.dropout = activation, batch_first, dropout
        self.bidirectional, self.clip = bidirectional, clip
        self.initialisation, self.single_bias = initialisation, single_bias
        self.directions = 2 if bidirectional else 1
        for layer, width in enumerate(widths):
            inputs = input_size if layer == 0 else self.directions * widths[layer - 1]
            for suffix in self._suffixes(layer):
                self._register(suffix, self.gates * width, inputs, width)
        self.reset_parameters()

    def _suffixes(self, layer: int) -> tuple[str, ...]:
        return tuple(f"_l{layer}{way}" for way in ("", "_reverse")[: self.directions])

    def _register(self, suffix: str, rows: int, inputs: int, width: int) -> None:
        self.register_parameter(f"weight_ih{suffix}", nn.Parameter(torch.empty(rows, inputs)))
        self.register_parameter(f"weight_hh{suffix}", nn.Parameter(torch.empty(rows, width)))
        self.register_parameter(f"bias_ih{suffix}", nn.Parameter(torch.empty(rows)))
        if self.single_bias and self.gates != 3:  # the GRU's second bias is no copy of the first
            self.register_buffer(f"bias_hh{suffix}", torch.empty(rows))
        else:
            self.register_parameter(f"bias_hh{suffix}", nn.Parameter(torch.empty(rows)))

    def reset_parameters(self) -> None:
        """Draw fresh weights."""
        for layer, width in enumerate(self.widths):
            for suffix in self._suffixes(layer):
                kernel, recurrent, bias, second = self._weights(suffix)
                if self.initialisation == "torch":
                    for one in (kernel, recurrent, bias, second):
                        nn.init.uniform_(one, -1 / math.sqrt(width), 1 / math.sqrt(width))
                else:
                    nn.init.xavier_uniform_(kernel)
                    nn.init.orthogonal_(recurrent)
                    nn.init.zeros_(bias)
                    nn.init.zeros_(second)
                    self._remember(bias, width)
                if self.single_bias and self.gates != 3:
                    nn.init.zeros_(second)

    def _remember(self, bias: Tensor, width: int) -> None:
        """Set what makes a fresh cell remember; only the LSTM has it."""

    def _weights(self, suffix: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Kernel, recurrent kernel and the two biases of one direction of one layer."""
        kernel, recurrent, bias, second = (
            getattr(self, name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        return kernel, recurrent, bias, second

    def _run(self, inputs: Tensor, state: Any | None = None) -> tuple[Tensor, list[State]]:
        """Output and the last states, each kind (hidden, cell) for all layers."""
        batched = inputs.dim() == 3
        sequence = inputs if batched else inputs[:, None]
        sequence = sequence.transpose(0, 1) if self.batch_first and batched else sequence
        starts = self._starts(state, batched)
        found: list[tuple[Tensor, ...]] = []
        for layer in range(len(self.widths)):
            if layer:
                sequence = nn.functional.dropout(sequence, self.dropout, self.training)
            sequence, last = self._layer(sequence, layer, starts[layer])
            found.append(last)
        output = sequence.transpose(0, 1) if self.batch_first and batched else sequence
        kinds = [self._together(kind, batched) for kind in zip(*found, strict=True)]
        return (output if batched else output[:, 0]), kinds

    def _starts(self, state: Any | None, batched: bool) -> list[tuple[Tensor, ...]]:
        """First states of every layer ``(D, B, E)``, none where they are zero."""
        if state is None:
            return [()] * len(self.widths)
        kinds = state if isinstance(state, tuple) and self.kinds == 2 else (state,)
        split = [
            list(torch.split(kind, self.directions)) if isinstance(kind, Tensor) else list(kind)
            for kind in kinds
        ]
        layers = zip(*split, strict=True)
        return [tuple(one if batched else one[:, None] for one in layer) for layer in layers]

    def _together(self, states: Sequence[Tensor], batched: bool) -> State:
        """Join the states of all layers where their widths allow it."""
        plain = [one if batched else one[:, 0] for one in states]
        return torch.cat(plain) if len(set(self.widths)) == 1 else tuple(plain)

    def _layer(
        self, sequence: Tensor, layer: int, start: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer over a sequence (T, B, C): its output (T, B, D * E) and last states (D, B, E)."""
        zero = sequence.new_zeros(sequence.shape[1], self.widths[layer])
        outputs, lasts = [], []
        for way, suffix in enumerate(self._suffixes(layer)):
            first = tuple(kind[way] for kind in start) or (zero,) * self.kinds
            read = sequence.flip(0) if way else sequence
            states, last = self.recur(read, self._weights(suffix), first)
            outputs.append(states.flip(0) if way else states)
            lasts.append(last)
        joined = outputs[0] if len(outputs) == 1 else torch.cat(outputs, 2)
        return joined, tuple(torch.stack(kind) for kind in zip(*lasts, strict=True))

    def recur(
        self, inputs: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor], first: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One direction (T, B, C): all hidden states (T, B, E) and the last states (B, E)."""
        raise NotImplementedError


class LSTM(RecurrentLayers):
    """Long short-term memory, equations (1) to (3).

    Returns ``(output, (hidden, cell))`` as ``torch.nn.LSTM`` does.

    Example:
        >>> layer = LSTM(1, 50, activation="relu", batch_first=True)
        >>> output, (hidden, cell) = layer(torch.zeros(10, 100, 1))
        >>> tuple(output.shape), tuple(hidden.shape)
        ((10, 100, 50), (1, 10, 50))

    Source:
        Hochreiter & Schmidhuber (1997); Gers et al. (2000) for the forget gate.
    """

    gates, kinds = 4, 2

    def forward(
        self, inputs: Tensor, state: tuple[State, State] | None = None
    ) -> tuple[Tensor, tuple[State, State]]:
        """Output and the last hidden and cell states."""
        output, (hidden, cell) = self._run(inputs, state)
        return output, (hidden, cell)

    def _remember(self, bias: Tensor, width: int) -> None:
        nn.init.ones_(bias[width : 2 * width])

    def recur(
        self, inputs: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor], first: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run one direction: equations (1) to (3)."""
        kernel, recurrent, bias, second = weights
        states, *last = run_lstm(
            inputs, kernel, recurrent, bias + second, first[0], first[1], self.activation, self.clip
        )
        return states, tuple(last)


class GRU(RecurrentLayers):
    """Gated recurrent unit, equations (4) to (6); returns ``(output, hidden)`` as ``torch.nn.GRU`` does.

    Source:
        Cho et al. (2014), EMNLP.
    """

    gates = 3

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Output and the last hidden state."""
        output, (hidden,) = self._run(inputs, state)
        return output, hidden

    def recur(
        self, inputs: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor], first: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run one direction: equations (4) to (6)."""
        states = run_gru(inputs, *weights, first[0], self.activation, self.clip)
        return states, (states[-1],)


class RNN(RecurrentLayers):
    """Plain recurrence, equation (7); returns ``(output, hidden)`` as ``torch.nn.RNN`` does.

    Source:
        Elman (1990), Cognitive Science 14.
    """

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Output and the last hidden state."""
        output, (hidden,) = self._run(inputs, state)
        return output, hidden

    def recur(
        self, inputs: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor], first: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run one direction: equation (7)."""
        kernel, recurrent, bias, second = weights
        states = run_rnn(inputs, kernel, recurrent, bias + second, first[0], self.activation, self.clip)
        return states, (states[-1],)


def layers_of(cell: str) -> type[RecurrentLayers]:
    """Class of the layers of a cell, by the word of ``--cell``."""
    module, name = CELLS[cell].layers.split(":")
    return cast("type[RecurrentLayers]", getattr(import_module(module), name))


def _check(
    inputs: int,
    widths: tuple[int, ...],
    layers: int,
    activation: str,
    dropout: float,
    clip: float,
    initialisation: str,
) -> None:
    """Refuse what no layer can have."""
    if inputs < 1 or not widths or min(widths) < 1:
        raise ValueError(f"sizes must be at least 1, got input_size {inputs}, hidden_size {widths}")
    if layers not in (1, len(widths)):
        raise ValueError(f"num_layers is {layers}, but hidden_size names {len(widths)} layers")
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    if not 0 <= dropout < 1 or not clip > 0:
        raise ValueError(f"dropout must be in [0, 1) and clip above 0, got {dropout} and {clip}")
    if initialisation not in ("keras", "torch"):
        raise ValueError(f"initialisation must be keras or torch, got {initialisation!r}")
