"""What the options come to where the target is a class."""

from __future__ import annotations

from dataclasses import replace

from tsforecast.config import BINARY, CLASS_PRESETS, FitSettings
from tsforecast.data.panel import Panel
from tsforecast.models.class_spec import ClassSpec
from tsforecast.training.calendar import choose_covariates
from tsforecast.training.recipe import choose_layers, choose_recipe


def with_target_type(settings: FitSettings) -> FitSettings:
    """Take the kind of target that a preset is for, unless the settings name one."""
    if settings.target_type is not None or settings.preset not in CLASS_PRESETS:
        return settings
    return replace(settings, target_type=CLASS_PRESETS[settings.preset])


def choose_class_spec(panel: Panel, season_lengths: tuple[int, ...], settings: FitSettings) -> ClassSpec:
    """Shape of a network for a panel whose values are codes of classes.

    Raises:
        UsageError: Options contradict each other.
    """
    return ClassSpec(
        classes=len(panel.schema.classes),
        sigmoid=settings.target_type == BINARY,
        **choose_layers(panel, season_lengths, settings, choose_recipe(settings)),
        **choose_covariates(panel, settings),
    )
