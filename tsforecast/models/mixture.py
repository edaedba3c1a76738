"""The mixture LSTM: classical forecasts mixed by a gate, plus what an LSTM adds to them.

The normalised window is cut into patches; each is one step of an LSTM encoder. One decoder step per future
patch, from the encoder's last state and a position, gives gate weights over the experts and a residual for
every quantile:

    h, c = LSTM([v_1, m_1] ... [v_n, m_n])              values and mask of every patch  (1)
    d_k = LSTM step from (h, c) with position p_k       for every future patch k        (2)
    w_k = softmax(W_g d_k + b_g)                                                        (3)
    y_k = sum_i w_ki expert_i,k + W_r d_k + b_r         for every quantile              (4)

What ``models/covariates.py`` adds enters (1), (2) and (4); without covariates nothing of it is there.

Source: patches and the parallel decoder, Lin et al. (2023) SegRNN; experts inside a recurrent network, Smyl
(2020) ES-RNN; normalisation per window, Kim et al. (2022) RevIN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models.classical import classical_forecast
from tsforecast.models.covariates import CovariateInputs, ReadCovariates, Terms
from tsforecast.models.experts import expert_forecasts
from tsforecast.models.positions import position_features
from tsforecast.models.preparation import Prepared, from_scale, prepare
from tsforecast.models.recurrence import run_lstm
from tsforecast.models.spec import POSITION_FEATURES, NetworkSpec


class MixtureLSTM(nn.Module):
    """M mixture networks of one shape, side by side.

    Shape:
        Weights carry the member axis first: ``(M, outputs, inputs)``.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        members, width, patch = spec.members, spec.hidden, spec.patch_length
        experts, outputs = len(spec.expert_names), patch * len(spec.levels)
        self.encoder_input = nn.Parameter(glorot(members, 4 * width, 2 * patch))
        self.encoder_recurrent = nn.Parameter(orthogonal(members, width))
        self.encoder_bias = nn.Parameter(forget_bias(members, width))
        self.decoder_input = nn.Parameter(glorot(members, 4 * width, POSITION_FEATURES))
        self.decoder_recurrent = nn.Parameter(orthogonal(members, width))
        self.decoder_bias = nn.Parameter(forget_bias(members, width))
        self.gate_weight = nn.Parameter(torch.zeros(members, experts, width))
        self.gate_bias = nn.Parameter(first_choice(members, spec))
        self.residual_weight = nn.Parameter(glorot(members, outputs, width) * 0.1)
        self.residual_bias = nn.Parameter(normal_quantiles(members, spec))
        positions = torch.from_numpy(position_features(spec.future_patches))
        self.register_buffer("positions", positions, persistent=False)
        self.register_buffer("adjustments", torch.zeros(spec.horizon, len(spec.levels)))
        self.covariates = CovariateInputs(spec) if spec.sees_more else None

    positions: Tensor
    adjustments: Tensor
    """Added to the normalised quantiles so that intervals hold; found on validation windows (H, Q)."""

    def read(self, inputs: Inputs) -> ReadCovariates | None:
        """Covariates as the network takes them, None where it takes none."""
        return None if self.covariates is None else self.covariates.read(inputs)

    def forward(self, prepared: Prepared, read: ReadCovariates | None = None) -> tuple[Tensor, Tensor]:
        """Normalised quantiles and gate weights.

        Shape:
            prepared windows ``(M * B, T)``, the batch of each member after the other; quantiles
            ``(M, B, H, Q)``, not yet sorted; weights ``(M, B, K, patches)``.
        """
        spec = self.spec
        patches, patch, levels = spec.future_patches, spec.patch_length, len(spec.levels)
        terms = None if self.covariates is None else self.covariates(read)
        decoded = self._decode(*self._encode(prepared, terms), terms)
        weights = torch.softmax(torch.baddbmm(self.gate_bias, self.gate_weight, decoded), 1)  # (3)
        weights = weights.reshape(spec.members, -1, 1, patches, decoded.shape[2] // patches)
        residual = torch.baddbmm(self.residual_bias, self.residual_weight, decoded)
        residual = residual.reshape(spec.members, patch, levels, patches, -1).permute(0, 4, 3, 1, 2)
        experts = expert_forecasts(prepared.values, prepared.observed, spec.usable_seasons, patches * patch)
        experts = experts.reshape(spec.members, -1, experts.shape[1], patches, patch).permute(0, 2, 4, 3, 1)
        mixed = (weights * experts).sum(1).permute(0, 3, 2, 1)
        quantiles = (mixed[..., None] + residual).flatten(2, 3)[:, :, : spec.horizon]  # (4)
        if terms is not None:
            quantiles = quantiles + terms.quantiles
        return quantiles, weights[:, :, 0].permute(0, 3, 1, 2)

    def _encode(self, prepared: Prepared, terms: Terms | None) -> tuple[Tensor, Tensor]:
        spec = self.spec
        pad = spec.context_patches * spec.patch_length - spec.context_length
        values, observed = prepared.values, prepared.observed
        if pad:
            values = torch.cat([values[:, :1].expand(-1, pad), values], 1)
            observed = nn.functional.pad(observed, (pad, 0))
        shape = (spec.members, -1, spec.context_patches, spec.patch_length)
        patches = torch.cat([values.reshape(shape), observed.reshape(shape)], -1).permute(2, 0, 3, 1)
        inputs = torch.matmul(self.encoder_input, patches) + self.encoder_bias
        if terms is not None:
            inputs = inputs + terms.encoder
        start = inputs.new_zeros(spec.members, spec.hidden, inputs.shape[-1])
        return run_lstm(inputs, self.encoder_recurrent, start, start, spec.activation, spec.clip)  # (1)

    def _decode(self, hidden: Tensor, cell: Tensor, terms: Terms | None) -> Tensor:
        """One step per future patch, patch after patch along the batch axis (M, E, patches * B).

        All patches start from one state, so its product with the recurrent kernel is made once.
        """
        spec = self.spec
        place = torch.matmul(self.decoder_input, self.positions) + self.decoder_bias
        gates = torch.matmul(self.decoder_recurrent, hidden)[:, :, None] + place[..., None]
        if terms is not None:
            gates = gates + terms.decoder
        i, o, f, g = torch.split(gates.clamp(-spec.clip, spec.clip), spec.hidden, 1)
        bend = torch.relu if spec.activation == "relu" else torch.tanh
        grown = f.sigmoid() * cell[:, :, None] + i.sigmoid() * bend(g)
        decoded = (o.sigmoid() * bend(grown)).flatten(2)  # (2)
        return nn.functional.dropout(decoded, spec.dropout, self.training)

    def set_constants(self, constants: Mapping[str, Tensor]) -> None:
        """Fix what covariates are measured by, before training."""
        if self.covariates is not None:
            self.covariates.load_state_dict(dict(constants), strict=False)

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over stored weights by name."""
        state = self.state_dict()
        self.load_state_dict({name: torch.from_numpy(np.array(arrays[name])) for name in state})

    @torch.no_grad()
    def forecast(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Sorted quantiles in the user's units and the mean gate weights.

        Shape:
            inputs of B windows; quantiles ``(B, H, Q)``; weights ``(B, K)``.
        """
        spec, device = self.spec, self.gate_bias.device
        self.eval()
        context = torch.from_numpy(np.ascontiguousarray(inputs.context))
        one = prepare(context, spec.usable_seasons, spec.normalisation)
        values, observed = (part.to(device).repeat(spec.members, 1) for part in one[:2])
        read = self.read(inputs)
        known = None if read is None else read.repeated(spec.members, device)
        quantiles, weights = self(one._replace(values=values, observed=observed), known)
        middle = self._blended(median(quantiles), values[: len(context)], observed[: len(context)])
        middle = (middle + self.adjustments).sort(-1).values.cpu().to(torch.float64)
        raw = from_scale(middle * one.scale[:, None] + one.centre[:, None], spec.normalisation)
        raw = raw.clamp_min(-math.inf if spec.floor is None else spec.floor)
        raw = outward(raw, spec.levels) if spec.counts else raw
        return raw.numpy(), weights.mean((0, 3)).cpu().to(torch.float64).numpy()

    def _blended(self, quantiles: Tensor, values: Tensor, observed: Tensor) -> Tensor:
        """Quantiles moved towards the classical forecast by its share (B, H, Q)."""
        spec = self.spec
        if not spec.classical_share:
            return quantiles
        classical = classical_forecast(spec.classical, values, observed, spec)[..., None]
        middle = spec.levels.index(0.5)
        quantiles = quantiles.sort(-1).values
        return quantiles + spec.classical_share * (classical - quantiles[..., middle : middle + 1])

    @torch.no_grad()
    def classical_forecasts(self, context: Floats) -> dict[str, Floats]:
        """Give every classical forecast that could take part, in the user's units.

        Shape:
            context ``(B, T)``; each ``(B, H)``.
        """
        spec = self.spec
        one = prepare(
            torch.from_numpy(np.ascontiguousarray(context)), spec.usable_seasons, spec.normalisation
        )
        made = {
            name: classical_forecast(name, one.values, one.observed, spec) for name in spec.classical_names
        }
        return {
            name: from_scale(value.double() * one.scale + one.centre, spec.normalisation).numpy()
            for name, value in made.items()
        }


def stack(networks: Sequence[MixtureLSTM]) -> MixtureLSTM:
    """One network with the members of several of one shape; what is no weight of a member comes from the first."""
    first = networks[0]
    joined = MixtureLSTM(replace(first.spec, members=sum(one.spec.members for one in networks)))
    weights = {
        name: torch.cat([dict(one.named_parameters())[name].detach() for one in networks])
        for name, _ in first.named_parameters()
    }
    joined.load_state_dict({**first.state_dict(), **weights})
    return joined


def select(network: MixtureLSTM, members: slice) -> MixtureLSTM:
    """Make a network of some of the members of another; what is no weight of a member stays the same."""
    weights = {name: value.detach()[members] for name, value in network.named_parameters()}
    chosen = MixtureLSTM(replace(network.spec, members=len(weights["gate_bias"])))
    chosen.load_state_dict({**network.state_dict(), **weights})
    return chosen


def outward(quantiles: Tensor, levels: Sequence[float]) -> Tensor:
    """Move the ends of intervals of counts that lie between 0 and 1 outwards, to 0 or 1 from halfway on.

    No count lies between, yet an end a little above 0 leaves out all zeros. Rounding would do, but it jumps: where two
    machines differ in the last digit they would differ by one. These lines meet what they leave alone.

    Shape:
        quantiles ``(..., Q)`` of at least 0, levels ``(Q,)``; result ``(..., Q)``.
    """
    level = torch.tensor(levels, dtype=quantiles.dtype)
    low = (2 * quantiles - 1).clamp_min(0)
    high = (2 * quantiles).clamp_max(1)
    ends = torch.where(level < 0.5, low, torch.where(level > 0.5, high, quantiles))
    return torch.where(quantiles < 1, ends, quantiles)


def median(members: Tensor) -> Tensor:
    """Median over the first axis; the mean of the middle two where there is an even number."""
    ordered = members.sort(0).values
    count = len(ordered)
    return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2


def glorot(members: int, outputs: int, inputs: int) -> Tensor:
    """Uniform kernel of Glorot & Bengio (2010), drawn for every member (M, outputs, inputs).

    The gates of a recurrence count as one kernel, as in Keras.
    """
    bound = math.sqrt(6 / (inputs + outputs))
    return torch.empty(members, outputs, inputs).uniform_(-bound, bound)


def orthogonal(members: int, width: int) -> Tensor:
    """Recurrent kernel with orthonormal columns, as in Keras (M, 4E, E)."""
    return torch.stack([nn.init.orthogonal_(torch.empty(4 * width, width)) for _ in range(members)])


def forget_bias(members: int, width: int) -> Tensor:
    """Bias of 1 on the forget gate, so that a fresh cell remembers (M, 4E, 1)."""
    bias = torch.zeros(members, 4 * width, 1)
    bias[:, 2 * width : 3 * width] = 1
    return bias


def first_choice(members: int, spec: NetworkSpec) -> Tensor:
    """Gate bias that starts from seasonal naive, from the last value where there is no season (M, K, 1)."""
    bias = torch.zeros(members, len(spec.expert_names), 1)
    bias[:, 3 if spec.usable_seasons else 0] = 1
    return bias


def normal_quantiles(members: int, spec: NetworkSpec) -> Tensor:
    """Residual bias that starts as a bell of half a standard deviation (M, patch * Q, 1)."""
    bell = torch.tensor([0.5 * NormalDist().inv_cdf(level) for level in spec.levels])
    return bell.repeat(spec.patch_length)[:, None].expand(members, -1, 1).clone()
