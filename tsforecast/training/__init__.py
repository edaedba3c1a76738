"""How networks learn: losses, batches, the optimiser and the loop.

A network's routine is one file with ``train_and_refit`` and one line in ``ROUTINES``.
"""

from __future__ import annotations

ROUTINES: dict[str, str] = {
    "mixture": "tsforecast.training.search",
    "recurrent": "tsforecast.training.recurrent",
    "classes": "tsforecast.training.classes",
}
