"""``python -m tests.data.odd``: write the page of odd files anew; with a folder, the files themselves."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.data.odd.page import PAGE, page
from tests.data.odd.registry import ODD


def main(words: list[str]) -> None:
    """Write the page, and the files where a folder is named."""
    PAGE.write_text(page(), encoding="utf-8")
    for folder in map(Path, words):
        folder.mkdir(parents=True, exist_ok=True)
        for number, odd in enumerate(odd for files in ODD.values() for odd in files):
            (folder / f"{number:03d}.csv").write_bytes(odd.content)


if __name__ == "__main__":
    main(sys.argv[1:])
