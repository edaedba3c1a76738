"""The network for targets that are classes: embedding, recurrent layers, dense layer, sigmoid or softmax.

With ``k_t`` the class of a step, ``z_t`` the channels of what else is known of it (embedded categories, standardised
numbers, calendar) and ``f`` those of the series:

    x_t = [e(k_t), z_t, f]                            (1) e: one row per class, and one for a missing value
    s   = layers(x_1 .. x_T)                          (2) as in ``recurrent.py``, its equations (1) to (4)
    y_h = D_h s + d_h                                 (3) log-odds of step h
    y_h = y_h + V g_h,  g_1 .. g_H = layer([s, z_(T+1)] .. [s, z_(T+H)])   (4) where something is known ahead
    p_h = softmax(y_h), or (1 - q, q), q = sigmoid(y_h)   (5) of two classes the second is the event

Source: for embeddings Bengio et al. (2003), JMLR 3; for a sigmoid or softmax over a recurrence's last state Graves
(2012), Supervised Sequence Labelling with Recurrent Neural Networks.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models.class_spec import AHEAD_WIDTH, LARGEST_LOGIT, ClassSpec
from tsforecast.models.covariates import FORGOTTEN, CovariateChannels, ReadCovariates
from tsforecast.models.layers import RecurrentLayers, layers_of
from tsforecast.models.recurrent import RecurrentBase, dense
from tsforecast.models.spec import embedding_size


class ClassNetwork(RecurrentBase):
    """A network of the shape that a spec describes.

    Args:
        spec: Its shape.
    """

    spec: ClassSpec

    def __init__(self, spec: ClassSpec) -> None:
        super().__init__(spec)
        self.embedding = nn.Parameter(0.5 * torch.randn(spec.classes + 1, embedding_size(spec.classes)))
        self.covariates = CovariateChannels(spec) if spec.sees_more else None
        ahead = spec.channels_beside[1]
        self.ahead = _ahead_layer(spec, ahead) if ahead else None
        self.ahead_output = dense(AHEAD_WIDTH, spec.outputs, bias=False) if ahead else None

    def forward(self, places: Tensor, *beside: Tensor) -> tuple[Tensor, Tensor | None]:
        """Log-odds of every step.

        Shape:
            places ``(B, T)`` rows of the embedding, beside the parts of ``ReadCovariates``; result
            ``(B, H, outputs)``; attention ``(B, T)`` or None.
        """
        if self.training:
            places = torch.where(torch.rand(places.shape, device=places.device) < FORGOTTEN, 0, places)
        parts, ahead = [self.embedding[places]], None
        if self.covariates is not None:
            seen, ahead, static = (one[0] for one in self.covariates.channels(ReadCovariates(*beside)))
            parts += [seen, static[:, None].expand(-1, places.shape[1], -1)]
        state, weights = self.encode(torch.cat(parts, -1).transpose(1, 2))  # (1), (2)
        logits = self.answer(state)  # (3)
        if self.ahead is not None and self.ahead_output is not None and ahead is not None:
            every = state[:, None].expand(-1, self.spec.horizon, -1)
            states, _ = self.ahead(torch.cat([every, ahead], -1))
            logits = logits + self.ahead_output(states)  # (4)
        return logits, weights

    def lesson(self, inputs: Inputs, futures: Floats) -> tuple[Tensor, ...]:
        """Rows of the embedding ``(B, T)``, what is known beside them, and the codes that followed."""
        return (*self.read(inputs), torch.from_numpy(futures).to(torch.float32))

    def read(self, inputs: Inputs) -> tuple[Tensor, ...]:
        """Read raw windows as ``forward`` takes them; whatever is no code of a class counts as missing."""
        codes = torch.from_numpy(np.ascontiguousarray(inputs.context))
        known = (codes >= 0) & (codes < self.spec.classes)
        places = (torch.where(known, codes, -1.0) + 1).to(torch.int64)
        return places, *(() if self.covariates is None else self.covariates.read(inputs))

    @torch.no_grad()
    def forecast(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Probabilities of all classes, NaN where a window has no class at all, and the attention by blocks.

        Shape:
            inputs of B windows; probabilities ``(B, H, C)``; weights ``(B, K)``, K zero without attention.
        """
        device = self.dense.weight.device
        self.eval()
        read = self.read(inputs)
        logits, weights = self(*(one.to(device) for one in read))
        logits = logits.clamp(-LARGEST_LOGIT, LARGEST_LOGIT).to(torch.float64)
        if self.spec.sigmoid:
            probability = torch.cat([torch.sigmoid(-logits), torch.sigmoid(logits)], -1)  # (5)
        else:
            probability = torch.softmax(logits, -1)
        known = (read[0] > 0).any(1)[:, None, None].to(device)
        blocks = self.by_blocks(weights) if weights is not None else torch.zeros(len(logits), 0)
        found = torch.where(known, probability, torch.nan).cpu()
        return found.numpy(), blocks.cpu().to(torch.float64).numpy()


def _ahead_layer(spec: ClassSpec, channels: int) -> RecurrentLayers:
    """Layer over the horizon: a step may depend on what is known of all steps before it."""
    return layers_of(spec.cell)(
        spec.state + channels,
        AHEAD_WIDTH,
        activation=spec.activation,
        batch_first=True,
        clip=spec.bound,
        single_bias=True,
    )
