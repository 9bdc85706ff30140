"""The commands: `python -m app COMMAND`. Each does one thing and says what it did."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from app import config, logs


@dataclass(frozen=True)
class Command:
    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


def serve(args: argparse.Namespace) -> int:
    from app.main import announce, build_app, drain
    from app.realtime.server import Server, config_for, listen

    settings = config.load_with_database()
    logs.configure(settings.log_level, settings.log_format)
    app = build_app(settings)
    server = Server(
        config_for(app, settings, app.state.lines),
        announce=lambda: announce(app),
        notice_seconds=settings.stop_notice_seconds,
        drain=lambda: drain(app),
    )
    server.run(sockets=[listen(settings.host, settings.port)] if settings.workers > 1 else None)
    return 0 if server.started else 3


def work(args: argparse.Namespace) -> int:
    """Work queues in a process of their own until SIGTERM or Ctrl-C; jobs get a while to finish."""
    import asyncio

    from uvicorn.loops.auto import auto_loop_factory

    from app.main import run_worker

    settings = config.load_with_database()
    logs.configure(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(run_worker(settings, args.queues or settings.worker_queues))
    return 0


def work_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--queues", help="for example media:2,mail; default WORKER_QUEUES")


def migrate(args: argparse.Namespace) -> int:
    import psycopg

    from app.pg.migrate import MigrationError
    from app.pg.migrate import migrate as run

    try:
        # Not through a pooler: the lock that keeps two migrators apart belongs to a session.
        result = run(config.load_with_database().listen_url)
    except (MigrationError, psycopg.Error) as error:
        print(f"trunkline: migrate stopped: {error}", file=sys.stderr)
        return 1
    print(f"{len(result.migrations)} migrations applied, {len(result.functions)} functions loaded")
    return 0


def local(args: argparse.Namespace) -> int:
    from app.local.up import main as run

    return run(config.load())


def stand_ins(args: argparse.Namespace) -> int:
    from app.local.standins import main as run

    return run(config.load())


def cloud_setup(args: argparse.Namespace) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    from app.clients.cloud_setup import SetupError, set_up

    try:
        for line in set_up(config.load()):
            print(line)
    except (SetupError, BotoCoreError, ClientError) as error:
        print(f"trunkline: cloud-setup stopped: {error}", file=sys.stderr)
        return 1
    return 0


def env(args: argparse.Namespace) -> int:
    from app.env_example import example

    print(example(), end="")
    return 0


def errors(args: argparse.Namespace) -> int:
    from app.errors import document

    print(document(), end="")
    return 0


def openapi(args: argparse.Namespace) -> int:
    import json

    from app.routes import ENDPOINTS
    from app.routes.openapi import document

    print(json.dumps(document(ENDPOINTS, config.load().public_url)))
    return 0


def restored(args: argparse.Namespace) -> int:
    """After a restore from a backup, while no process runs."""
    import psycopg

    from app.pg.admin import restored as run

    try:
        # It needs the functions of this release; a backup may be of an older one.
        found = run(config.load_with_database().listen_url, args.end_sessions)
    except psycopg.Error as error:
        print(f"trunkline: restored stopped (python -m app migrate comes first): {error}", file=sys.stderr)
        return 1
    print(f"new era: pages that followed the database before load again; its newest event is of {found.newest_at}")
    print(f"paused: {', '.join(found.queues)}; {found.waiting} jobs wait, {found.running} were running")
    print(f"sessions that hold: {found.sessions}" + ("" if args.end_sessions else " (--end-sessions ends them)"))
    if found.processes:
        print(f"{found.processes} processes ran on it a moment ago: stop them; they may have worked jobs again")
    return 0


def restored_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--end-sessions", action="store_true", help="sign everybody out")


def create_admin(args: argparse.Namespace) -> int:
    from app import admin

    print(admin.run(args, config.load_with_database()))
    return 0


def create_admin_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--username", help="asked for when left out")
    parser.add_argument("--email", help="asked for when left out")


def seed(args: argparse.Namespace) -> int:
    from app.local import seed as demo

    try:
        print(demo.run(config.load()))
    except demo.SeedError as error:
        print(f"trunkline: {error}", file=sys.stderr)
        return 1
    return 0


COMMANDS = {
    "serve": Command("run the service", serve),
    "work": Command("work the job queues in a process of their own", work, work_arguments),
    "migrate": Command("bring the database up to date", migrate),
    "restored": Command("after a restore: new era, every queue paused", restored, restored_arguments),
    "local": Command("run everything on this machine, stand-ins included", local),
    "stand-ins": Command("run only transcoder and mail catcher, for containers", stand_ins),
    "seed": Command("add demo people, videos and lives to the running service", seed),
    "cloud-setup": Command("make and verify the buckets, their CORS and lifecycle", cloud_setup),
    "env": Command("print .env.example", env),
    "errors": Command("print docs/errors.md", errors),
    "openapi": Command("print /openapi.json", openapi),
    "create-admin": Command("make an administrator", create_admin, create_admin_arguments),
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m app", description="Trunkline")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        command.arguments(commands.add_parser(name, help=command.help))
    args = parser.parse_args(argv)
    try:
        return COMMANDS[args.command].run(args)
    except config.ConfigError as error:
        print(f"trunkline: {error}", file=sys.stderr)
        return 2
