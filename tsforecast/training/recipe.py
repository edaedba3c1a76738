"""What the options of a recurrent network come to: its parts and how it is trained."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any

from tsforecast.config import CLASS_PRESETS, MINMAX, FitSettings, NetworkSettings, ShapeSettings, flag_name
from tsforecast.data.panel import Panel
from tsforecast.errors import UsageError
from tsforecast.models.class_spec import CROSS_ENTROPY
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.models.spec import CHANGE, LOG, SPREAD
from tsforecast.training.geometry import FEWEST_CONTEXT, choose_context

CLASSIC_WINDOW = 100
"""Steps that the textbooks' network looks back."""

STEADY_CLIP = 2.0
"""Bound of gate pre-activations outside the presets: without it a ReLU recurrence explodes now and then."""

PRESETS: dict[str, dict[str, Any]] = {
    "classic": {
        "hidden": (50,),
        "head": "recursive",
        "normalisation": MINMAX,
        "optimizer": "rmsprop",
        "batch_size": 10,
        "epochs": 100,
        "as_written": True,
        "clip": 0.0,
    },
    "stacked": {"hidden": (128, 64), "dropout": 0.2, "clip": 0.0},
    "events": {"hidden": (100,), "batch_size": 64},
    "labels": {"hidden": (100, 100), "batch_size": 64},
}
"""Networks of the textbooks: what they have that ``Recipe`` does not have by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A recurrent network and its training; the fields are options of the same name unless told here.

    Attributes:
        clip: Bound of the pre-activations, 0 for none.
        as_written: Train as the textbooks do: no early stopping, no clipping of gradients, and a guard that reports
            an explosion and changes nothing.
        timed: Whether the time budget may end the training: not where the user gave epochs or steps.
    """

    cell: str = "lstm"
    hidden: tuple[int, ...] = (50,)
    dropout: float = 0.0
    bidirectional: bool = False
    attention: bool = False
    conv: str = ""
    head: str = "direct"
    normalisation: str = SPREAD
    optimizer: str = "adam"
    loss: str = "mse"
    batch_size: int = 32
    learning_rate: float = 1e-3
    epochs: int = 200
    clip: float = STEADY_CLIP
    as_written: bool = False
    timed: bool = True


def is_recurrent(settings: FitSettings) -> bool:
    """Whether a recurrent network is asked for.

    Raises:
        UsageError: An option does not fit the network.
    """
    asked = settings.of_classes or settings.preset
    if settings.network == "recurrent" or (settings.network is None and asked):
        return True
    if settings.of_classes:
        _refuse_for_classes(settings)
    common = {"network", "normalisation", *ShapeSettings.__dataclass_fields__}
    foreign = {
        item.name: getattr(settings, item.name) != item.default
        for item in fields(NetworkSettings)
        if item.name not in common
    }
    for name, wrong in {**foreign, f"normalisation {MINMAX}": settings.normalisation == MINMAX}.items():
        if wrong:
            mixture = settings.network == "mixture"
            raise UsageError(
                f"{flag_name(name)} is for the recurrent network",
                hint="leave out --network mixture" if mixture else "add --network recurrent",
            )
    return False


def choose_recipe(settings: FitSettings) -> Recipe:
    """Parts and training of a recurrent network: the options, else the preset's, else the usual.

    Raises:
        UsageError: Options contradict each other, or are for another network.
    """
    if settings.of_classes:
        _refuse_for_classes(settings)
    else:
        _refuse_foreign(settings)
    given = {
        item.name: getattr(settings, item.name)
        for item in fields(Recipe)
        if getattr(settings, item.name, None) not in (None, (), "auto")
    }
    recipe = replace(Recipe(), **{**PRESETS.get(settings.preset or "", {}), **given})
    timed = settings.epochs is None and settings.steps is None
    recipe = replace(recipe, hidden=_widths(recipe.hidden, settings), timed=timed)
    if settings.of_classes:
        recipe = replace(recipe, loss=CROSS_ENTROPY)
    if recipe.dropout >= 1:
        raise UsageError(f"--dropout must be below 1, got {recipe.dropout:g}")
    if not recipe.learning_rate > 0:
        raise UsageError("--learning-rate must be above 0, got 0")
    if recipe.loss == "pinball" and recipe.head == "recursive":
        raise UsageError(
            "--loss pinball needs --head direct: quantiles cannot be fed back", hint="take --loss mae or mse"
        )
    _read_conv(recipe.conv)
    return recipe


def choose_recurrent_spec(
    panel: Panel, season_lengths: tuple[int, ...], settings: FitSettings
) -> RecurrentSpec:
    """Shape of a recurrent network for a panel.

    Raises:
        UsageError: Options contradict each other, or the panel has covariates.
    """
    if panel.covariates is not None:
        names = ", ".join((*panel.schema.past, *panel.schema.future, *panel.schema.static))
        raise UsageError(
            f"the recurrent network takes no covariates, and the data have {names}",
            hint="--no-covariates, or the mixture network",
        )
    recipe = choose_recipe(settings)
    return RecurrentSpec(
        normalisation=recipe.normalisation,
        head=recipe.head,
        quantile_head=recipe.loss == "pinball",
        **choose_layers(panel, season_lengths, settings, recipe),
    )


def choose_layers(
    panel: Panel, season_lengths: tuple[int, ...], settings: FitSettings, recipe: Recipe
) -> dict[str, Any]:
    """Choose what recurrent networks of every kind of target share: windows and layers, as fields of a spec.

    Raises:
        UsageError: The convolution has another form than ``32x3``.
    """
    horizon = settings.horizon or panel.frequency.default_horizon
    filters, kernel = _read_conv(recipe.conv)
    return {
        "context_length": _choose_context_length(panel, season_lengths, settings, horizon),
        "horizon": horizon,
        "season_lengths": season_lengths,
        "patch_length": horizon,
        "activation": settings.activation,
        "dropout": recipe.dropout,
        "clip": recipe.clip,
        "cell": recipe.cell,
        "widths": recipe.hidden,
        "bidirectional": recipe.bidirectional,
        "attention": recipe.attention,
        "filters": filters,
        "kernel": kernel,
    }


def _read_conv(text: str) -> tuple[int, int]:
    """Channels and steps of ``32x3``; 0 and 1 where there is no convolution.

    Raises:
        UsageError: The text has another form.
    """
    if not text:
        return 0, 1
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if match is None:
        raise UsageError(f"--conv must be channels and steps such as 32x3, got {text!r}")
    return int(match[1]), int(match[2])


def _choose_context_length(
    panel: Panel, season_lengths: tuple[int, ...], settings: FitSettings, horizon: int
) -> int:
    """Choose how far to look back: as given, as the preset says, or as the default network (steps)."""
    if settings.context_length:
        return settings.context_length
    if settings.preset == "classic":
        return CLASSIC_WINDOW
    return max(choose_context(panel.lengths, season_lengths, horizon), FEWEST_CONTEXT)


def _widths(hidden: tuple[int, ...], settings: FitSettings) -> tuple[int, ...]:
    """Width of every layer."""
    count = settings.layers
    if count is None or count == len(hidden):
        return hidden
    if len(hidden) > 1 and settings.hidden:
        raise UsageError(f"--layers {count}, but --hidden names {len(hidden)}", hint="leave out --layers")
    return (hidden[0],) * count


def _refuse_foreign(settings: FitSettings) -> None:
    """Refuse what only the mixture network can do."""
    foreign = {
        "members": settings.members not in (None, 1),
        "calendar": settings.calendar not in ((), ("none",)),
        "holidays": settings.holidays is not None,
        "past": bool(settings.past),
        "future": bool(settings.future),
        "static": bool(settings.static),
        f"normalisation {settings.normalisation}": settings.normalisation in (CHANGE, LOG),
    }
    if settings.preset in CLASS_PRESETS:
        raise UsageError(
            f"--preset {settings.preset} is for targets that are classes",
            hint=f"--target-type {CLASS_PRESETS[settings.preset]}, or another preset",
        )
    for name, wrong in foreign.items():
        if wrong:
            raise UsageError(
                f"{flag_name(name)} is for the mixture network", hint="leave out --network and --preset"
            )


def _refuse_for_classes(settings: FitSettings) -> None:
    """Refuse what means nothing for a target that is a class.

    Raises:
        UsageError: Such an option is given.
    """
    foreign = {
        "--network mixture": settings.network == "mixture",
        f"--preset {settings.preset}": settings.preset == "classic",
        f"--head {settings.head}": settings.head == "recursive",
        f"--loss {settings.loss}": settings.loss is not None,
        f"--normalisation {settings.normalisation}": settings.normalisation != "auto",
        "--members": settings.members not in (None, 1),
        "--non-negative": settings.non_negative is not None,
    }
    for flag, wrong in foreign.items():
        if wrong:
            raise UsageError(
                f"{flag} is for targets that are numbers, and --target-type {settings.target_type} makes them classes",
                hint=f"leave out {flag.partition(' ')[0]}, or --target-type",
            )
