"""`python -m app create-admin`: the first administrator, made where the database is reachable."""

from __future__ import annotations

import argparse
import getpass
import sys

from app.auth.names import USERNAME, is_email
from app.auth.passwords import CONTEXT, refuse_weak
from app.config import ConfigError, Settings
from app.errors import AppError
from app.pg.admin import create_admin


def run(args: argparse.Namespace, settings: Settings) -> str:
    """What was done. Raises ConfigError saying what is wrong.

    The password is asked for, or read as one line of standard input; never an argument, which others can see.
    """
    try:
        username = args.username or input("User name: ").strip()
        email = args.email or input("E-mail address: ").strip()
        if not USERNAME.fullmatch(username):
            raise ConfigError("the user name needs 3 to 30 letters, digits or underscores")
        if not is_email(email):
            raise ConfigError(f"{email!r} is not an e-mail address")
        password = read_password()
        refuse_weak(password, username=username, email=email)
        create_admin(settings.database_url, username, email, CONTEXT.hash(password), settings.user_quota_bytes)
    except AppError as error:
        sentences = [f"the {name} {what}" for name, what in (error.fields or {}).items()]
        raise ConfigError("; ".join(sentences) or error.message) from error
    except EOFError:
        raise ConfigError("nothing to read: give --username, --email and the password on standard input") from None
    return f"{username} is an administrator now and can sign in at {settings.public_url}/login"


def read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise ConfigError("the two passwords differ")
    return password
