"""One picture: the same colours and shape in every quality, in poster and previews, measured on pixels."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.clients import color, tone
from app.local import ffmpeg
from tests.house.files import ROOT
from tests.studio import Studio

ODD = ROOT / "tests/media/odd"
NEAR = 6  # of 255
Pixel = tuple[int, int, int]
RED, GREEN, BLUE, WHITE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (128, 128, 128)
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "4")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")


@dataclass(frozen=True)
class Case:
    """A source of vertical bars (or an odd file), and what each bar has to look like."""

    bars: tuple[Pixel, ...]
    source: str = ""
    filters: str = ""
    options: tuple[str, ...] = X264
    size: tuple[int, int] = (1280, 720)
    shown: tuple[int, int] = (1280, 720)
    near: int = NEAR


def tagged(matrix: str, primaries: str, transfer: str, *codec: str) -> tuple[str, ...]:
    return (*codec, "-colorspace", matrix, "-color_primaries", primaries, "-color_trc", transfer)


def x265(transfer: str) -> tuple[str, ...]:
    said = f"log-level=none:crf=4:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    return (*X265, "-x265-params", said)


BARS = (RED, GREEN, BLUE, GREY, WHITE)
TO_2020 = "scale=out_color_matrix=bt2020:out_range=limited,format=yuv420p10le"
# Greys as BT.2100 signals: PQ's of 203 and 14 nit, HLG's 75 % and 40 %.
PQ_GREYS = ((148, 148, 148), (83, 83, 83), (0, 0, 0))
HLG_GREYS = ((191, 191, 191), (102, 102, 102), (0, 0, 0))
CASES = {
    "a recording of a screen, RGB": Case((RED, GREEN), source="rgb-screen-recording-720p.mov"),
    "says nothing, large: BT.709": Case(BARS, filters="scale=out_color_matrix=bt709:out_range=limited,format=yuv420p"),
    "says nothing, small: BT.601": Case(
        BARS,
        filters="scale=out_color_matrix=bt601:out_range=limited,format=yuv420p",
        size=(640, 480),
        shown=(640, 480),
    ),
    "says BT.601, large": Case(
        BARS,
        filters="scale=out_color_matrix=bt601:out_range=limited,format=yuv420p",
        options=tagged("smpte170m", "bt709", "bt709", *X264),
    ),
    "full range": Case(
        BARS,
        filters="scale=out_color_matrix=bt709:out_range=full,format=yuvj420p",
        options=tagged("bt709", "bt709", "bt709", *X264, "-color_range", "pc"),
    ),
    "HDR10, white of 203 nit": Case(((240,) * 3, (78,) * 3, (0,) * 3), filters=TO_2020, options=x265("smpte2084")),
    "HLG, white of 75 %": Case(((240,) * 3, (108,) * 3, (0,) * 3), filters=TO_2020, options=x265("arib-std-b67")),
    "wide pixels": Case(
        BARS,
        filters="scale=out_color_matrix=bt601:out_range=limited,format=yuv420p,setsar=64/45",
        size=(720, 576),
        shown=(1024, 576),
    ),
}


def bars(case: Case, path: Path) -> Path:
    """Signals as wanted in the source: of HDR ones, the greys above."""
    if case.source:
        return ODD / case.source
    greys = {"smpte2084": PQ_GREYS, "arib-std-b67": HLG_GREYS}
    signals = next((one for name, one in greys.items() if name in " ".join(case.options)), case.bars)
    width, height = case.size
    each = width // len(signals)
    drawn = bytes(
        part for _ in range(height) for x in range(width) for part in signals[min(x // each, len(signals) - 1)]
    )
    command = [ffmpeg.find().ffmpeg, "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{width}x{height}", "-r", "25", "-i", "-", "-vf", f"loop=24:1,{case.filters}"]
    subprocess.run([*command, *case.options, str(path)], input=drawn, check=True, timeout=60)
    return path


def pixels(path: Path, count: int) -> tuple[tuple[int, int], list[Pixel]]:
    """(size as shown, the middle of each of `count` bars) of a picture or a segment, as a player shows them."""
    said = subprocess.run(
        [ffmpeg.find().ffprobe, "-v", "error", "-select_streams", "v:0", "-of", "json", "-show_streams", str(path)],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    stream = json.loads(said.stdout)["streams"][0]
    if path.suffix == ".ts":
        assert {stream[key] for key in ("color_space", "color_transfer", "color_primaries")} == {"bt709"}
        assert (stream["color_range"], stream["pix_fmt"]) == ("tv", "yuv420p")
    assert stream.get("sample_aspect_ratio", "1:1") in {"1:1", "0:1"}
    size = (stream["width"], stream["height"])
    # What a browser does with each: BT.709 as the stream says, BT.601 for JPEG.
    matrix = "bt709" if path.suffix == ".ts" else "bt601"
    command = [ffmpeg.find().ffmpeg, "-v", "error", "-i", str(path), "-frames:v", "1", "-vf"]
    command += [f"scale=in_color_matrix={matrix}:flags=accurate_rnd+full_chroma_int,format=rgb24", "-f", "rawvideo"]
    shown = subprocess.run([*command, "-"], check=True, capture_output=True, timeout=60).stdout
    found = []
    for index in range(count):
        at = (size[1] // 2 * size[0] + size[0] * (2 * index + 1) // (2 * count)) * 3
        found.append((shown[at], shown[at + 1], shown[at + 2]))
    return size, found


async def test_every_quality_poster_and_preview_shows_the_same_picture(studio: Studio, tmp_path: Path) -> None:
    ids: dict[str, str] = {}
    for name, case in CASES.items():
        source = bars(case, tmp_path / f"{len(ids)}.mp4")
        ids[name] = (await studio.upload(source.read_bytes(), f"a{source.suffix}", "application/octet-stream"))["id"]
    for name, case in CASES.items():
        video = await studio.until(ids[name], "ready", "failed")
        assert (name, video["status"], video["reason"]) == (name, "ready", None)
        assert (name, video["width"], video["height"]) == (name, *case.shown)
        storage, place = studio.deps.storage, f"vod/{ids[name]}/1"
        objects = [f"hls/master_{quality['label']}_00001.ts" for quality in video["qualities"]]
        for key in [*objects, "poster.jpg", "thumbs/frame.0000000.jpg"]:
            path = tmp_path / key.replace("/", "-")
            await storage.download(storage.media, f"{place}/{key}", path)
            size, found = pixels(path, len(case.bars))
            assert size[0] / size[1] == pytest.approx(case.shown[0] / case.shown[1], rel=0.01), (name, key)
            for got, wanted in zip(found, case.bars, strict=True):
                assert max(abs(a - b) for a, b in zip(got, wanted, strict=True)) <= case.near, (name, key, got, wanted)
            if key == "poster.jpg":
                assert (name, size) == (name, case.shown)


async def test_hdr_files_of_phones_have_a_white_that_is_white(studio: Studio, tmp_path: Path) -> None:
    source = (ODD / "hdr10-pq-reference-white-203nit.mp4").read_bytes()
    video = await studio.upload(source, "hdr.mp4")
    assert (await studio.until(video["id"], "ready", "failed"))["status"] == "ready"
    for key in ("hls/master_360p_00001.ts", "poster.jpg"):
        path = tmp_path / key.replace("/", "-")
        await studio.deps.storage.download(studio.deps.storage.media, f"vod/{video['id']}/1/{key}", path)
        _, found = pixels(path, 5)
        assert sum(max(found)) / 3 == pytest.approx(235, abs=NEAR), key


async def test_the_poster_of_a_file_of_one_picture_or_a_short_picture_is_large(studio: Studio, tmp_path: Path) -> None:
    """Nothing stands a tenth into it: the poster is taken from its start, or from the best quality."""
    command = [ffmpeg.find().ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=0.04"]
    one, longer = tmp_path / "one.mp4", tmp_path / "longer.mp4"
    subprocess.run([*command, *X264, str(one)], check=True, timeout=60)  # noqa: ASYNC221 - a second at most
    sound = ["-f", "lavfi", "-i", "sine=d=10", *X264, "-c:a", "aac", str(longer)]
    subprocess.run([*command, *sound], check=True, timeout=60)  # noqa: ASYNC221 - a second at most
    for source in (one, longer):
        video = await studio.upload(source.read_bytes(), source.name)
        assert (await studio.until(video["id"], "ready", "failed"))["status"] == "ready"
        path = tmp_path / f"{source.stem}.jpg"
        await studio.deps.storage.download(studio.deps.storage.media, f"vod/{video['id']}/1/poster.jpg", path)
        assert pixels(path, 1)[0] == (1280, 720)


def test_tones_rise_and_end_at_white() -> None:
    for transfer in tone.POINTS:
        greys = [tone.shown((tone.light(transfer, s / 50),) * 3, transfer, "bt2020")[0] for s in range(51)]
        assert greys == sorted(greys)
        assert greys[0] == pytest.approx(0, abs=0.01)
        assert greys[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("primaries", tone.TO_709)
def test_grey_stays_grey_and_nothing_leaves_the_screen(primaries: str) -> None:
    for transfer in (*tone.POINTS, "bt709"):
        one = tone.light(transfer, 0.5)
        red, green, blue = tone.shown((one, one, one), transfer, primaries)
        assert max(red, green, blue) - min(red, green, blue) < 0.01
        for rgb in ((one, 0.0, 0.0), (0.0, one, 0.0), (0.0, 0.0, one), (one, one, 0.0)):
            assert all(0 <= part <= 1 for part in tone.shown(rgb, transfer, primaries))


@pytest.mark.parametrize(
    ("stream", "wanted"),
    [
        ({"width": 1280, "height": 720}, color.Color("bt709")),
        ({"width": 720, "height": 576}, color.Color("bt601")),
        ({"width": 640, "height": 360, "color_space": "unknown"}, color.Color("bt601")),
        ({"width": 640, "height": 360, "color_space": "bt709"}, color.Color("bt709")),
        ({"color_transfer": "smpte2084"}, color.Color("bt2020", "smpte2084", "bt2020")),
        ({"color_transfer": tone.PQ, "color_primaries": "smpte432"}, color.Color("bt2020", tone.PQ, "smpte432")),
        ({"height": 720, "color_primaries": "bt2020"}, color.Color("bt709", "bt709", "bt2020")),
    ],
)  # fmt: skip
def test_what_a_source_leaves_out_is_decided_once(stream: dict[str, object], wanted: color.Color) -> None:
    assert color.read(stream) == wanted


def test_a_table_may_lie_under_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "we ird:'x,[y];%d\\z"
    folder.mkdir()
    hdr = color.Color("bt2020", "smpte2084", "bt2020")
    table = color.write_table(hdr, folder / "t.cube")
    command = [ffmpeg.find().ffmpeg, "-v", "error", "-i", str(ODD / "hdr10-pq-reference-white-203nit.mp4")]
    filters = ",".join(color.to_bt709(hdr, 64, 36, table))
    subprocess.run([*command, "-vf", filters, "-frames:v", "1", "-f", "null", "-"], check=True, timeout=60)
    assert color.write_table(color.Color(), folder / "none.cube") is None
