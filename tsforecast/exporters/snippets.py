"""Code for the model card: one forecast from raw values, in four languages."""

from __future__ import annotations

from string import Template
from typing import Any

QUANTILES, PROBABILITIES = "quantiles", "probabilities"
"""What the output of a graph is called: for targets that are numbers, and for classes."""

PYTHON = """import os

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import
import onnxruntime

session = onnxruntime.InferenceSession("$file")
fed = {"context": np.full((1, $context), np.nan)}  # newest value last; NaN where nothing is known
$more($output,) = session.run(["$output"], fed)
print($output[0, :, $place])  # $what of each of the $horizon steps
"""

PYTHON_STEPS = """import os

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import
import onnxruntime

session = onnxruntime.InferenceSession("$file")
fed = {"context": np.full((1, $context), np.nan)}  # newest value last; NaN where nothing is known
${more}state = np.zeros((1, $state), np.float32)
for step in range($calls):  # every call does one step and gets the state of the one before
    fed |= {"step": np.array([step]), "state": state}
    quantiles, state = session.run(["quantiles", "next_state"], fed)
print(quantiles[0, :, $place])  # $what of each of the $horizon steps
"""

C = """#include <onnxruntime_c_api.h>
#include <stdio.h>

int main(void) {
  const OrtApi *ort = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  OrtEnv *env; OrtSessionOptions *options; OrtSession *session; OrtMemoryInfo *memory;
  OrtValue *input, *output = NULL;
  static double context[$context]; /* newest value last, NAN where nothing is known */
  int64_t shape[] = {1, $context};
  const char *in[] = {"context"}, *out[] = {"$output"};
  ort->CreateEnv(ORT_LOGGING_LEVEL_WARNING, "forecast", &env);
  ort->CreateSessionOptions(&options);
  ort->CreateSession(env, "$file", options, &session); /* each call returns NULL, or an OrtStatus to look at */
  ort->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory);
  ort->CreateTensorWithDataAsOrtValue(memory, context, sizeof context, shape, 2,
                                      ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, &input);
  ort->Run(session, NULL, in, (const OrtValue *const *)&input, 1, out, 1, &output);
  double *found;
  ort->GetTensorMutableData(output, (void **)&found);
  for (int step = 0; step < $horizon; step++) printf("%g\\n", found[step * $width + $place]);
}
"""

RUST = """// ort = "=2.0.0-rc.12"
// written after the documentation of this crate; not compiled by the authors of tsforecast
use ort::{inputs, session::Session, value::Tensor};

fn main() -> ort::Result<()> {
    let mut session = Session::builder()?.commit_from_file("$file")?;
    let context = vec![f64::NAN; $context]; // newest value last
    let context = Tensor::from_array(([1usize, $context], context))?;
    let outputs = session.run(inputs!["context" => context])?;
    let (_, found) = outputs["$output"].try_extract_tensor::<f64>()?;
    for step in 0..$horizon {
        println!("{}", found[step * $width + $place]);
    }
    Ok(())
}
"""

JAVASCRIPT = """// npm install onnxruntime-node
const ort = require("onnxruntime-node");

async function main() {
  const session = await ort.InferenceSession.create("$file");
  const context = new ort.Tensor("float64", new Float64Array($context).fill(NaN), [1, $context]); // newest value last
  const { $output } = await session.run({ context });
  for (let step = 0; step < $horizon; step++) console.log($output.data[step * $width + $place]);
}
main();
"""

SNIPPETS: dict[str, str] = {"python": PYTHON, "c": C, "rust": RUST, "javascript": JAVASCRIPT}
"""Templates by language, in the order of the card."""

STEP_SNIPPETS: dict[str, str] = {"python": PYTHON_STEPS}
"""The same for a file of one step per call; the loop is alike in every language."""


def snippets(file: str, about: dict[str, Any]) -> dict[str, str]:
    """Code that makes one forecast with a file, by language.

    Args:
        file: Name of the ONNX file.
        about: What the file says of itself.

    Returns:
        Python alone where the file has inputs beside the context: the other templates do not feed them.
    """
    more = further_inputs(about)
    levels, classes = about["quantile_levels"], about["columns"].get("classes")
    numbers = {
        "file": file,
        "context": about["context_length"],
        "horizon": about["horizon"],
        "output": PROBABILITIES if classes else QUANTILES,
        "what": "the probability of the last class" if classes else "the median",
        "width": len(classes or levels),
        "place": len(classes) - 1 if classes else levels.index(0.5),
        "calls": about.get("calls", 1),
        "state": about.get("state_size", 0),
        "more": "".join(
            f'fed["{name}"] = np.zeros({form})  # {what}\n' for name, (form, what) in more.items()
        ),
    }
    templates = STEP_SNIPPETS if "calls" in about else SNIPPETS
    return {
        language: Template(text).substitute(numbers)
        for language, text in templates.items()
        if language == "python" or not more
    }


def further_inputs(about: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Name the inputs beside the context, each with the arguments of ``np.zeros`` that make one and what belongs there.

    Args:
        about: What the file says of itself.
    """
    columns, past = about["columns"], about["context_length"]
    span = past + about["horizon"]
    inputs = {}
    if columns["past"]:
        inputs["past_covariates"] = (f"(1, {past}, {len(columns['past'])})", "beside the context")
    if columns["future"]:
        inputs["future_covariates"] = (f"(1, {span}, {len(columns['future'])})", "and for the steps ahead")
    if columns["static"]:
        inputs["static_covariates"] = (f"(1, {len(columns['static'])})", "facts of the series")
    if about["calendar"]:
        inputs["timestamps"] = (f"(1, {span}), np.int64", "seconds since 1970, of the steps ahead too")
    return inputs
