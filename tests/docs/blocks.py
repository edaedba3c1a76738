"""The fenced blocks of a Markdown file that can be run, and what they promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Step:
    """One command, or one Python block, and the output that stands in the file.

    ``start`` and ``stop`` are the characters of the file that hold the output, -1 where it has no place.
    """

    source: str
    is_python: bool
    line: int
    start: int
    stop: int
    expected: str


def steps(text: str) -> list[Step]:
    """Find everything that runs, in order.

    A ``console`` block holds commands behind ``$`` and what each prints; a ``python`` block is followed by a
    ``text`` block with what it prints, or it prints nothing.
    """
    found: list[Step] = []
    fences = [*_FENCE.finditer(text)]
    for index, fence in enumerate(fences):
        if fence["kind"] == "console":
            found += _commands(text, fence)
        elif fence["kind"] == "python":
            found.append(_script(text, fence, fences[index + 1 : index + 2]))
    return found


def _commands(text: str, fence: re.Match[str]) -> Iterator[Step]:
    lines = fence["body"].splitlines(keepends=True)
    position = fence.start("body")
    index = 0
    while index < len(lines):
        line = text.count("\n", 0, position) + 1
        if not lines[index].startswith("$ "):
            raise ValueError(f"line {line}: a console block starts with a command")
        first = index
        while lines[index].endswith("\\\n"):
            index += 1
        index += 1
        source = "".join(lines[first:index])[2:].rstrip("\n")
        start = position + sum(map(len, lines[first:index]))
        while index < len(lines) and not lines[index].startswith("$ "):
            index += 1
        position += sum(map(len, lines[first:index]))
        yield Step(source, False, line, start, position, text[start:position].rstrip("\n"))


def _script(text: str, fence: re.Match[str], following: list[re.Match[str]]) -> Step:
    line = text.count("\n", 0, fence.start()) + 1
    for output in following:
        if output["kind"] == "text" and not text[fence.end() : output.start()].strip():
            start, stop = output.span("body")
            return Step(fence["body"], True, line, start, stop, output["body"].rstrip("\n"))
    return Step(fence["body"], True, line, -1, -1, "")


_METHODS = r"model|naive|seasonal naive(?: \(\d+\))?|drift|window mean|theta"
_MEASURED = r"%|s\b|ms\b|min\b|KiB\b|MiB\b|kB\b|MB\b|bytes\b"
_KEYS = r"steps|members|size|best_step|seconds"
_BROKEN = (re.compile(r"^(?=\S)(.{40,})\n {2}(?=\S)", re.M), r"\1 ")
_MASKS = (
    *[_BROKEN] * 3,  # a sentence breaks where its numbers happen to end
    (re.compile(rf"^(\s*(?:{_METHODS}))(?: +(?:-|[-+]?\d[\d.]*(?:e[-+]?\d+)?))+\s*$", re.M), r"\1 scores"),
    (
        re.compile(
            r"^(?:Better|No better) than the best baseline.*$|^Worse than the best baseline[^.]*\.[^.]*\.$",
            re.M,
        ),
        "verdict",
    ),
    # Whether a share goes to a classical forecast is measured as well.
    (
        re.compile(
            r"^(?:The network (?:has \d+ %|does not help)|On the validation windows the network).*\n(?:  .*\n)*",
            re.M,
        ),
        "",
    ),
    (re.compile(r"^(The forecast leans on:).*$", re.M), r"\1 #"),
    (re.compile(r"^ *(?:last|mean|drift)[\w ()]*?(?: +[\d.]+ %)+ *$", re.M), "part shares"),
    # How often each label came by how often it was forecast.
    (re.compile(r"^( *came \\ forecast) .*\n.*\n(?:  .*\n)+", re.M), r"\1\n"),
    (re.compile(r"\b\d+ x \d+ steps\b"), "# x # steps"),
    (re.compile(rf'("(?:{_KEYS})": )\d+'), r"\1#"),
    (re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+(?:e[-+]?\d+)?|e[-+]?\d+)"), "#"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "#"),
    (re.compile(rf"(?<![\w.])[-+]?\d+(?= ?(?:{_MEASURED}))"), "#"),
    (re.compile(r"[─━-]{2,}"), "-"),
    (re.compile(r"[ \t]+"), " "),
)


def masked(text: str) -> str:
    """Replace what may differ between two honest runs: scores, forecasts, times, sizes, hashes and widths."""
    for pattern, mark in _MASKS:
        text = pattern.sub(mark, text)
    return "\n".join(line.strip() for line in text.split("\n")).strip()
