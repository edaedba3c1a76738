"""An LSTM of Darts, exported to ONNX, forecasting a CSV file of months without torch; run by the python that has it.

python darts_load.py fit DATA MODEL
python darts_load.py predict DATA MODEL OUTPUT
"""

from __future__ import annotations

import sys
import warnings

HORIZON, CONTEXT, HIDDEN = 18, 60, 64


def main(verb: str, data: str, model: str, output: str = "") -> None:
    """Train one epoch and export, or open the file, forecast and write."""
    from darts import TimeSeries

    warnings.filterwarnings("ignore")
    series = TimeSeries.from_csv(data, time_col="month", value_cols="visitors").astype("float32")
    if verb == "predict":
        from darts.utils.onnx import run_onnx_prediction
        from onnxruntime import InferenceSession

        session = InferenceSession(model, providers=["CPUExecutionProvider"])
        found = run_onnx_prediction(HORIZON, session, series, verbose=False)
        found.to_csv(output)
        if "torch" in sys.modules:
            raise SystemExit("this was meant to be the way without torch")
        return
    from darts.models import BlockRNNModel

    network = BlockRNNModel(
        CONTEXT,
        HORIZON,
        model="LSTM",
        hidden_dim=HIDDEN,
        n_epochs=1,
        pl_trainer_kwargs={"accelerator": "cpu", "logger": False, "enable_progress_bar": False},
    )
    network.fit(series)
    network.to_onnx(model)


if __name__ == "__main__":
    main(*sys.argv[1:])
