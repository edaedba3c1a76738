"""Files with a picture: SVG, PNG, or a page around it, by the ending of the name."""

from __future__ import annotations

from pathlib import Path

from tsforecast.cli.paths import STANDARD, check_page

PICTURES = (".png", ".svg", ".html")


def check_picture(name: str | None, flag: str) -> None:
    """Find out before the work whether a picture can be written under this name; - is the terminal.

    Raises:
        UsageError: The name promises something else.
        MissingExtraError: It is a PNG, and what draws it is missing.
    """
    if name == STANDARD:
        return
    check_page(name, flag, PICTURES)
    if name is not None and _ending(name) == ".png":
        from tsforecast.evaluation.png import check_png

        check_png()


def save_picture(name: str, svg: str, page: str) -> None:
    """Write a picture.

    Args:
        name: File; its ending tells which of the forms is written.
        svg: The picture as an SVG document.
        page: The picture as an HTML page.

    Raises:
        AccessError: The file cannot be written.
        MissingExtraError: It is a PNG, and what draws it is missing.
    """
    from tsforecast.data.files import write_atomically

    if _ending(name) == ".png":
        from tsforecast.evaluation.png import svg_to_png

        write_atomically(name, svg_to_png(svg))
        return
    text = page if _ending(name) == ".html" else svg
    write_atomically(name, text.encode("utf-8", "backslashreplace"))


def _ending(name: str) -> str:
    return Path(name).suffix.lower()
