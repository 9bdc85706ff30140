"""One botocore session for all AWS-shaped services, and its errors in our terms."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from app.errors import unavailable

# What a service answers when it is overloaded or restarting; everything else is a refusal.
BUSY = {
    "InternalError",
    "InternalServerError",
    "InternalServerErrorException",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


def make_session(access_key_id: str, secret_access_key: str) -> AioSession:
    """Keys from the settings; without them the usual chain (environment, instance role)."""
    session = AioSession()
    if access_key_id:
        session.set_credentials(access_key_id, secret_access_key)
    return session


def make_config(*, attempts: int, connect_seconds: float, read_seconds: float, **more: Any) -> AioConfig:
    """Adaptive retries slow down with the service; checksums only where the protocol demands them."""
    return AioConfig(
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        **more,
    )


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_busy(error: ClientError) -> bool:
    return error_code(error) in BUSY or status_of(error) in (429, 500, 502, 503, 504)


@contextlib.asynccontextmanager
async def translated(deadline_seconds: float | None = None) -> AsyncIterator[None]:
    """AppError("unavailable") for a service that is away, busy or slower than the deadline. Refusals pass."""
    try:
        async with asyncio.timeout(deadline_seconds):
            yield
    except ClientError as error:
        if is_busy(error):
            raise unavailable() from error
        raise
    # aiohttp's own: a body that ends early is not wrapped by botocore.
    except (HTTPClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise unavailable() from error
    except BotoCoreError as error:
        # A connection cut in the middle of an answer surfaces under several names.
        if "Connection" in type(error).__name__ or "Incomplete" in type(error).__name__:
            raise unavailable() from error
        raise
