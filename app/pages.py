"""The built frontend: its manifest, its files, packed once. Nothing here knows about requests."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import msgspec

ROOT = Path(__file__).parent.parent
ENTRY = "index.html"
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,150}")
PACKED = (".js", ".css", ".svg", ".json", ".webmanifest", ".txt", ".map")
# Smaller ones fit a packet either way.
WORTH_PACKING_BYTES = 600
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True)
class File:
    """A file of the build. `packed` is its gzip form, if that is smaller; `brotli` only when the build made one."""

    body: bytes
    content_type: str
    etag: str
    packed: bytes | None = None
    brotli: bytes | None = None


@dataclass
class Pages:
    """What the build left in a folder. Without a build, `scripts` is empty and pages say so."""

    folder: Path
    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    preloads: list[str] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(ROOT / "app" / "templates"), autoescape=True, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._reading = asyncio.Lock()

    @classmethod
    def open(cls, folder: str) -> Pages:
        """Read the manifest. A relative folder counts from the repository."""
        pages = cls(ROOT / folder)
        manifest = pages.folder / ".vite" / "manifest.json"
        if manifest.is_file():
            pages.read_manifest(msgspec.json.decode(manifest.read_bytes()))
        return pages

    @property
    def is_built(self) -> bool:
        return bool(self.scripts)

    def read_manifest(self, manifest: dict[str, Any]) -> None:
        """The entry's script, and what it needs at once: styles and modules of everything it imports."""
        self.manifest = manifest
        modules, self.styles = self.needs(ENTRY)
        self.scripts, self.preloads = modules[-1:], modules[:-1]

    def needs(self, *keys: str) -> tuple[list[str], list[str]]:
        """Modules and styles of parts of the frontend by their places under frontend/, what they import first; without
        those of the entry, which are there already."""
        modules: list[str] = []
        styles: list[str] = []
        seen: set[str] = set()

        def take(key: str) -> None:
            chunk = self.manifest.get(key)
            if key in seen or chunk is None:
                return
            seen.add(key)
            for name in chunk.get("imports", []):
                take(name)
            styles.extend(f"/{name}" for name in chunk.get("css", []))
            modules.append(f"/{chunk['file']}")

        for key in keys:
            take(key)
        there = {*self.scripts, *self.preloads, *self.styles}
        return [name for name in modules if name not in there], [s for s in dict.fromkeys(styles) if s not in there]

    async def file(self, path: str) -> File | None:
        """`assets/x.js`, or a file beside index.html. Read and packed at first use, then kept."""
        found = self.files.get(path)
        if found is None:
            async with self._reading:
                found = self.files.get(path) or await asyncio.to_thread(read, self.folder, path)
                if found is not None:
                    self.files[path] = found
        return found

    def render(self, name: str, **values: Any) -> str:
        return self.templates.get_template(name).render(**values)


def read(folder: Path, path: str) -> File | None:
    names = path.split("/")
    if len(names) > 2 or not all(NAME.fullmatch(name) for name in names) or path == ENTRY:
        return None
    place = folder.joinpath(*names)
    if not place.is_file():
        return None
    body = place.read_bytes()
    content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    return packed(
        body,
        content_type,
        is_worth=path.endswith(PACKED),
        ready_made=beside(place, ".gz"),
        brotli=beside(place, ".br"),
    )


def packed(
    body: bytes,
    content_type: str,
    *,
    is_worth: bool = True,
    ready_made: bytes | None = None,
    brotli: bytes | None = None,
) -> File:
    """With its gzip form, if that is smaller."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    is_large = is_worth and len(body) >= WORTH_PACKING_BYTES
    small = ready_made or (gzip.compress(body, 9, mtime=0) if is_large else None)
    if small is not None and len(small) >= len(body):
        small = None
    return File(body, content_type, etag, small, brotli)


def beside(place: Path, suffix: str) -> bytes | None:
    other = place.with_name(place.name + suffix)
    return other.read_bytes() if other.is_file() else None
