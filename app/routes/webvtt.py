"""Is this a caption file browsers can show, and nothing else? https://www.w3.org/TR/webvtt1/"""

from __future__ import annotations

import re

from app.errors import AppError, invalid

TIME = r"(?:\d{2,4}:)?[0-5]\d:[0-5]\d\.\d{3}"
TIMING = re.compile(rf"({TIME})[ \t]+-->[ \t]+({TIME})(?:[ \t].*)?")
# Cue text may hold these spans and timestamps; markup of any other name has no meaning in captions.
TAG = re.compile(rf"</?(?:c|i|b|u|v|lang|ruby|rt)(?:[.\s][^<>]*)?>|<{TIME}>|</?>")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MAX_CUES = 20_000


def validate(raw: bytes) -> str:
    """The text with plain line ends. Raises invalid, naming the line."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise wrong("is not UTF-8 text") from None
    if CONTROL.search(text):
        raise wrong("holds control characters")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise wrong("must begin with a line WEBVTT")
    if not read_blocks(lines):
        raise wrong("holds no captions")
    return "\n".join(lines)


def read_blocks(lines: list[str]) -> int:
    """The number of cues; checks each block between empty lines."""
    cues = 0
    start = 1
    for end in [n for n in range(1, len(lines)) if not lines[n].strip()] + [len(lines)]:
        if end > start:
            cues += read_block(lines[start:end], start + 1, cues == 0 and start == 1)
        start = end + 1
    if cues > MAX_CUES:
        raise wrong(f"holds more than {MAX_CUES} captions")
    return cues


def read_block(block: list[str], number: int, is_header: bool) -> int:
    at = next((n for n, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        if is_header or re.match(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)", block[0]):
            # Styles may not reach outside, and no block may end what it is embedded in.
            if re.search(r"@import|url\s*\(|<\s*/?\s*(?:script|style)", "\n".join(block), re.IGNORECASE):
                raise wrong(f"line {number}: this block is not allowed")
            return 0
        raise wrong(f"line {number}: expected a time like 00:01.000 --> 00:04.000")
    timing = TIMING.fullmatch(block[at].strip())
    if timing is None or seconds(timing[2]) <= seconds(timing[1]):
        raise wrong(f"line {number + at}: expected a time like 00:01.000 --> 00:04.000")
    for offset, line in enumerate(block[at + 1 :], at + 1):
        if "<" in TAG.sub("", line):
            raise wrong(f"line {number + offset}: markup that captions do not have")
    return 1


def seconds(text: str) -> float:
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


def wrong(message: str) -> AppError:
    return invalid(body=message)
