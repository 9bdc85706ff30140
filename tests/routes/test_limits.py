"""What a page may say before anything is sent is what the settings take."""

from __future__ import annotations

import dataclasses

import httpx
import pytest

from app.config import Settings, load


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(
        settings,
        upload_extensions=load({"UPLOAD_EXTENSIONS": "MP4, mxf,"}).upload_extensions,
        upload_max_bytes=60 * 2**30,
        avatar_max_bytes=500_000,
        caption_max_bytes=70_000,
        poster_max_bytes=60_000,
        chat_max_chars=280,
    )


async def test_the_limits_are_those_of_the_settings(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/limits")
    assert answer.json() == {
        "upload_extensions": ["mp4", "mxf"],
        "upload_max_bytes": 60 * 2**30,
        "avatar_max_bytes": 500_000,
        "caption_max_bytes": 70_000,
        "poster_max_bytes": 60_000,
        "chat_max_chars": 280,
        # The same for everybody: texts in the database must fit whatever the settings say.
        "title_max_chars": 150,
        "description_max_chars": 5000,
        "tag_max_chars": 40,
        "max_tags": 20,
        "name_max_chars": 50,
        "bio_max_chars": 1000,
    }
