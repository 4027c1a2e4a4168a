"""Colours that differ without colour as well: dark lines by lightness and label, one hue for time."""

from __future__ import annotations

from typing import Final

INK: Final = "#1f2328"
MUTED: Final = "#424a53"
FAINT: Final = "#8c959f"
PAPER: Final = "#ffffff"
BOX: Final = "#f6f8fa"
CLUSTER: Final = "#fbfaf4"
CLUSTER_EDGE: Final = "#a8935a"
CLUSTER_TEXT: Final = "#6f5b22"
INPUT: Final = "#e4eef7"
INPUT_EDGE: Final = "#86a9c9"
GATE: Final = "#fff1cc"
FAILED: Final = "#b3261e"

# Okabe and Ito's hues, darkened until each has a contrast of 4.5 to white as text; their lightnesses differ too.
LINES: Final = ("#00568a", "#b04a00", "#00705a", "#8f3f72", "#3d4450", "#7a6000")

_COLD, _HOT = (0xF6, 0xF8, 0xFA), (0x9C, 0xC4, 0xE2)


def shade(share: float) -> str:
    """A fill for a part of the time, from nearly white to a blue on which all text keeps a contrast of 4.5."""
    weight = max(0.0, min(1.0, share)) ** 0.5
    mixed = (round(cold + (hot - cold) * weight) for cold, hot in zip(_COLD, _HOT, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def contrast(first: str, second: str) -> float:
    """The contrast of two colours as the WCAG 2.2 defines it, from 1 to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
