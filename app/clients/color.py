"""A picture's colours, stated: whatever a source says or leaves out, all that we make of it is BT.709.

What a source leaves out is decided here once. Every quality, the poster and the previews then agree; a player that
has to guess decides by size, and shows other colours in 720p than in 480p.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.clients import tone
from app.clients.streams import Stream

MATRICES = {
    "bt709": "bt709",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "smpte240m": "smpte240m",
    "fcc": "fcc",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}
WIDE = {"bt2020": "bt2020", "smpte431": "smpte432", "smpte432": "smpte432"}
LIMITED_709 = "setparams=range=limited:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
# Options of an encoder; the frames say the same, but older FFmpegs do not ask them.
TAGS = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]


@dataclass(frozen=True)
class Color:
    """FFmpeg's names: `matrix` as its `scale` takes it, `transfer` and `primaries` where they differ from BT.709's."""

    matrix: str = "bt709"
    transfer: str = "bt709"
    primaries: str = "bt709"

    @property
    def needs_table(self) -> bool:
        return self.transfer in tone.POINTS or self.primaries != "bt709"


def read(video: Stream) -> Color:
    """A stream's colours; what it does not say is what players take: BT.601 for small pictures, BT.709 for others."""
    said = str(video.get("color_transfer", ""))
    transfer = said if said in tone.POINTS else "bt709"
    told = WIDE.get(str(video.get("color_primaries", "")), "")
    primaries = told or ("bt2020" if transfer in tone.POINTS else "bt709")
    is_large = int(video.get("width") or 0) >= 1280 or int(video.get("height") or 0) > 576
    usual = "bt2020" if transfer in tone.POINTS else "bt709" if is_large else "bt601"
    return Color(MATRICES.get(str(video.get("color_space", "")), usual), transfer, primaries)


def to_bt709(color: Color, width: int, height: int, table: Path | None) -> list[str]:
    """Filters from a source's picture to BT.709 in limited range, 4:2:0, square pixels, as large as said."""
    sized = f"scale={width}:{height}:in_color_matrix={color.matrix}"
    return [
        sized + _through(table) + ":out_color_matrix=bt709:out_range=limited",
        "format=yuv420p",
        LIMITED_709,
        "setsar=1",
    ]


def to_jpeg(color: Color, width: int, height: int, table: Path | None, fit: str = "") -> list[str]:
    """The same for a still: JPEG is always BT.601 in full range (JFIF). `fit` is more for the scaler."""
    sized = f"scale={width}:{height}:in_color_matrix={color.matrix}{fit}"
    jpeg = "setparams=range=full:color_primaries=bt709:color_trc=bt709:colorspace=bt470bg"
    return [f"{sized}{_through(table)}:out_color_matrix=bt601:out_range=full", "format=yuvj420p", jpeg, "setsar=1"]


def _through(table: Path | None) -> str:
    if table is None:
        return ""
    return f",format=gbrp10le,lut3d=file={_quoted(table)}:interp=tetrahedral,scale=in_range=full"


def _quoted(path: Path) -> str:
    """For an option of a filter in a graph: both levels take \\ and ' as theirs."""
    once = str(path).replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\:")
    return "'" + once.replace("'", "'\\''") + "'"


def write_table(color: Color, path: Path) -> Path | None:
    """The table that `color` needs, written to `path`; None when it needs none."""
    if not color.needs_table:
        return None
    path.write_text(tone.cube(color.transfer, color.primaries))
    return path
