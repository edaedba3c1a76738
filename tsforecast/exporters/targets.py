"""Runtimes that a file is made for: what each needs to give the network's own answer.

Some runtimes read the LSTM operator and ignore its ``activations`` and ``clip``, and so answer as another network
without a word. For them the recurrence is unrolled into plain operators, which nobody can misread.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a runtime needs.

    Attributes:
        recurrence: Form that ``auto`` takes.
        reason: Why, and why it is not the LSTM operator; empty where that is right too.
        refuses: Whether the LSTM operator would give wrong answers, or none, there.
        batch: Windows of one call where nobody says; None for any number.
    """

    recurrence: str = "lstm"
    reason: str = ""
    refuses: bool = False
    batch: int | None = None


_IGNORES = "it reads the LSTM operator but ignores its activations and clip"
_UNPROVEN = "no file of any form came through its converter {} when we tried, so prove it on test vectors"

TARGETS: dict[str, Target] = {
    "ort": Target(),
    "openvino": Target(recurrence="unrolled", reason="its LSTM with other activations than tanh is slow"),
    "tract": Target(recurrence="unrolled", reason=_IGNORES, refuses=True, batch=1),
    "rten": Target(
        recurrence="unrolled", reason="it refuses the LSTM operator with activations", refuses=True
    ),
    "ncnn": Target(
        recurrence="unrolled", reason=f"{_IGNORES}, and {_UNPROVEN.format('pnnx')}", refuses=True, batch=1
    ),
    "litert": Target(
        recurrence="unrolled",
        reason=f"its converter cannot read the LSTM operator, and {_UNPROVEN.format('onnx2tf')}",
        refuses=True,
        batch=1,
    ),
    "portable": Target(
        recurrence="unrolled",
        reason="not every runtime honours the LSTM operator's activations",
        refuses=True,
    ),
}
"""Presets by the word users give."""
