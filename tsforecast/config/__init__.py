"""Every setting once: default, help, unit and bounds.

The command-line options, the schema of ``tsforecast.toml``, the environment variables and the reference page are
made from these dataclasses, so nothing is typed twice.
"""

from __future__ import annotations

from tsforecast.config.model import CALENDAR_FEATURES as CALENDAR_FEATURES
from tsforecast.config.model import CLASS_PRESETS as CLASS_PRESETS
from tsforecast.config.model import MINMAX as MINMAX
from tsforecast.config.model import NORMALISATIONS as NORMALISATIONS
from tsforecast.config.model import QUANTILE_LEVELS as QUANTILE_LEVELS
from tsforecast.config.model import FitSettings as FitSettings
from tsforecast.config.model import NetworkSettings as NetworkSettings
from tsforecast.config.model import ShapeSettings as ShapeSettings
from tsforecast.config.setting import Settings as Settings
from tsforecast.config.setting import check_needs as check_needs
from tsforecast.config.setting import flag_name as flag_name
from tsforecast.config.setting import from_keywords as from_keywords
from tsforecast.config.setting import parse_duration as parse_duration
from tsforecast.config.setting import plain_type as plain_type
from tsforecast.config.table import BINARY as BINARY
from tsforecast.config.table import CATEGORY as CATEGORY
from tsforecast.config.table import VALUE as VALUE
from tsforecast.config.table import CheckSettings as CheckSettings
from tsforecast.config.table import DataSettings as DataSettings
from tsforecast.config.table import SourceSettings as SourceSettings
from tsforecast.config.use import BenchSettings as BenchSettings
from tsforecast.config.use import EvaluateSettings as EvaluateSettings
from tsforecast.config.use import ExportSettings as ExportSettings
from tsforecast.config.use import InspectSettings as InspectSettings
from tsforecast.config.use import OutputSettings as OutputSettings
from tsforecast.config.use import PredictSettings as PredictSettings
