"""`.env.example`, made of the settings; a test compares the two."""

from __future__ import annotations

import dataclasses

from app.config import Settings


def example() -> str:
    """The text of `.env.example`."""
    lines = ["# Every setting with its unit and default. Written by `python -m app env`.", ""]
    for f in dataclasses.fields(Settings):
        unit = f" ({f.metadata['unit']})" if f.metadata["unit"] else ""
        lines.append(f"# {f.metadata['help']}{unit}")
        value = ",".join(f.default) if isinstance(f.default, tuple) else str(f.default)
        value = value.lower() if isinstance(f.default, bool) else value
        lines.append(f"{f.name.upper()}={value}")
    return "\n".join(lines) + "\n"
