"""What a network knows beside the target: covariates and the calendar, for the encoder, the decoder, every step.

With ``z_t`` the channels of a step (standardised numbers, embedded categories, calendar) and ``s`` those of the
series, three terms are added to the equations of ``models/mixture.py``:

    encoder input of a patch   + E [z of its steps] + E_s s                         (1)
    decoder gates of a patch   + D [z of its steps] + D_s s                         (2)
    quantiles of a step        + 4 V relu(U [z_t, s] + u)                            (3)

The encoder sees past and future covariates up to the cutoff, the decoder and the steps what is known ahead.

Source: the way from a step's covariates to its forecast, Das et al. (2023) TiDE.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models.calendar import calendar_features
from tsforecast.models.calendar_numbers import holiday_first_day, holiday_table_length
from tsforecast.models.spec import (
    FARTHEST_COVARIATE,
    HIGHWAY,
    HIGHWAY_GAIN,
    KINDS,
    Columns,
    NetworkSpec,
    embedding_size,
)

FORGOTTEN = 0.02
"""Share of the codes that training takes for unknown, so that an unknown label means something."""

START = 0.1
"""Size of fresh kernels beside the usual one: a network starts close to what it does without covariates."""


class ReadCovariates(NamedTuple):
    """Covariates of a batch as the network takes them, float32; categories are whole codes.

    Attributes:
        past: Past covariates (B, T, P).
        future: Future covariates (B, T + H, F).
        static: Static covariates (B, S).
        calendar: Calendar features (B, T + H, K).
    """

    past: Tensor
    future: Tensor
    static: Tensor
    calendar: Tensor

    def repeated(self, members: int, device: torch.device) -> ReadCovariates:
        """Give every member the same windows."""
        return ReadCovariates(*(part.to(device).repeat(members, *[1] * (part.dim() - 1)) for part in self))

    def on(self, device: torch.device) -> ReadCovariates:
        """Move to another device."""
        return ReadCovariates(*(part.to(device) for part in self))

    def take(self, rows: Tensor) -> ReadCovariates:
        """Pick some of the windows."""
        return ReadCovariates(*(part[rows] for part in self))


class Terms(NamedTuple):
    """What covariates add.

    Attributes:
        encoder: To the encoder's input projections (patches, M, 4E, B).
        decoder: To the decoder's gates (M, 4E, patches, B).
        quantiles: To the normalised quantiles (M, B, H, Q).
    """

    encoder: Tensor
    decoder: Tensor
    quantiles: Tensor


class CovariateChannels(nn.Module):
    """Embeddings of the covariates, and what the others are measured by.

    Shape:
        Weights carry the member axis first.
    """

    centre: Tensor
    """Mean of every covariate over the training part, 0 for categories (P + F + S)."""
    scale: Tensor
    """Standard deviation likewise, 1 for categories."""
    holidays: Tensor
    """1 on holidays of the table (days + 2,)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        for name, _, labels in (one for kind in KINDS for one in spec.columns(kind).embeddings):
            values = torch.randn(spec.members, labels + 1, embedding_size(labels))
            self.register_parameter(name, nn.Parameter(0.5 * values))
        count = len(spec.covariate_names)
        self.register_buffer("centre", torch.zeros(count, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(count, dtype=torch.float64))
        table = torch.zeros(holiday_table_length(spec.holiday_years), dtype=torch.uint8)
        self.register_buffer("holidays", table)

    def read(self, inputs: Inputs) -> ReadCovariates:
        """Standardise numbers, check codes, make calendar features; all of it on the processor."""
        spec = self.spec
        read: list[Tensor] = []
        start = 0
        for kind in KINDS:
            columns = spec.columns(kind)
            stop = start + len(columns.labels)
            values: Floats = getattr(inputs, f"{kind}_covariates")
            unit = self.centre[start:stop].cpu(), self.scale[start:stop].cpu()
            read.append(standardised(torch.from_numpy(values.copy()), columns, *unit))
            start = stop
        past, future, static = read
        calendar = past.new_zeros(len(inputs), spec.context_length + spec.horizon, 0)
        if not spec.future_covariates:
            future = calendar  # windows without any are no longer than their context
        if spec.calendar:
            times, first = torch.from_numpy(inputs.timestamps.copy()), holiday_first_day(spec.holiday_years)
            calendar = calendar_features(times, spec.calendar, self.holidays.cpu(), first)
        return ReadCovariates(past, future, static, calendar)

    def channels(self, read: ReadCovariates) -> tuple[Tensor, Tensor, Tensor]:
        """Channels of the context, of the horizon and of the series.

        Shape:
            windows ``(M * B, ...)``, the batch of each member after the other; results ``(M, B, T, C)``,
            ``(M, B, H, C)`` and ``(M, B, C)``.
        """
        length = self.spec.context_length
        past, future = (self._channels(read, kind) for kind in ("past", "future"))
        static = self._channels(read, "static")
        calendar = _by_member(read.calendar, self.spec.members)
        known = torch.cat([future, calendar], -1)
        return torch.cat([past, known[:, :, :length]], -1), known[:, :, length:], static

    def _channels(self, read: ReadCovariates, kind: str) -> Tensor:
        """Numbers and embedded categories of one kind (M, B, ..., C)."""
        columns = self.spec.columns(kind)
        values = _by_member(getattr(read, kind), self.spec.members)
        parts = [values[..., list(columns.numbers)]]
        member = torch.arange(self.spec.members, device=values.device)
        member = member.reshape(-1, *[1] * (values.dim() - 2))
        for name, place, _ in columns.embeddings:
            code = values[..., place].to(torch.int64)
            if self.training:
                code = torch.where(torch.rand(code.shape, device=code.device) < FORGOTTEN, 0, code)
            parts.append(self.get_parameter(name)[member, code])
        return torch.cat(parts, -1)


class CovariateInputs(CovariateChannels):
    """Kernels and embeddings of the covariates; a kernel is there only where it has an input.

    Shape:
        Weights carry the member axis first.
    """

    encoder_kernel: nn.Parameter
    decoder_kernel: nn.Parameter
    encoder_static: nn.Parameter
    decoder_static: nn.Parameter
    step_kernel: nn.Parameter
    step_bias: nn.Parameter
    step_output: nn.Parameter

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__(spec)
        members, gates = spec.members, 4 * spec.hidden
        seen, ahead, facts = spec.channels_beside
        if seen:
            self.encoder_kernel = _small(members, gates, spec.patch_length * seen)
        if facts:
            self.encoder_static = _small(members, gates, facts)
            self.decoder_static = _small(members, gates, facts)
        if ahead:
            self.decoder_kernel = _small(members, gates, spec.patch_length * ahead)
            self.step_kernel = _small(members, HIGHWAY, ahead + facts, 1.0)
            self.step_bias = nn.Parameter(torch.zeros(members, HIGHWAY, 1))
            self.step_output = nn.Parameter(torch.zeros(members, len(spec.levels), HIGHWAY))
        self._seen, self._ahead = seen, ahead

    def forward(self, read: ReadCovariates) -> Terms:
        """Terms (1) to (3) for windows ``(M * B, ...)``, the batch of each member after the other."""
        seen, ahead, static = self.channels(read)
        return Terms(
            self._encoder(seen) + self._fixed("encoder", static),
            self._decoder(ahead) + self._fixed("decoder", static)[:, :, None],
            self._steps(ahead, static) if self._ahead else static.new_zeros(()),
        )

    def _encoder(self, seen: Tensor) -> Tensor:
        spec = self.spec
        if not self._seen:
            return seen.new_zeros(())
        pad = spec.context_patches * spec.patch_length - spec.context_length
        padded = nn.functional.pad(seen, (0, 0, pad, 0))
        return _patchwise(self.encoder_kernel, padded, spec.context_patches).permute(3, 0, 1, 2)

    def _decoder(self, ahead: Tensor) -> Tensor:
        spec = self.spec
        if not self._ahead:
            return ahead.new_zeros(())
        pad = spec.future_patches * spec.patch_length - spec.horizon
        padded = nn.functional.pad(ahead, (0, 0, 0, pad))
        return _patchwise(self.decoder_kernel, padded, spec.future_patches).transpose(2, 3)

    def _fixed(self, part: str, static: Tensor) -> Tensor:
        """Product of a static kernel (M, 4E, B), or zero (1, 1, 1) where there is none."""
        if not static.shape[2]:
            return static.new_zeros(1, 1, 1)
        return torch.bmm(self.get_parameter(f"{part}_static"), static.transpose(1, 2))

    def _steps(self, ahead: Tensor, static: Tensor) -> Tensor:
        """Residual of every step from what is known of it (M, B, H, Q)."""
        horizon, levels = self.spec.horizon, len(self.spec.levels)
        facts = static[:, :, None].expand(-1, -1, horizon, -1)
        known = torch.cat([ahead, facts], -1).flatten(1, 2).transpose(1, 2)
        bent = torch.baddbmm(self.step_bias, self.step_kernel, known).relu()
        added = HIGHWAY_GAIN * torch.bmm(self.step_output, bent).transpose(1, 2)
        return added.reshape(len(added), -1, horizon, levels)


def standardised(values: Tensor, columns: Columns, centre: Tensor, scale: Tensor) -> Tensor:
    """Numbers in standard deviations, 0 where missing; codes, 0 where they are none of the labels.

    Shape:
        values ``(..., C)`` float64, centre and scale ``(C,)``; result like values, float32.
    """
    numbers = (values - centre) / scale
    numbers = torch.where(torch.isnan(numbers), 0.0, numbers).to(torch.float32)
    labels = torch.tensor(columns.labels, dtype=torch.float64)
    codes = torch.where((values > 0) & (values < labels + 1), values, 0.0).trunc().to(torch.float32)
    return torch.where(labels > 0, codes, numbers.clamp(-FARTHEST_COVARIATE, FARTHEST_COVARIATE))


def _patchwise(kernel: Tensor, steps: Tensor, patches: int) -> Tensor:
    """Product of a kernel and every patch of some steps, as one product per member (M, 4E, B, patches)."""
    flat = steps.reshape(len(steps), -1, kernel.shape[2])
    added = torch.bmm(kernel, flat.transpose(1, 2))
    return added.reshape(*added.shape[:2], -1, patches)


def _by_member(values: Tensor, members: int) -> Tensor:
    """Split the batches of all members, also where nothing is in them (M, B, ...)."""
    return values.reshape(members, len(values) // members, *values.shape[1:])


def _small(members: int, outputs: int, inputs: int, size: float = START) -> nn.Parameter:
    bound = size * (6 / (inputs + outputs)) ** 0.5
    return nn.Parameter(torch.empty(members, outputs, inputs).uniform_(-bound, bound))
