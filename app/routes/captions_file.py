"""What a caption file is written in: UTF-8, UTF-16, or an older encoding told by its languages' commonest letters."""

from __future__ import annotations

import re

from app.errors import invalid
from app.field_errors import field_error

# Named as browsers name them, so that a page can show what a choice makes of the file.
CODECS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "gb18030": "gb18030",
    "shift_jis": "cp932",
    "windows-1252": "cp1252",
}
# A right reading holds many of its language's commonest letters, a wrong one next to none of any.
COMMON = {
    "euc-kr": (
        "이다는에을고가하지의은나어도를로서한사아그자기해리시라인게있니요거내일안세네들만여까수대보지면야무오정스전"
    ),
    "big5": (
        "的是不我一有大在人了中到資要以可這個你會好為上來學就交也用能如時文說沒他看那問生提下過請們"
        "天所多麼小想得之還電出工對都機自後子而站去心只家知國很"
    ),
    "gb18030": (
        "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而"
        "过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美"
    ),
}
KANA = re.compile("[\u3041-\u30fe]")
# So much of what is no ASCII must be common, and so much more than in any other reading.
LEAST_SHARE = 0.15
LEAST_LEAD = 2.0


def decode(raw: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text, and its encoding by a name of CODECS. Raises invalid when it cannot be told or is another."""
    if encoding is None:
        encoding = find_encoding(raw)
    try:
        text = raw.decode(CODECS[encoding]) if encoding else None
    except UnicodeDecodeError:
        text = None
    if text is None or encoding is None:
        raise invalid(body=field_error("captions_encoding"))
    return text.removeprefix("\ufeff"), "utf-16" if encoding.startswith("utf-16") else encoding


def find_encoding(raw: bytes) -> str | None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Without its mark: Latin letters, digits and line ends have an empty half each.
    for name in ("utf-16-le", "utf-16-be"):
        if len(raw) % 2 == 0 and raw[name == "utf-16-le" :: 2].count(0) > len(raw) / 8 and can_decode(raw, name):
            return name
    if can_decode(raw, "utf-8"):
        return "utf-8"
    shares = sorted(((share(raw, name), name) for name in (*COMMON, "shift_jis")), reverse=True)
    (best, name), (second, _) = shares[:2]
    return name if best >= LEAST_SHARE and best >= second * LEAST_LEAD else None


def can_decode(raw: bytes, name: str) -> bool:
    try:
        raw.decode(CODECS[name])
    except UnicodeDecodeError:
        return False
    return True


def share(raw: bytes, name: str) -> float:
    """How much of the foreign letters of this reading is common in its language; 0 where it cannot be read so."""
    try:
        letters = [c for c in raw.decode(CODECS[name]) if c > "\u00ff" and c.isalpha()]
    except UnicodeDecodeError:
        return 0.0
    # Kana is about half of all Japanese, so next to none by chance is enough there too.
    found = sum((KANA.match(c) is not None) if name == "shift_jis" else (c in COMMON[name]) for c in letters)
    return found / len(letters) if found > 1 else 0.0
