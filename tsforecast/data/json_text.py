"""Text of JSON that may be shown anywhere."""

from __future__ import annotations

import json


def with_escapes(text: str) -> str:
    """Write characters that a terminal may obey as escapes, which leaves the document the same.

    JSON has to escape only the oldest control characters; those above 0x7F, and those that turn the direction of
    writing, it lets through.

    Args:
        text: A document or a part of one, in which control characters below 0x20 are escaped but for line ends.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else json.dumps(char)[1:-1]
