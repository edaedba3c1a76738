"""SVG pictures as PNG, by a renderer that is an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsforecast.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

ZOOM = 2
"""Pixels of the PNG per unit of the SVG, so that text is sharp on any screen."""

_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text y="16">{}</text></svg>'


def check_png() -> None:
    """Find out before any work whether a PNG can be drawn here.

    Raises:
        MissingExtraError: The renderer is not installed, or the machine has no font to write with.
    """
    render = _renderer()
    if render(svg_string=_PROBE.format("A")) == render(svg_string=_PROBE.format("")):
        raise MissingExtraError(
            "this machine has no font, a PNG would show no words",
            hint="apt-get install fonts-dejavu-core, or give a name that ends in .svg",
        )


def svg_to_png(svg: str) -> bytes:
    """Draw an SVG document with the fonts of the machine.

    Args:
        svg: A whole document, sizes in pixels; it is drawn ``ZOOM`` times as large.

    Raises:
        MissingExtraError: The renderer is not installed, or the machine has no font to write with.
    """
    check_png()
    return bytes(_renderer()(svg_string=svg, zoom=ZOOM))


def _renderer() -> Callable[..., bytes]:
    try:
        from resvg_py import svg_to_bytes
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "a PNG is drawn by resvg-py, which is not installed",
            hint="pip install resvg-py, or give a name that ends in .svg",
        ) from error
    return svg_to_bytes
