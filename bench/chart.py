"""Bar charts as SVG files in docs/images, readable on dark and light pages."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from bench.result import QUICK

IMAGES = Path(__file__).parent.parent / "docs" / "images"
WIDTH, LEFT, RIGHT = 720, 220, 110
TOP, ROW, BAR = 44, 34, 20
STYLE = """<style>
text{font:13px system-ui,sans-serif;fill:#57606a}.t{font-weight:600;font-size:15px}.o{fill:#14b8a6}.p{fill:#8c959f}
@media(prefers-color-scheme:dark){text{fill:#9aa6b2}.p{fill:#5b6672}}
</style>"""


def bars(name: str, title: str, values: Mapping[str, float], unit: str) -> None:
    """One bar a value, the first (ours) in colour. Writes docs/images/bench-<name>.svg."""
    if QUICK:
        return
    most = max(values.values()) or 1.0
    height = TOP + ROW * len(values) + 8
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">',
        STYLE,
        f'<text class="t" x="12" y="24">{escape(title)}</text>',
    ]
    for n, (label, value) in enumerate(values.items()):
        y = TOP + n * ROW
        length = max(1.0, value / most * (WIDTH - LEFT - RIGHT))
        lines += [
            f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="{"p" if n else "o"}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="3"/>',
            f'<text x="{LEFT + length + 8:.1f}" y="{y + 15}">{text_of(value)}{escape(unit)}</text>',
        ]
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / f"bench-{name}.svg").write_text("\n".join([*lines, "</svg>"]) + "\n", encoding="utf-8")


def text_of(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
