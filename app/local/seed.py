"""Demo people, videos and lives, sent to a running service as any client would send them.

Nothing is written to the database directly: register, upload parts to S3, complete, wait until it plays; go on air and
chat. Run again, it adds only what is missing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from app.config import ConfigError, Settings
from app.local import ffmpeg

# For people trying the service on their own machine; seed refuses to run in production.
PASSWORD = "trunkline demo 2026"  # noqa: S105
WAIT_SECONDS = 600
REAL_CLIP = Path(__file__).parent.parent.parent / "tests" / "media" / "bigbuckbunny.mp4"


class SeedError(Exception):
    """The service refused or did not finish; the text says what."""


@dataclass(frozen=True)
class Clip:
    owner: str
    title: str
    description: str
    tags: list[str]
    picture: str  # an FFmpeg source; empty: the real clip that the tests use
    tone: int = 330
    visibility: str = "public"


PEOPLE = {"mei": "美玲", "jiho": "지호", "ada": "Ada"}
LIFE = "life=s=320x180:mold=10:r=25:ratio=0.1:death_color=#402020:life_color=#20d0b0"
CLIPS = [
    Clip("ada", "Big Buck Bunny", "A rabbit and a butterfly. By the Blender Foundation.", ["animation"], ""),
    Clip("ada", "Test card with clock", "Sharp edges and moving numbers.", ["test"], "testsrc2=s=1920x1080:r=30:d=20"),
    Clip(
        "mei", "曼德博集合漫遊", "慢慢放大的碎形，適合配著音樂看。", ["數學", "碎形"], "mandelbrot=s=1280x720:r=24", 220
    ),
    Clip("mei", "直式手機影片", "測試直式畫面的播放。", ["直式", "手機"], "testsrc2=s=720x1280:r=30:d=12", 262),
    Clip(
        "jiho",
        "생명 게임",
        "격자 위에서 태어나고 사라지는 세포들.",
        ["수학"],
        f"{LIFE},scale=1280:720:flags=neighbor",
        392,
    ),
    Clip("jiho", "색 막대", "소유자만 볼 수 있습니다.", ["시험"], "smptehdbars=s=854x480:r=25:d=8", 440, "private"),
]


@dataclass(frozen=True)
class Live:
    owner: str
    title: str
    description: str
    in_hours: int  # 0: on air now
    chat: tuple[tuple[str, str], ...] = ()


LIVES = [
    Live(
        "ada",
        "Ask me anything about looms and engines",
        "Bring your questions; there are no silly ones.",
        0,
        (
            ("jiho", "안녕하세요! 처음 왔어요 👋"),
            ("mei", "大家好，今天聊什麼？"),
            ("ada", "Welcome! Ask away."),
            ("mei", "織布機真的啟發了第一個程式嗎？"),
            ("ada", "@mei In a way: punched cards came from there."),
            ("jiho", "오, 재미있네요 🎉"),
        ),
    ),
    Live("mei", "碎形之夜", "邊看邊聊碎形，歡迎點播座標。", 26),
]


def run(settings: Settings) -> str:
    """Seed the service at PUBLIC_URL. Raises SeedError, ConfigError."""
    if settings.is_production:
        raise ConfigError("seed makes accounts with a known password: not in production")
    sessions = {name: Session(settings.public_url, name) for name in PEOPLE}
    with tempfile.TemporaryDirectory() as folder:
        made = [clip for clip in CLIPS if sessions[clip.owner].add(clip, Path(folder))]
    lives = [live for live in LIVES if add_live(live, sessions)]
    names = ", ".join(PEOPLE)
    return f'{len(made)} videos and {len(lives)} lives added; sign in as {names} with the password "{PASSWORD}"'


def add_live(live: Live, sessions: dict[str, Session]) -> bool:
    """Plan a live, or go on air and let people chat; False when its owner has it already."""
    for session in sessions.values():
        session.sign_in()
    owner = sessions[live.owner]
    mine = owner.call("GET", "/api/users/me/lives?limit=100")["items"]
    if any(other["title"] == live.title and other["status"] != "ended" for other in mine):
        return False
    draft: dict[str, Any] = {"title": live.title, "description": live.description}
    if live.in_hours:
        draft["scheduled_at"] = (datetime.now(UTC) + timedelta(hours=live.in_hours)).isoformat()
    address = f"/api/lives/{owner.call('POST', '/api/lives', draft)['id']}"
    if not live.in_hours:
        owner.call("POST", f"{address}/start", {})
    for name, text in live.chat:
        sessions[name].call("POST", f"{address}/messages", {"text": text, "cid": str(uuid.uuid4())})
    return True


class Session:
    """One demo person, signed in."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.token = ""
        self.sign_in()

    def sign_in(self) -> None:
        """Register at the first time. Access tokens are short-lived: done again before each clip."""
        self.token = ""
        name = self.name
        new = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "display_name": PEOPLE[name]}
        try:
            answer = self.call("POST", "/api/auth/login", {"login": name, "password": PASSWORD})
        except SeedError:
            answer = self.call("POST", "/api/auth/register", new)
        self.token = answer["access_token"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        content = None if body is None else msgspec.json.encode(body)
        raw, _ = send(method, self.url + path, content, self.token)
        return msgspec.json.decode(raw) if raw else None

    def add(self, clip: Clip, folder: Path) -> bool:
        """Upload a clip and wait until it is ready; False when its owner has it already."""
        self.sign_in()
        mine = self.call("GET", "/api/users/me/videos?limit=100")["items"]
        if any(video["title"] == clip.title for video in mine):
            return False
        path = make(clip, folder)
        upload = self.call(
            "POST", "/api/uploads", {"filename": path.name, "size": path.stat().st_size, "content_type": "video/mp4"}
        )
        self.upload_parts(upload, path)
        self.call("POST", f"/api/uploads/{upload['upload_id']}/complete", {})
        details = {"title": clip.title, "description": clip.description, "tags": clip.tags}
        address = f"/api/videos/{upload['video_id']}"
        self.call("PATCH", address, details | {"visibility": clip.visibility})
        self.wait_until_ready(address, clip)
        return True

    def upload_parts(self, upload: dict[str, Any], path: Path) -> None:
        parts = f"/api/uploads/{upload['upload_id']}/parts"
        with path.open("rb") as file:
            for n in range(1, upload["part_count"] + 1):
                piece = file.read(upload["part_size"])
                url = self.call("POST", parts, {"numbers": [n]})["urls"][str(n)]
                _, headers = send("PUT", url, piece, "")
                self.call("PUT", f"{parts}/{n}", {"etag": headers["ETag"], "size": len(piece)})

    def wait_until_ready(self, address: str, clip: Clip) -> None:
        pause = threading.Event()
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            video = self.call("GET", address)
            tell(f"{clip.owner}: {clip.title}  {video['status']} {video['progress']} %", video["status"] == "ready")
            if video["status"] == "ready":
                return
            if video["status"] == "failed":
                raise SeedError(f"{clip.title} failed: {video['reason']}")
            pause.wait(0.5)
        raise SeedError(f"{clip.title} is not ready after {WAIT_SECONDS} s")


def tell(line: str, is_last: bool) -> None:
    """On a terminal one line that changes; in a file only how it ended."""
    if sys.stdout.isatty():
        print(f"\r{line}   ", end="\n" if is_last else "", flush=True)
    elif is_last:
        print(line, flush=True)


def make(clip: Clip, folder: Path) -> Path:
    """A file of moving picture and a soft tone."""
    if not clip.picture:
        return REAL_CLIP
    path = folder / f"clip-{abs(hash(clip.title))}.mp4"
    command = [ffmpeg.find().ffmpeg, "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", clip.picture]
    command += ["-f", "lavfi", "-i", f"sine=frequency={clip.tone}:sample_rate=48000,volume=0.1", "-shortest"]
    command += ["-t", "20", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)]
    subprocess.run(command, check=True, timeout=300)
    return path


def send(method: str, url: str, content: bytes | None, token: str) -> tuple[bytes, Any]:
    """Raises SeedError with what was answered."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    # Parts are signed without a type; everything else is JSON.
    headers |= {"content-type": "application/json"} if "/api/" in url else {"content-type": ""}
    request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310  settings and S3 gave it
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        raise SeedError(f"{method} {url.partition('?')[0]}: {error.code} {error.read(300).decode()}") from None
    except urllib.error.URLError as error:
        raise SeedError(f"{url.partition('?')[0]}: {error.reason}; is the service running (make run)?") from None
