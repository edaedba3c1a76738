"""A stored neuralforecast LSTM, loaded to forecast a CSV file of months; run by the python that has it.

python peer_load.py fit DATA MODEL
python peer_load.py predict DATA MODEL OUTPUT
"""

from __future__ import annotations

import sys
import warnings

HORIZON, CONTEXT = 18, 60


def main(verb: str, data: str, model: str, output: str = "") -> None:
    """Train one step and save, or load, forecast and write."""
    import pandas as pd
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    warnings.filterwarnings("ignore")
    table = pd.read_csv(data).set_axis(["ds", "y"], axis=1).assign(unique_id="one")
    table["ds"] = pd.to_datetime(table["ds"])
    if verb == "predict":
        NeuralForecast.load(model).predict(table).to_csv(output)
        return
    network = LSTM(
        h=HORIZON,
        input_size=CONTEXT,
        max_steps=1,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
    )
    forecaster = NeuralForecast([network], freq="MS")
    forecaster.fit(table)
    forecaster.save(model, overwrite=True, save_dataset=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
