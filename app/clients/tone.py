"""What high dynamic range and wide colours become on a usual screen: a table for FFmpeg's `lut3d`.

A table of our own, because FFmpeg is built with or without zscale and libplacebo, and swscale maps tones since 7.1
only: so every FFmpeg gives the same picture. From display light (ITU-R BT.2100) by BT.2408: reference white, 203
nit, comes out near the top, mid-tones keep their light, what is brighter up to 1,000 nit shares the rest.
"""

from __future__ import annotations

import functools
import math

PQ, HLG = "smpte2084", "arib-std-b67"
GAMMA = 2.4  # of a BT.709 screen (BT.1886)
REFERENCE_NITS, PEAK_NITS = 203.0, 1000.0
WHITE = math.pow(240 / 255, GAMMA)  # reference white's light, of the screen's 1
PEAK = PEAK_NITS / REFERENCE_NITS * WHITE
# Points a side; with these, reference white (0.58 of PQ, 0.75 of HLG) lies on a point, where the curve bends.
POINTS = {PQ: 32, HLG: 33}
Rgb = tuple[float, float, float]
Matrix = tuple[Rgb, Rgb, Rgb]
# Linear light to BT.709's primaries (BT.2087; SMPTE RP 177 for the white point D65).
TO_709: dict[str, Matrix] = {
    "bt2020": ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    "smpte432": ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
    "bt709": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}


@functools.cache
def cube(transfer: str, primaries: str) -> str:
    """The table as a .cube file, by FFmpeg's names of a transfer and primaries; takes a second once."""
    points = POINTS.get(transfer, 33)
    axis = [light(transfer, step / (points - 1)) for step in range(points)]
    lines = [f"LUT_3D_SIZE {points}"]
    for blue in axis:
        for green in axis:
            for red in axis:
                lines.append("{:.5f} {:.5f} {:.5f}".format(*shown((red, green, blue), transfer, primaries)))
    return "\n".join([*lines, ""])


def light(transfer: str, signal: float) -> float:
    """Light of one colour's signal: PQ's and BT.709's on the screen, reference white near 1; HLG's in the scene."""
    if transfer == PQ:
        part = math.pow(signal, 32 / 2523)
        nits = 10_000.0 * math.pow(max(part - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * part), 16384 / 2610)
        return nits / REFERENCE_NITS * WHITE
    if transfer == HLG:
        return signal**2 / 3 if signal <= 0.5 else (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return math.pow(signal, GAMMA)


def shown(rgb: Rgb, transfer: str, primaries: str) -> Rgb:
    """The signal of a BT.709 screen, 0 to 1."""
    if transfer == HLG:
        # From the scene to a screen of 1,000 nit.
        scene = 0.2627 * rgb[0] + 0.678 * rgb[1] + 0.0593 * rgb[2]
        gain = PEAK * math.pow(scene, 0.2)
        rgb = (rgb[0] * gain, rgb[1] * gain, rgb[2] * gain)
    rows = TO_709[primaries]
    red, green, blue = (sum(part * one for part, one in zip(row, rgb, strict=True)) for row in rows)
    grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    lowest = min(red, green, blue)
    # A colour outside BT.709 goes towards grey, as far as it must.
    keep = grey / (grey - lowest) if lowest < 0 < grey else 1.0
    red, green, blue = (max(0.0, grey + (one - grey) * keep) for one in (red, green, blue))
    # One gain for all three: hues stay.
    brightest = max(red, green, blue, 1e-9)
    gain = (rolled(brightest) if transfer in POINTS else min(1.0, brightest)) / brightest
    return (red * gain) ** (1 / GAMMA), (green * gain) ** (1 / GAMMA), (blue * gain) ** (1 / GAMMA)


def rolled(value: float) -> float:
    """Straight up to reference white, then ever flatter to 1 (Reinhard's curve with a white point)."""
    if value <= WHITE:
        return value
    over, most = (min(value, PEAK) - WHITE) / (1 - WHITE), (PEAK - WHITE) / (1 - WHITE)
    return WHITE + (1 - WHITE) * over * (1 + over / (most * most)) / (1 + over)
