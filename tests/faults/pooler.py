"""PgBouncer in transaction mode before a test's database."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests.cluster import free_port, run_as
from tests.signals import until

# What our connections say at their start and PgBouncer does not pass on; docs/ops.md names them.
IGNORED = "statement_timeout,idle_in_transaction_session_timeout,synchronous_commit"
PROGRAM = shutil.which("pgbouncer")


@contextlib.asynccontextmanager
async def pooled(dsn: str) -> AsyncIterator[str]:
    """The database's address through a pooler with three connections."""
    assert PROGRAM is not None, "pgbouncer is not installed: run tests/install"
    parts, port = urlsplit(dsn), free_port()
    config = (
        f"[databases]\n* = host=127.0.0.1 port={parts.port} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = 3\nignore_startup_parameters = {IGNORED}\n"
    )
    # It refuses to run as root, and another user may not enter pytest's folder.
    folder = Path(tempfile.mkdtemp(prefix="trunkline-pooler-"))
    process = spawn(write(folder, config))
    try:
        address = f"postgresql://postgres@127.0.0.1:{port}{parts.path}"

        async def answers() -> bool:
            assert process.poll() is None, "pgbouncer ended at once"
            try:
                await (await asyncpg.connect(address, statement_cache_size=0)).close()
            except (OSError, asyncpg.PostgresError):
                return False
            return True

        await until(answers)
        yield address
    finally:
        # Newer versions would wait for their clients when asked to end.
        process.kill()
        process.wait(30)
        shutil.rmtree(folder)


def write(folder: Path, config: str) -> Path:
    path = folder / "pgbouncer.ini"
    path.write_text(config)
    folder.chmod(0o755)
    return path


def spawn(config: Path) -> subprocess.Popen[bytes]:
    process: subprocess.Popen[bytes] = subprocess.Popen(
        # Not the link in our folder, which the other user may not be able to reach.
        [os.path.realpath(str(PROGRAM)), "-q", str(config)],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **run_as(),  # type: ignore[call-overload]
    )
    return process
