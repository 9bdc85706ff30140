"""A caption file as browsers show it, and nothing else: cues are repaired one by one or left out, and counted.

https://www.w3.org/TR/webvtt1/ ; SubRip (.srt) has no standard: numbered cues, commas in times, HTML-like spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.errors import AppError, invalid
from app.field_errors import field_error

MAX_CUES = 20_000
CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
TIMING = re.compile(rf"[ \t]*{CLOCK}[ \t]*-->[ \t]*{CLOCK}(?:[ \t]+(.*))?[ \t]*")
SETTING = re.compile(r"(?:vertical|line|position|size|align|region):[A-Za-z0-9%.,+-]+")
# Cue text may hold these spans and timestamps; markup of any other name has no meaning in captions.
SPAN = re.compile(r"</?(?:c|i|b|u|v|lang|ruby|rt)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|</?>")
MARKUP = re.compile(r"<[^<>]*>|<")
HIDDEN = re.compile(r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
SUBRIP_STYLE = re.compile(r"\{\\[^{}]*\}")
# Styles may not reach outside, by any spelling, and no block may end what it is embedded in.
REACHES_OUT = re.compile(r"@|url|\\|<\s*/?\s*(?:script|style)", re.IGNORECASE)
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass
class Captions:
    """`text` is WebVTT; `left_out` counts what was meant as a cue and could not be shown."""

    text: str
    cues: int
    left_out: int


@dataclass
class Reading:
    """What has been read so far; `wrong` is the first line that had to be left out."""

    head: list[str] = field(default_factory=lambda: ["WEBVTT"])
    blocks: list[str] = field(default_factory=list)
    cues: int = 0
    left_out: int = 0
    wrong: int | None = None

    def leave_out(self, line: int) -> None:
        self.left_out += 1
        self.wrong = self.wrong or line


def read(text: str) -> Captions:
    """Raises invalid when it is no caption file or no cue is left, naming the first line that is wrong."""
    if "\x00" in text:
        raise invalid(body=field_error("captions_binary"))
    lines = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    is_webvtt = re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]) is not None
    if not is_webvtt and (lines[0].startswith("WEBVTT") or not any(TIMING.fullmatch(line) for line in lines)):
        raise invalid(body=field_error("captions_begin"))
    reading = Reading()
    if is_webvtt:
        read_webvtt(lines, reading)
    else:
        read_subrip(lines, reading)
    if reading.cues == 0:
        raise nothing_left(reading)
    if reading.cues > MAX_CUES:
        raise invalid(body=field_error("captions_many", most=MAX_CUES))
    text = "\n\n".join(["\n".join(reading.head), *reading.blocks]) + "\n"
    return Captions(text, reading.cues, reading.left_out)


def read_webvtt(lines: list[str], reading: Reading) -> None:
    if not REACHES_OUT.search(lines[0]):
        reading.head = [lines[0]]
    for start, block in blocks(lines):
        at = next((n for n, line in enumerate(block) if "-->" in line), None)
        if at is not None:
            add_cue(block[:at], block[at], block[at + 1 :], start + at, reading)
        elif start == 1 or re.match(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)", block[0]):
            if REACHES_OUT.search("\n".join(block)):
                continue
            # What follows the first line at once ("Kind: captions") belongs to it.
            if start == 1:
                reading.head += block
            else:
                reading.blocks.append("\n".join(block))
        else:
            reading.leave_out(start + 1)


def blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines between empty ones, and the index of the first. As in browsers a line of blanks is no empty one, and an
    arrow begins anew unless it is the block's first or follows a name."""
    start, has_arrow = 1, False
    for n in range(1, len(lines) + 1):
        is_end = n == len(lines) or lines[n] == ""
        is_arrow = not is_end and "-->" in lines[n]
        if is_end or (is_arrow and (has_arrow or n > start + 1)):
            if n > start:
                yield start, lines[start:n]
            start, has_arrow = (n + 1 if is_end else n), False
        has_arrow = has_arrow or is_arrow


def read_subrip(lines: list[str], reading: Reading) -> None:
    """From one time to the next: SubRip's texts may hold empty lines, and its numbers may be missing."""
    arrows = [n for n, line in enumerate(lines) if "-->" in line]
    for at, after in zip(arrows, [*arrows[1:], len(lines)], strict=True):
        text = lines[at + 1 : after]
        while text and not text[-1].strip():
            text.pop()
        if after < len(lines) and text and text[-1].strip().isdigit() and (len(text) == 1 or not text[-2].strip()):
            text.pop()
        kept = [SUBRIP_STYLE.sub("", line) for line in text if line.strip()]
        add_cue([], lines[at], kept, at, reading)


def add_cue(name: list[str], timing: str, text: list[str], at: int, reading: Reading) -> None:
    """One cue, its times and markup put right; `at` is the index of its timing in the file."""
    match = TIMING.fullmatch(timing)
    begin, end = (clock(*match.groups()[:4]), clock(*match.groups()[4:8])) if match else (None, None)
    if match is None or begin is None or end is None or seconds(end) <= seconds(begin):
        reading.leave_out(at + 1)
        return
    meant = "\n".join(text)
    # What is put together by taking something out must not be an arrow, nor leave an empty line, which ends a cue.
    shown = MARKUP.sub(lambda found: keep_markup(found[0]), HIDDEN.sub("", meant)).replace("-->", "--&gt;")
    shown = "\n".join(line for line in shown.split("\n") if line)
    if meant.strip() and not MARKUP.sub("", shown).strip():
        reading.leave_out(at + 2)
        return
    settings = " ".join(word for word in (match[9] or "").split() if SETTING.fullmatch(word))
    line = f"{begin} --> {end} {settings}".rstrip()
    reading.blocks.append("\n".join([*name, line, *([shown] if shown else [])]))
    reading.cues += 1


def keep_markup(found: str) -> str:
    """A span stays, an unknown tag goes, and what only looks like one ("I <3 you") is shown."""
    if SPAN.fullmatch(found):
        return found
    if re.fullmatch(r"</?[BIU]>", found):
        return found.lower()
    return "" if re.match(r"</?[A-Za-z!]", found) and found.endswith(">") else "&lt;" + found[1:]


def clock(hours: str | None, minutes: str, secs: str, fraction: str | None) -> str | None:
    """As WebVTT writes it; None for a minute or second over 59."""
    if int(minutes) > 59 or int(secs) > 59:
        return None
    head = f"{int(hours):02}:" if hours is not None else ""
    return f"{head}{int(minutes):02}:{int(secs):02}.{(fraction or '').ljust(3, '0')}"


def seconds(text: str) -> float:
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total


def nothing_left(reading: Reading) -> AppError:
    if reading.wrong is None:
        return invalid(body=field_error("captions_none"))
    return invalid(body=field_error("captions_none_right", line=reading.wrong))
